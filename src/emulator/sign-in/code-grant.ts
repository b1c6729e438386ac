import { toBase64Url } from '../../protocol/base64.ts'
import { formField } from '../form.ts'
import { GrantFailure } from '../grant-failure.ts'
import type { Identity } from '../identity.ts'
import type { AuthorizationCode, CodeChallenge } from './codes.ts'

/**
 * What a code stands for that its client shows (RFC 6749 section 4.1.3, RFC 7636 section 4.6). It is used up by it; a second
 * use takes back all that came of the first.
 * @throws {GrantFailure}
 */
export async function useCode(
  { signIn: { codes }, tokens, refreshTokens }: Identity,
  clientId: string,
  fields: URLSearchParams,
): Promise<AuthorizationCode> {
  const text = formField(fields, 'code')
  const code = codes.find(text)
  if (code?.clientId !== clientId || code.isExpired)
    throw new GrantFailure('invalid_grant', 'The code is none of this client, or has expired.')
  const refuseUsed = (): void => {
    if (!codes.find(text)?.isUsed) return
    refreshTokens.revoke((each) => each === code.grant)
    tokens.revoke(({ consent }) => consent === code.grant)
    throw new GrantFailure('invalid_grant', 'The code was used already; what it gave is taken back.')
  }
  refuseUsed()
  if (formField(fields, 'redirect_uri') !== code.redirectUri)
    throw new GrantFailure('redirect_uri_mismatch', 'The redirect URI is not the one of the request.')
  const verifier = fields.get('code_verifier')
  if (!(await isVerified(code.challenge, verifier)))
    throw new GrantFailure(
      'invalid_grant',
      verifier === null ? 'Missing code verifier.' : 'Invalid code verifier.',
    )
  // Others may have come while the verifier was checked.
  refuseUsed()
  codes.use(text)
  return code
}

/** A verifier without a challenge is refused as well: somebody may have taken the challenge away (RFC 9700 section 4.8). */
async function isVerified(challenge: CodeChallenge | undefined, verifier: string | null): Promise<boolean> {
  if (!challenge) return verifier === null
  if (verifier === null || !/^[\w.~-]{43,128}$/.test(verifier)) return false
  if (challenge.method === 'plain') return verifier === challenge.value
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  return toBase64Url(new Uint8Array(hash)) === challenge.value
}
