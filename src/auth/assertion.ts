import { toBase64Url } from '../protocol/base64.ts'
import type { Signer } from './signer.ts'

/** What an assertion says (RFC 7523 section 3). Members that are undefined are left out. */
export interface AssertionClaims {
  readonly iss: string
  readonly aud?: string | undefined
  readonly scope?: string | undefined
  readonly sub?: string | undefined
  /** Further claims; they win over the ones above. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined
}

/**
 * A signed assertion, good for an hour: the longest that Google accepts.
 * @param now milliseconds since 1970
 */
export async function signAssertion(
  { claims, ...own }: AssertionClaims,
  { keyId: kid, sign }: Signer,
  now: number,
): Promise<string> {
  const iat = Math.floor(now / 1_000)
  const header = { alg: 'RS256', typ: 'JWT', kid }
  const payload = { ...own, iat, exp: iat + LIFETIME_S, ...claims }
  const signed = `${toBase64Url(JSON.stringify(header))}.${toBase64Url(JSON.stringify(payload))}`
  return `${signed}.${toBase64Url(await sign(new TextEncoder().encode(signed)))}`
}

const LIFETIME_S = 3_600
