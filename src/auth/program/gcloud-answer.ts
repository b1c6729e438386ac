import { AuthError } from '../../errors.ts'
import { type Members, membersOf } from '../subject-token/credential-source-members.ts'
import type { AccessToken } from '../tokens/token-cache.ts'
import { readToken } from '../tokens/token-endpoint.ts'

/**
 * What gcloud prints: its configuration, `{ credential: { access_token, token_expiry } }`, or a new token alone, `{ token }`.
 */
export type GcloudAnswer = 'configuration' | 'token'

/**
 * Takes the token out of what gcloud prints. A token whose end it does not say is asked for again after a few minutes, but a
 * new one is good for an hour.
 * @param now milliseconds since 1970
 * @throws {AuthError} reason `gcloud`. Nothing of the text is in the message.
 */
export function readGcloudAnswer(text: string, form: GcloudAnswer, now: number): AccessToken {
  const bad = (why: string): AuthError =>
    new AuthError(`gcloud answered, but ${why}; try gcloud auth login`, { reason: 'gcloud' })
  const answer = membersOf(parse(text, bad)) ?? {}
  if (form === 'token') return readToken({ access_token: answer['token'] }, bad)
  const credential: Members = membersOf(answer['credential']) ?? {}
  const { access_token, token_expiry: expiry } = credential
  return readToken({ access_token, expires_in: secondsUntil(expiry, now, bad) }, bad)
}

const ASSUMED_LIFETIME_S = 300

function secondsUntil(expiry: unknown, now: number, bad: (why: string) => AuthError): number {
  if (expiry === undefined || expiry === null || expiry === '') return ASSUMED_LIFETIME_S
  const isTime = typeof expiry === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(expiry)
  const end = isTime ? Date.parse(expiry) : NaN
  if (Number.isNaN(end)) throw bad('it does not say when the token ends')
  return (end - now) / 1_000
}

function parse(text: string, bad: (why: string) => AuthError): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw bad('it is not JSON') // the error's own text repeats a piece of the answer
  }
}
