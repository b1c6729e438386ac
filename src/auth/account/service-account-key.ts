import { AuthError } from '../../errors.ts'
import { originOf } from '../../transport/origin.ts'
import { DEFAULT_UNIVERSE } from '../../transport/origin-policy.ts'

/** The members of a service account's key file that are used. */
export interface ServiceAccountKey {
  readonly type: 'service_account'
  readonly client_email: string
  readonly private_key: string
  readonly private_key_id?: string
  readonly token_uri?: string
  readonly project_id?: string
  readonly universe_domain?: string
}

/** Where an assertion is exchanged when the key does not say. */
export const GOOGLE_TOKEN_URI = 'https://oauth2.googleapis.com/token'

/**
 * Takes a key file's content for a service account's key. Line ends of the private key may be written as `\n`.
 * @param from what the content came from, for errors
 * @param universeDomain the domain whose token endpoints are trusted; a file cannot name one of its own
 * @throws {AuthError} reason `invalid_key_file`. Nothing of the content is in the message.
 */
export function parseServiceAccountKey(
  content: unknown,
  from: string,
  universeDomain: string = DEFAULT_UNIVERSE,
): ServiceAccountKey {
  const key = (
    typeof content === 'string' ? parseJson(content) : content
  ) as Partial<ServiceAccountKey> | null
  if (typeof key !== 'object' || key === null) throw invalidKey(from, 'is not a JSON object')
  const { type = 'service_account' }: { type?: unknown } = key // which some leave out
  if (type !== 'service_account')
    throw invalidKey(from, `has the type '${String(/^[\w-]{1,40}$/.exec(type as string))}'`)
  const bad = MEMBERS.filter((name, i) => {
    const value: unknown = key[name]
    return typeof value === 'string' ? i !== 1 && !PLAIN_TEXT.test(value) : i < 2 || value !== undefined
  })
  if (bad.length > 0) throw invalidKey(from, `lacks ${bad.join(' and ')}, or it is no plain text`)
  const privateKey = key.private_key!.replaceAll('\\n', '\n').trim()
  if (!PEM.test(privateKey)) throw invalidKey(from, 'has a private_key that is not a PEM block')
  checkUniverse(key.universe_domain, from, universeDomain)
  checkTokenUri(key.token_uri, from, universeDomain)
  return { ...(key as ServiceAccountKey), private_key: `${privateKey}\n` }
}

/** The texts of a key. The first two must be there; that of the private key has lines. */
const MEMBERS = ['client_email', 'private_key', 'private_key_id', 'project_id', 'universe_domain'] as const
const PEM = /^-----BEGIN (RSA )?PRIVATE KEY-----\r?\n[^]+\n-----END \1?PRIVATE KEY-----$/
const PLAIN_TEXT = /^\P{Cc}{1,500}$/u

/**
 * A token endpoint is one that Google is known to have, or one on this machine: below Google's domain there is more, and some of
 * it keeps what it is sent.
 * @throws {AuthError} reason `origin_not_allowed`, for an address that may not see an assertion.
 */
export function checkTokenUri(tokenUri: unknown, from: string, universeDomain: string): void {
  if (tokenUri === undefined) return
  const named = typeof tokenUri === 'string' ? tokenUri : ''
  const address = named === OLD_TOKEN_URI ? GOOGLE_TOKEN_URI : named
  const { host, loopback } = originOf(address) ?? { host: 'no plain address' }
  const isTheirs = loopback || GOOGLES.test(address.replace(`.${universeDomain}/`, ' /'))
  if (!isTheirs || !ENDPOINT.test(address))
    throw new AuthError(
      `${from} has a token_uri at ${host}, which is no token endpoint of ${universeDomain} over https`,
      { reason: 'origin_not_allowed' },
    )
}

/** That of files of long ago. It is still there. */
const OLD_TOKEN_URI = 'https://accounts.google.com/o/oauth2/token'
const ENDPOINT = /^[^?# ]*\/(oauth)?token$/
/** For all, on a private network, for clients with a certificate, in a region; and one of old. A space stands for the universe. */
const GOOGLES =
  /^https:\/\/((oauth2|sts)(\.(private|mtls|[\w-]+\.rep)|-[\w-]+\.p)? |www \/oauth2\/v[34]\/token$)/

/** @throws {AuthError} reason `invalid_key_file`, for a file of another universe than the one in use. */
export function checkUniverse(named: string | undefined, from: string, universeDomain: string): void {
  if (named !== undefined && named !== universeDomain)
    throw invalidKey(from, `is of the universe ${named}; pass universeDomain: '${named}'`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '')) // some editors begin a file with a mark
  } catch {
    return undefined // the error's own text repeats a piece of the file
  }
}

/** The error of a file or a text that is no credential. */
export function invalidKey(from: string, what: string): AuthError {
  return new AuthError(`${from} ${what}`, { reason: 'invalid_key_file' })
}
