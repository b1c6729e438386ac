/** Scenarios 89, 92 and 95: how long ID tokens are used, wherever they come from. */
import { AuthError, type Clock } from 'discokit'
import {
  accessToken,
  type Credentials,
  idTokenCredentials,
  impersonated,
  metadataCredentials,
} from 'discokit/auth'
import { describe, expect, test } from 'vitest'
import { scripted, SERVICE } from '../endpoint.ts'
import { keyFile } from '../keys.ts'

const NOW = 1_767_225_600_000
const ROBOT = 'robot@p.iam.gserviceaccount.com'
const segment = (content: object): string => Buffer.from(JSON.stringify(content)).toString('base64url')

/** An ID token that was made and ends so many seconds from now. */
function idToken(madeIn: number, endsIn: number): string {
  const claims = { iat: NOW / 1_000 + madeIn, exp: NOW / 1_000 + endsIn }
  return `${segment({ alg: 'RS256' })}.${segment(claims)}.c2ln`
}

const sources: [string, () => Credentials, (token: string) => string][] = [
  ['a metadata server', () => metadataCredentials().idToken(SERVICE), (token) => token],
  [
    'a token endpoint',
    () => idTokenCredentials({ key: keyFile(), targetAudience: SERVICE }),
    (id_token) => JSON.stringify({ id_token }),
  ],
  [
    'IAM',
    () => impersonated({ source: accessToken('source'), serviceAccount: ROBOT }).idToken(SERVICE),
    (token) => JSON.stringify({ token }),
  ],
]

describe.each(sources)('an ID token of %s', (_, credentials, answerWith) => {
  /** A source that has one token and a service that is called with it. */
  function calling(token: string) {
    let now = NOW
    const clock: Clock = { now: () => now }
    const at = scripted(() => ({ headers: { 'metadata-flavor': 'Google' }, text: answerWith(token) }))
    const fetch = at.fetch(credentials(), clock)
    const callAfter = (ms: number) => ((now = NOW + ms), fetch(SERVICE).catch((error: unknown) => error))
    return { at, callAfter }
  }

  test('[89] [95] that ended an hour ago is none, though it was made for an hour', async () => {
    const token = idToken(-7_200, -3_600)
    const { at, callAfter } = calling(token)
    const error = await callAfter(0)
    expect(error).toBeInstanceOf(AuthError)
    expect(error).toMatchObject({ reason: 'unreadable_answer' })
    expect((error as AuthError).message).toContain('has expired already')
    expect((error as AuthError).message).not.toContain(token)
    expect(at.calls).toEqual([])
  })

  test('[92] [95] that was kept for most of its life is used for the rest', async () => {
    const { at, callAfter } = calling(idToken(-3_500, 100))
    for (const ms of [0, 60_000, 74_000]) await callAfter(ms)
    expect(at.asked).toHaveLength(1)
    expect(at.calls).toHaveLength(3)
    expect(await callAfter(101_000)).toMatchObject({ reason: 'unreadable_answer' })
    expect(at.asked).toHaveLength(2)
    expect(at.calls).toHaveLength(3)
  })

  test('[95] that a clock made which is two minutes ahead is used for as long as it lives', async () => {
    const { at, callAfter } = calling(idToken(120, 120 + 3_600))
    for (const ms of [0, 3_370_000]) await callAfter(ms)
    expect(at.asked).toHaveLength(1)
    await callAfter(3_380_000)
    await expect.poll(() => at.asked.length).toBe(2)
  })

  test('[95] that says nothing of when it was made is used to its end', async () => {
    const token = `${segment({})}.${segment({ exp: NOW / 1_000 + 100 })}.c2ln`
    const { at, callAfter } = calling(token)
    for (const ms of [0, 74_000]) await callAfter(ms)
    expect(at.asked).toHaveLength(1)
    expect(await callAfter(101_000)).toBeInstanceOf(AuthError)
  })
})
