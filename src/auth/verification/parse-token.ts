import { fromBase64, toBase64Url } from '../../protocol/base64.ts'
import { refusal } from './refusal.ts'

/** The parts of a token that can be read before its signature is checked, and must not be believed before. */
export interface ParsedToken {
  readonly algorithm: string
  /** Of a token that names its key. */
  readonly keyId: string | undefined
  readonly claims: Readonly<Record<string, unknown>>
}

/**
 * Reads a signed JWT in its compact form (RFC 7515 section 7.1, RFC 7519 section 7.2).
 * @throws {AuthError} reason `malformed_token`
 */
export function parseToken(token: unknown): ParsedToken {
  if (typeof token !== 'string') throw malformed('it is no text')
  if (/^bearer /i.test(token)) throw malformed("it begins with 'Bearer ', which is not part of it")
  if (token.length > MAX_LENGTH) throw malformed(`it is longer than ${MAX_LENGTH} characters`)
  const segments = token.split('.', MOST_SEGMENTS)
  if (segments.length !== 3)
    throw malformed('a signed JWT has three segments; access tokens and API keys are no ID tokens')
  const header = parseObject(segments[0]!, 'header')
  const claims = parseObject(segments[1]!, 'payload')
  decode(segments[2]!, 'signature')
  return { ...readHeader(header), claims }
}

const MAX_LENGTH = 16_384
const MOST_SEGMENTS = 4

/** Of the header nothing is used but these: keys in it (`jwk`, `jku`, `x5u`, `x5c`) are whoever's wrote it. */
function readHeader({
  alg,
  kid,
  crit,
  typ = 'JWT',
}: Readonly<Record<string, unknown>>): Pick<ParsedToken, 'algorithm' | 'keyId'> {
  if (typeof alg !== 'string') throw malformed('its header names no algorithm')
  if (kid !== undefined && typeof kid !== 'string') throw malformed('its header has a kid that is no text')
  // RFC 7515 section 4.1.11: what is critical and not understood makes it invalid, and an ID token has no such thing.
  if (crit !== undefined) throw malformed('its header has critical extensions (crit)')
  // RFC 8725 section 3.11: other tokens, such as access tokens, say that they are.
  if (typeof typ !== 'string' || !/^(application\/)?jwt$/i.test(typ))
    throw malformed('its header says that it is another kind of token (typ)')
  return { algorithm: alg, keyId: kid }
}

function parseObject(segment: string, name: string): Record<string, unknown> {
  const bytes = decode(segment, name)
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw malformed(`its ${name} is not JSON`) // the error's own text repeats a piece of it
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed(`its ${name} is not a JSON object`)
  return value as Record<string, unknown>
}

/** Strictly, so that one token has one form: unpadded, and no bits left over. */
function decode(segment: string, name: string): Uint8Array {
  try {
    const bytes = fromBase64(segment)
    if (bytes.length > 0 && toBase64Url(bytes) === segment) return bytes
  } catch {
    // below
  }
  throw malformed(`its ${name} is not base64url`)
}

function malformed(why: string): ReturnType<typeof refusal> {
  return refusal('malformed_token', why)
}
