import { AuthError } from '../../errors.ts'
import { parseOrigin, splitOrigin } from '../../transport/origin.ts'
import { DEFAULT_UNIVERSE, isAllowed } from '../../transport/origin-policy.ts'

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
    typeof content === 'string' ? parseJson(content, from) : content
  ) as Partial<ServiceAccountKey> | null
  if (typeof key !== 'object' || key === null) throw invalidKey(from, 'is not a JSON object')
  const type: unknown = key.type
  if (type !== 'service_account') {
    const found =
      typeof type === 'string' && /^[\w-]{1,40}$/.test(type) ? `has the type '${type}'` : 'has no type'
    throw invalidKey(from, `${found}, and not 'service_account'`)
  }
  const missing = (['client_email', 'private_key'] as const).filter((name) => typeof key[name] !== 'string')
  if (missing.length > 0) throw invalidKey(from, `lacks ${missing.join(' and ')}`)
  const privateKey = key.private_key!.replaceAll('\\n', '\n').trim()
  if (
    !/^-----BEGIN (RSA )?PRIVATE KEY-----\n[\s\S]+\n-----END \1?PRIVATE KEY-----$/.test(
      privateKey.replaceAll('\r', ''),
    )
  ) {
    throw invalidKey(from, 'has a private_key that is not a PEM block')
  }
  checkTokenUri(key.token_uri, from, universeDomain)
  return { ...(key as ServiceAccountKey), private_key: `${privateKey}\n` }
}

/** @throws {AuthError} for an address that may not see an assertion. */
export function checkTokenUri(tokenUri: unknown, from: string, universeDomain: string): void {
  if (tokenUri === undefined) return
  const { origin = '' } = (typeof tokenUri === 'string' && splitOrigin(tokenUri)) || {}
  // Below Google's domain there is more than token endpoints, and some of it keeps what it is sent.
  if (!origin || !/^[^?#]*\/(oauth)?token$/.test(tokenUri as string))
    throw invalidKey(from, 'has a token_uri that is no token endpoint')
  const host = parseOrigin(origin)
  if (!host?.loopback && !isAllowed(origin, { universeDomain, origins: [] }))
    throw new AuthError(
      `${from} has a token_uri at ${host?.host ?? 'no plain address'}, which is not below ${universeDomain} over https`,
      { reason: 'origin_not_allowed' },
    )
}

function parseJson(text: string, from: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '')) // some editors begin a file with a mark
  } catch {
    // The error's own text repeats a piece of the file.
    throw invalidKey(from, 'is not JSON')
  }
}

/** The error of a file or a text that is no credential. */
export function invalidKey(from: string, what: string): AuthError {
  return new AuthError(`${from} ${what}`, { reason: 'invalid_key_file' })
}
