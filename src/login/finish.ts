import { codeAdvice } from '../auth/user/code-advice.ts'
import { isUnspent } from '../auth/user/unspent.ts'
import { AuthError, ValidationError } from '../errors.ts'
import { checkOptionNames } from '../request/option-names.ts'
import type { CredentialsContext } from '../transport/credentials.ts'
import type { AuthorizationRequest } from './authorization-url.ts'
import { type CallbackUrl, readCallback } from './callback.ts'
import type { ClientSettings } from './client-options.ts'
import { verifyLogin } from './id-token.ts'
import { type Answer, askProvider } from './protocol/ask-provider.ts'
import { clientAuthentication, clientSecrets } from './protocol/client-authentication.ts'
import { type LoginTokens, readTokens } from './tokens.ts'

/** How a code is exchanged. */
export interface FinishOptions {
  /** Of providers that have one of their own. Default `authorization_code`. */
  readonly grantType?: string | undefined
}

/** Checks the answer to a request for consent, exchanges its code, and verifies the ID token that comes of it. */
export async function finish(
  callbackUrl: CallbackUrl,
  request: AuthorizationRequest,
  { grantType }: FinishOptions,
  client: ClientSettings,
  context: CredentialsContext,
): Promise<LoginTokens> {
  const callback = await readCallback(callbackUrl, request, client, context.clock.now())
  const { codeVerifier, redirectUri, scopes, nonce, hostedDomain, state } = request
  const { code, parameters } = callback
  const asked = context.clock.now()
  const authentication = clientAuthentication(client)
  const answer = await askProvider(
    {
      provider: client.provider,
      endpoint: 'token_endpoint',
      what: `the code for the client ${client.clientId}`,
      secrets: [code, codeVerifier, state, nonce, ...clientSecrets(client)],
      mayRepeat: isUnspent,
      advice: codeAdvice,
      send(oauth, options, server) {
        const id = { client_id: client.clientId }
        return grantType === undefined
          ? oauth.authorizationCodeGrantRequest(
              server,
              id,
              authentication,
              parameters,
              redirectUri,
              codeVerifier,
              options,
            )
          : oauth.genericTokenEndpointRequest(
              server,
              id,
              authentication,
              grantType,
              { code, redirect_uri: redirectUri, code_verifier: codeVerifier },
              options,
            )
      },
    },
    context,
  )
  const tokens = readTokens(answer, asked, scopes)
  const { idToken, accessToken } = tokens
  // It can tell a domain only of those who say who they are.
  if (idToken === undefined && (scopes.includes('openid') || hostedDomain !== undefined))
    throw without(answer)
  if (idToken === undefined) return tokens
  const expected = { nonce, hostedDomain, accessToken, code, state }
  return { ...tokens, claims: await verifyLogin(idToken, client, expected, context) }
}

function without({ status, bad }: Answer): AuthError {
  const { message } = bad("it has no id_token, and 'openid' was asked for")
  return new AuthError(message, { reason: 'missing_id_token', status })
}

/** @throws {ValidationError} for options that cannot be used. */
export function checkFinishOptions(options: FinishOptions): FinishOptions {
  const what = 'the login cannot be finished'
  checkOptionNames(what, options, ['grantType'])
  const { grantType } = options
  if (grantType !== undefined && !(typeof grantType === 'string' && /^[\x21-\x7e]+$/.test(grantType)))
    throw new ValidationError(what, [{ path: 'grantType', message: 'must be a word' }])
  return options
}
