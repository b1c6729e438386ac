import { AuthError } from '../errors.ts'
import { withoutSecrets } from '../transport/redact.ts'
import { GOOGLE_TOKEN_URI } from './account/service-account-key.ts'
import { basicLogin } from './basic-login.ts'
import { readToken, requestToken } from './tokens/token-endpoint.ts'
import { askAlone, type AskOptions } from './user/ask-options.ts'
import { codeAdvice } from './user/code-advice.ts'
import { checkCodeOptions, placeOfSecret } from './user/code-options.ts'
import type { SuppliedToken } from './user/supplied-token.ts'
import { isUnspent } from './user/unspent.ts'

/** A code that a person's consent gave, and the client that asked for it. */
export interface ExchangeCodeOptions extends AskOptions {
  readonly clientId: string
  /** Of a client that has one. */
  readonly clientSecret?: string | undefined
  /** The code that the redirection brought. It is good once, for some minutes. */
  readonly code: string
  /** Where that redirection went: the same address as in the request for consent. */
  readonly redirectUri: string
  /** What the request's `code_challenge` was made of (PKCE, RFC 7636): 43 to 128 letters, digits and `-._~`. */
  readonly codeVerifier?: string | undefined
  /**
   * Where the client shows its secret: in the form, in a header (RFC 6749 section 2.3.1), or not at all. Default: in the form, where
   * it has one.
   */
  readonly clientAuthentication?: 'body' | 'basic' | 'none' | undefined
  /** Default `https://oauth2.googleapis.com/token`. */
  readonly tokenUri?: string | undefined
  /** The domain whose token endpoints are trusted. Default `googleapis.com`. */
  readonly universeDomain?: string | undefined
}

/** What a consent gave. */
export interface UserTokens extends SuppliedToken {
  /** Where the consent was asked for with offline access. */
  readonly refreshToken?: string
  /** What the person consented to, where the answer says so. */
  readonly scopes?: readonly string[]
  /** Who the person is, where the scopes name `openid`. `verifyIdToken` verifies it. */
  readonly idToken?: string
}

/**
 * Exchanges the code of a consent for tokens (RFC 6749 section 4.1.3).
 *
 * ```ts
 * import { exchangeCode, userCredentials } from 'discokit/auth'
 *
 * const client = { clientId: process.env.CLIENT_ID ?? '', clientSecret: process.env.CLIENT_SECRET ?? '' }
 * const redirected = new URL(process.env.REDIRECTED_TO ?? '')
 * const token = await exchangeCode({
 *   ...client,
 *   code: redirected.searchParams.get('code') ?? '',
 *   redirectUri: 'https://my-app.example.com/back',
 * })
 * const ada = userCredentials({ ...client, refreshToken: token.refreshToken ?? '', token })
 * ```
 *
 * @throws {ValidationError} for options that cannot be used. Nothing was sent then.
 * @throws {AuthError} with the endpoint's word as `reason`: `invalid_grant` for a code that is used up.
 */
export async function exchangeCode(options: ExchangeCodeOptions): Promise<UserTokens> {
  checkCodeOptions(options)
  const { clientId, clientSecret, code, redirectUri, codeVerifier, tokenUri = GOOGLE_TOKEN_URI } = options
  const { transport, clock, timeoutMs, signal } = options
  const place = placeOfSecret(options)
  const login = place === 'basic' ? basicLogin(clientId, clientSecret ?? '') : undefined
  return askAlone('exchangeCode', { transport, clock, timeoutMs, signal }, async (context) => {
    const asked = context.clock.now()
    let answered: Readonly<Record<string, unknown>> = {}
    try {
      const { value, lifetimeMs } = await requestToken(
        {
          tokenUri,
          what: `the code for the client ${clientId}`,
          login,
          mayRepeat: isUnspent,
          advice: codeAdvice,
          form: async () => ({
            grant_type: 'authorization_code',
            code,
            redirect_uri: redirectUri,
            ...(!login && { client_id: clientId }),
            ...(place === 'body' && { client_secret: clientSecret ?? '' }),
            ...(codeVerifier !== undefined && { code_verifier: codeVerifier }),
          }),
          read(answer, bad) {
            answered = answer
            return readToken(answer, bad)
          },
        },
        context,
      )
      return { accessToken: value, expiresAt: asked + lifetimeMs, ...rest(answered) }
    } catch (error) {
      throw error instanceof AuthError ? without(error, [code, codeVerifier ?? '']) : error
    }
  })
}

function rest({ refresh_token, scope, id_token }: Readonly<Record<string, unknown>>): Partial<UserTokens> {
  return {
    ...(typeof refresh_token === 'string' && refresh_token !== '' && { refreshToken: refresh_token }),
    ...(typeof scope === 'string' && { scopes: scope.split(' ').filter(Boolean) }),
    ...(typeof id_token === 'string' && { idToken: id_token }),
  }
}

/** The endpoint may have repeated what only this exchange sends. */
function without(error: AuthError, secrets: readonly string[]): AuthError {
  const { message, reason, status, retryable, cause } = error
  return new AuthError(withoutSecrets(message, secrets), {
    reason: withoutSecrets(reason, secrets),
    ...(status !== undefined && { status }),
    retryable,
    cause,
  })
}
