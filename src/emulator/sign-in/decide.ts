import type { ClientGrant } from '../refresh-tokens.ts'
import { type AnswerTo, type AuthorizationRequest, RefusedRequest } from './authorization-request.ts'
import type { Consent } from './consents.ts'
import type { OauthClient } from './oauth-clients.ts'
import type { Person } from './people.ts'
import { isIdentityScope } from './scopes.ts'
import type { SignIn } from './sign-in.ts'

/** The issuer of every answer and every ID token. */
export const ISSUER = 'https://accounts.google.com'

/** The address that a browser is sent to with an answer, which names its issuer (RFC 9207). */
function answerAddress({ redirectUri, state }: AnswerTo, answer: Record<string, string>): string {
  const query = new URLSearchParams({ ...(state !== undefined && { state }), iss: ISSUER, ...answer })
  return `${redirectUri}${redirectUri.includes('?') ? '&' : '?'}${query}`
}

/** The address with the error of a request. */
export function refusalAddress({ answerTo, error, message }: RefusedRequest): string {
  return answerAddress(answerTo, { error, error_description: message })
}

/** Why a request with `prompt=none` has no code: somebody would have to sign in, or to be asked for more. */
export function unasked(answerTo: AnswerTo, isSignedIn: boolean): RefusedRequest {
  const error = isSignedIn ? 'interaction_required' : 'login_required'
  return new RefusedRequest(answerTo, error, 'Somebody must be asked, and prompt=none forbids it.')
}

/** The address of somebody's refusal. */
export function denialAddress(request: AuthorizationRequest): string {
  return answerAddress(request, { error: 'access_denied' })
}

/** The address of a consent, with a code. Who grants nothing of what was asked has refused. */
export function consentAddress(
  signIn: SignIn,
  request: AuthorizationRequest,
  person: Person,
  granted: readonly string[],
): string {
  const { client, redirectUri, nonce, challenge, prompts, includeGrantedScopes } = request
  const { clientId } = client
  const before = signIn.consents.of(clientId, person.email)
  const given = grantedOf(request.scopes, granted)
  if (given.length === 0) return denialAddress(request)
  const givesRefreshToken =
    client.type !== 'web' ||
    (request.offline && (prompts.has('consent') || !before.offline || !covers(before, given)))
  const scopes = includeGrantedScopes ? [...new Set([...before.scopes, ...given])] : given
  const grant = recordConsent(signIn, client, person, scopes, givesRefreshToken)
  const code = signIn.codes.issue({ clientId, redirectUri, grant, givesRefreshToken, challenge, nonce })
  return answerAddress(request, {
    code,
    scope: scopes.join(' '),
    authuser: '0',
    ...(person.hostedDomain !== undefined && { hd: person.hostedDomain }),
    prompt: covers(before, given) && !prompts.has('consent') ? 'none' : 'consent',
  })
}

/** Of what was asked for, what somebody grants: who they are comes with everything else. */
export function grantedOf(asked: readonly string[], granted: readonly string[]): string[] {
  return asked.filter((scope) => isIdentityScope(scope) || granted.includes(scope))
}

/** Whether somebody has consented to all of some scopes. */
export function covers(before: Consent, scopes: readonly string[]): boolean {
  return scopes.every((scope) => before.scopes.has(scope))
}

/** Remembers a consent, for the tokens and for the next time. */
export function recordConsent(
  { consents }: Pick<SignIn, 'consents'>,
  { clientId, rotating }: OauthClient,
  { email }: Person,
  scopes: readonly string[],
  offline: boolean,
): ClientGrant {
  consents.add(clientId, email, { scopes: new Set(scopes), offline })
  return { email, scopes, rotating, clientId, offline }
}
