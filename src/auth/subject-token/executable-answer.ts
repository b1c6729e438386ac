import { type Members, membersOf } from './credential-source-members.ts'
import { saidByProgram } from '../program/said-by-program.ts'
import { noToken } from './subject-token-format.ts'

/** How an answer of a program is to be read. */
export interface AnswerReading {
  /** What it came from, for errors. */
  readonly place: string
  /** Of what type the file says that the token is. */
  readonly subjectTokenType: string
  /** Whether it is kept in a file, so that it has to say when it ends. */
  readonly isKept: boolean
  /** Milliseconds since 1970. */
  readonly now: number
}

/**
 * Takes the token out of what a program answers: `{ version: 1, success: true, token_type, id_token, expiration_time }`, with
 * `saml_response` in place of `id_token` for SAML. A token that ends must do so in the future.
 * @throws {AuthError} reason `subject_token`. Of the answer only the `code` and the `message` of a failure are in its message.
 */
export function readExecutableAnswer(text: string, reading: AnswerReading): string {
  const { place } = reading
  const answer = parse(text)
  if (!answer) throw noToken(`${place} is no JSON object`)
  const { version, success } = answer
  if (typeof version !== 'number') throw noToken(`${place} lacks version`)
  if (version !== 1) throw noToken(`${place} is not of version 1, the only one that is known`)
  if (success === false) throw failure(answer, place)
  if (success !== true) throw noToken(`${place} lacks success`)
  checkEnd(answer['expiration_time'] ?? undefined, reading)
  return tokenOf(answer, reading)
}

function parse(text: string): Members | undefined {
  try {
    return membersOf(JSON.parse(text.replace(/^\uFEFF/, '')))
  } catch {
    return undefined // the error's own text repeats a piece of the answer
  }
}

function failure({ code, message }: Members, place: string): Error {
  const isSaid = typeof code === 'string' && typeof message === 'string' && code !== '' && message !== ''
  if (!isSaid) return noToken(`${place} tells of a failure without code and message`)
  return noToken(`${place} tells of a failure: ${saidByProgram(code, 40)}: ${saidByProgram(message, 300)}`)
}

function checkEnd(end: unknown, { place, isKept, now }: AnswerReading): void {
  if (end === undefined) {
    if (isKept) throw noToken(`${place} lacks expiration_time, which it must have with an output_file`)
    return
  }
  if (typeof end !== 'number' || !Number.isFinite(end))
    throw noToken(`${place} has an expiration_time that is no number of seconds`)
  if (end * 1_000 <= now) throw noToken(`${place} has expired already`)
}

const TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:'
/** Where a token of each type stands. */
const MEMBERS = new Map([
  [`${TOKEN_TYPE}jwt`, 'id_token'],
  [`${TOKEN_TYPE}id_token`, 'id_token'],
  [`${TOKEN_TYPE}saml2`, 'saml_response'],
])

function tokenOf(answer: Members, { place, subjectTokenType }: AnswerReading): string {
  const name = MEMBERS.get(String(answer['token_type']))
  if (name === undefined)
    throw noToken(`${place} has no token_type that is known: ${[...MEMBERS.keys()].join(', ')}`)
  const expected = MEMBERS.get(subjectTokenType) ?? name
  if (name !== expected)
    throw noToken(`${place} has ${name}, and not ${expected} as the subject_token_type of its file says`)
  const token = answer[name]
  if (typeof token !== 'string' || token.trim() === '') throw noToken(`${place} lacks ${name}`)
  return token.trim()
}
