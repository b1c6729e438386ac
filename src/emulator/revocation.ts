import type { HttpResponse } from '../protocol/http.ts'
import { type FormRequest, formField, readForm } from './form.ts'
import { answerGrant, GrantFailure } from './grant-failure.ts'
import type { Identity } from './identity.ts'
import type { Grant } from './refresh-tokens.ts'

/**
 * Answers `POST /revoke` (RFC 7009): the token in the form, or in the address, is worth nothing from now on. A person's consent
 * ends with it, and all tokens that came of that. Unlike the RFC, and like Google, it refuses what is no token.
 */
export function answerRevocation(
  { tokens, refreshTokens, signIn }: Identity,
  request: FormRequest,
  query: URLSearchParams,
): Promise<HttpResponse> {
  return answerGrant(async () => {
    const text = query.get('token') ?? formField(await readForm(request), 'token')
    const token = tokens.find(text)
    const consent = token ? token.consent : refreshTokens.consentOf(text)
    if (!token && !consent) throw new GrantFailure('invalid_token', 'Token expired or revoked')
    if (consent) endConsent({ tokens, refreshTokens, signIn }, consent)
    else tokens.revoke((each) => each === token)
    return {}
  })
}

/** Ends what a person let a client do: all tokens that came of it, and that nobody is asked again. */
function endConsent({ tokens, refreshTokens, signIn }: Ends, consent: Grant): void {
  const { clientId, email } = consent
  const isMeant = (each: Grant | undefined): boolean =>
    each === consent || (clientId !== undefined && each?.clientId === clientId && each.email === email)
  refreshTokens.revoke(isMeant)
  tokens.revoke((each) => isMeant(each.consent))
  if (clientId !== undefined) signIn.consents.forget(clientId, email)
}

type Ends = Pick<Identity, 'tokens' | 'refreshTokens' | 'signIn'>
