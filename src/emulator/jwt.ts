import { fromBase64, toBase64Url } from '../protocol/base64.ts'
import { isJsonObject, type JsonObject } from './service.ts'
import { RS256, signBytes, type SigningKeys } from './signing.ts'

/** The parts of a JWT, nothing of them checked. */
export interface Jwt {
  /** Undefined when the segment is not base64url or not an object. */
  readonly header: JsonObject | undefined
  readonly claims: JsonObject | undefined
  /** What the signature is over. */
  readonly signed: string
  /** In base64url. */
  readonly signature: string
}

/** Takes a JWT (RFC 7519) apart; undefined for a text that has not three segments. */
export function decodeJwt(text: string): Jwt | undefined {
  const segments = text.split('.')
  if (segments.length !== 3) return undefined
  const [header, claims, signature] = segments as [string, string, string]
  return {
    header: decodeJson(header),
    claims: decodeJson(claims),
    signed: `${header}.${claims}`,
    signature,
  }
}

/** A JWT of claims, given as JSON text. */
export async function signJwt(keys: SigningKeys, claims: string): Promise<string> {
  const header = JSON.stringify({ alg: 'RS256', kid: keys.keyId, typ: 'JWT' })
  const signed = `${toBase64Url(header)}.${toBase64Url(claims)}`
  return `${signed}.${toBase64Url(await signBytes(keys, new TextEncoder().encode(signed)))}`
}

/** Whether one of the keys signed a JWT, or the one that its header names. */
export async function isSignedBy(keys: readonly SigningKeys[], jwt: Jwt): Promise<boolean> {
  const bytes = decodeBytes(jwt.signature)
  if (!bytes) return false
  const data = new TextEncoder().encode(jwt.signed)
  const named = keys.filter(({ keyId }) => (jwt.header?.kid ?? keyId) === keyId)
  const verdicts = await Promise.all(
    // The bytes are freshly made and not shared, which the type cannot say.
    named.map(({ publicKey }) =>
      crypto.subtle.verify(RS256.name, publicKey, bytes as Uint8Array<ArrayBuffer>, data),
    ),
  )
  return verdicts.includes(true)
}

function decodeJson(segment: string): JsonObject | undefined {
  const bytes = decodeBytes(segment)
  if (!bytes) return undefined
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function decodeBytes(segment: string): Uint8Array | undefined {
  try {
    return fromBase64(segment)
  } catch {
    return undefined
  }
}
