import { fromBase64, toBase64Url } from '../protocol/base64.ts'
import type { IdTokenClaims } from '../auth/verification/id-token-claims.ts'
import { verifyIdToken } from '../auth/verify-id-token.ts'
import { AuthError } from '../errors.ts'
import type { CredentialsContext } from '../transport/credentials.ts'
import type { ClientSettings } from './client-options.ts'
import { isGoogle } from './provider.ts'

/** What an ID token came with, and what it must therefore say. */
export interface ExpectedIdToken {
  /** That of the request. Where none was sent, the token may have none. */
  readonly nonce?: string | undefined
  /** Whether one without a nonce will do: of a renewal. */
  readonly mayLackNonce?: boolean
  /** The domain that was asked for, or `*` for any. */
  readonly hostedDomain?: string | undefined
  readonly accessToken: string
  readonly code?: string
  readonly state?: string
  /** Whom an earlier token was about. */
  readonly sub?: string | undefined
}

/**
 * Verifies an ID token that the token endpoint gave: as `verifyIdToken` does, and against what it came with (OpenID Connect
 * Core sections 3.1.3.7, 3.1.3.8 and 12.2).
 * @throws {AuthError} when it is not accepted.
 */
export async function verifyLogin(
  idToken: string,
  { clientId, provider }: ClientSettings,
  expected: ExpectedIdToken,
  { transport, clock, call }: CredentialsContext,
): Promise<IdTokenClaims> {
  const { nonce, mayLackNonce, hostedDomain, sub } = expected
  if (provider.jwks_uri === undefined)
    throw new AuthError(`the provider ${provider.issuer} has no jwks_uri to verify ID tokens with`, {
      reason: 'no_endpoint',
    })
  const claims = await verifyIdToken(idToken, {
    audience: clientId,
    jwksUri: provider.jwks_uri,
    ...(isGoogle(provider) ? {} : { issuers: [provider.issuer] }),
    ...(nonce !== undefined && !mayLackNonce && { nonce }),
    ...(hostedDomain !== undefined && hostedDomain !== '*' && { hostedDomain }),
    transport,
    clock,
    signal: call.signal,
  })
  if (claims.nonce !== undefined && claims.nonce !== nonce)
    throw refused('wrong_nonce', 'it has a nonce that was not sent')
  if (hostedDomain === '*' && !claims.hd)
    throw refused('wrong_hosted_domain', 'its account is of no hosted domain')
  if (claims.azp !== undefined && claims.azp !== clientId)
    throw refused('wrong_audience', 'another client asked for it (azp)')
  if (sub !== undefined && claims.sub !== sub)
    throw refused('wrong_subject', 'it is about another person than the one before')
  await checkHashes(idToken, claims, expected)
  return claims
}

function refused(reason: string, why: string): AuthError {
  return new AuthError(`the ID token was not accepted: ${why}`, { reason })
}

/** A token that says which others belong to it must be right: else one of them was exchanged on the way. */
async function checkHashes(
  idToken: string,
  claims: IdTokenClaims,
  { accessToken, code, state }: ExpectedIdToken,
): Promise<void> {
  const digest = digestOf(idToken)
  const pairs = [
    ['at_hash', accessToken],
    ['c_hash', code],
    ['s_hash', state],
  ] as const
  for (const [name, text] of pairs) {
    const said = claims[name]
    if (said === undefined || text === undefined) continue
    if (said !== (await leftHalf(digest, text)))
      throw refused('wrong_token_hash', `its ${name} is not of what it came with`)
  }
}

/** The hash that the signature uses; the header was read and the signature checked before. */
function digestOf(idToken: string): string {
  const header = JSON.parse(new TextDecoder().decode(fromBase64(idToken.split('.', 1)[0]!))) as {
    alg: string
  }
  return `SHA-${header.alg.slice(2)}`
}

async function leftHalf(digest: string, text: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest(digest, new TextEncoder().encode(text)))
  return toBase64Url(hash.subarray(0, hash.length / 2))
}
