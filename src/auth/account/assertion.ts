import { toBase64Url } from '../../protocol/base64.ts'
import type { CredentialsContext } from '../../transport/credentials.ts'
import type { Signer } from '../signer.ts'

/** What an assertion says (RFC 7523 section 3). Members that are undefined are left out. */
export interface AssertionClaims {
  readonly iss: string
  readonly aud?: string | undefined
  readonly scope?: string | undefined
  readonly sub?: string | undefined
  readonly jti?: string | undefined
  /** Further claims; they win over the ones above. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined
}

const LIFETIME_S = 3_600

/**
 * A signed assertion, good for an hour: the longest that Google accepts.
 * @param more further members of the header
 */
export async function signAssertion(
  { claims, ...own }: AssertionClaims,
  signer: Signer,
  context: CredentialsContext,
  more?: Readonly<Record<string, unknown>>,
): Promise<string> {
  const iat = Math.floor(context.clock.now() / 1_000)
  const header = { alg: signer.algorithm ?? 'RS256', typ: 'JWT', kid: signer.keyId, ...more }
  const payload = { ...own, iat, exp: iat + LIFETIME_S, ...claims }
  const signed = `${toBase64Url(JSON.stringify(header))}.${toBase64Url(JSON.stringify(payload))}`
  return `${signed}.${toBase64Url(await signer.sign(new TextEncoder().encode(signed), context))}`
}
