import { type Problem, ValidationError } from '../../errors.ts'
import { isVisibleText } from '../tokens/visible-text.ts'
import type { SavedLogin } from './login-store.ts'
import { fromOthers, isOfOthers } from './other-shapes.ts'
import { isTokenText } from './supplied-token.ts'
import { clientProblems } from './user-client.ts'

/**
 * Reads a login: our own, `UserCreds` of aiogoogle, an `authorized_user` file of gcloud or google-auth, `Credentials` of googleapis, or the
 * answer of a token endpoint. Times without a zone are UTC. Members that nobody knows are kept as they are.
 *
 * ```ts
 * import { userTokens } from 'discokit/auth'
 *
 * const { accessToken, expiresAt, scopes } = userTokens(process.env.TOKENS ?? '')
 * console.log(accessToken !== undefined, expiresAt, scopes)
 * ```
 *
 * @param content an object, or its JSON text of at most 1,048,576 characters. It may come from anywhere
 * @returns a copy: plain JSON
 * @throws {ValidationError} with all that is wrong with it, and nothing of what stands in it.
 */
export function readSavedLogin(content: object | string): SavedLogin {
  const members = parse(content)
  const problems: Problem[] = []
  const login: Record<string, unknown> = isOfOthers(members) ? fromOthers(members, problems) : members
  if (typeof login['scopes'] === 'string') login['scopes'] = login['scopes'].split(' ').filter(Boolean)
  for (const [name, [isGood, message]] of Object.entries(MEMBERS)) {
    const value = login[name]
    if (value === undefined || value === null) delete login[name]
    else if (!isGood(value)) problems.push({ path: name, message })
  }
  const { accessToken, refreshToken, client } = login
  if (accessToken === undefined && refreshToken === undefined)
    problems.push({ path: 'tokens', message: 'must have an access token or a refresh token' })
  if (client !== undefined) problems.push(...clientProblems(client, 'client'))
  if (problems.length > 0) throw new ValidationError(WHAT, problems)
  return login
}

const WHAT = 'the tokens of a person cannot be read'
const MAX_LENGTH = 1_048_576
const TIME = 'must be a time in milliseconds since 1970'

const MEMBERS: Readonly<Record<keyof SavedLogin, readonly [(value: unknown) => boolean, string]>> = {
  accessToken: [isVisibleText, 'must be the text of a token'],
  refreshToken: [isVisibleText, 'must be the text of a token'],
  idToken: [isTokenText, 'must be the text of a token'],
  expiresAt: [Number.isFinite, TIME],
  refreshTokenExpiresAt: [Number.isFinite, TIME],
  scopes: [(value) => Array.isArray(value) && value.every(isVisibleText), 'must be a list of scopes'],
  claims: [isObject, 'must be the claims of an ID token'],
  client: [() => true, ''], // has members of its own
  refreshing: [isLease, 'must say by whom, and until when'],
}

/** Only what JSON can hold, as an object with members. */
function parse(content: object | string): Record<string, unknown> {
  let members: unknown
  try {
    const text = typeof content === 'string' ? content.replace(/^\uFEFF/, '') : JSON.stringify(content)
    members = text.length > MAX_LENGTH ? undefined : JSON.parse(text)
  } catch {
    members = undefined // the error's own text repeats a piece of it
  }
  if (isObject(members)) return members
  const message = 'must be an object, or the JSON text of one, of at most 1 MiB'
  throw new ValidationError(WHAT, [{ path: 'tokens', message }])
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isLease(value: unknown): boolean {
  return isObject(value) && typeof value['by'] === 'string' && Number.isFinite(value['until'])
}
