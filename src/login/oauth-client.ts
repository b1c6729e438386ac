import { askAlone, ASK_OPTIONS, type AskOptions } from '../auth/user/ask-options.ts'
import { checkOptionNames } from '../request/option-names.ts'
import { systemClock } from '../transport/clock.ts'
import type { CredentialsContext } from '../transport/credentials.ts'
import type { AuthorizationOptions } from './authorization-options.ts'
import { type Authorization, type AuthorizationRequest, authorizationUrl } from './authorization-url.ts'
import type { CallbackUrl } from './callback.ts'
import { type OAuthClientOptions, readClientOptions } from './client-options.ts'
import { awaitDevice } from './device-flow.ts'
import { beginDeviceFlow, type DeviceFlowOptions, type DeviceRequest } from './device-request.ts'
import { checkFinishOptions, finish, type FinishOptions } from './finish.ts'
import { meInfo, tokenInfo, type TokenInfo, userInfo, type UserInfo } from './person-facts.ts'
import type { UserClient } from '../auth/user/login-store.ts'
import type { OAuthProvider } from './provider.ts'
import { registration } from './registration.ts'
import { refresh } from './refresh.ts'
import { revoke } from './revoke.ts'
import { type MethodScopes, suffices } from '../scopes/suffices.ts'
import { type HeldTokens, isExpired, type LoginTokens } from './tokens.ts'

/** How something is asked for once. */
export type LoginCallOptions = Pick<AskOptions, 'signal' | 'timeoutMs'>

/** An OAuth 2.0 and OpenID Connect client: a person's consent, and what comes of it. It keeps nothing. */
export interface OAuthClient {
  readonly clientId: string
  /** What the provider says of itself. */
  readonly provider: OAuthProvider
  readonly redirectUri: string | undefined
  readonly scopes: readonly string[] | undefined
  /**
   * The client as token endpoints know it, with its secret: what `userCredentials` renews tokens with, and what can be kept beside them.
   * @throws {ValidationError} when the provider names no `token_endpoint`.
   */
  registration(): UserClient
  /** Whether it has what requests for consent need: a redirection and scopes. */
  isReady(): boolean
  /**
   * Where to send the person, with PKCE (S256) always; and what to keep, in secret, until the browser comes back.
   * @throws {ValidationError} for options that cannot be used.
   */
  authorizationUrl(options?: AuthorizationOptions): Promise<Authorization>
  /**
   * Takes the address that the browser came back to: checks its `state` and who issued it, exchanges the code, and verifies the
   * ID token. A code is good once, and so is `request`: forget it.
   * @throws {AuthError} with the provider's word as `reason` (`access_denied`, `invalid_grant`, …), that of `verifyIdToken`, or
   * `wrong_state`, `wrong_issuer`, `malformed_callback`, `missing_code`, `request_expired`, `missing_id_token`,
   * `wrong_token_hash`.
   */
  finish(
    callbackUrl: CallbackUrl,
    request: AuthorizationRequest,
    options?: FinishOptions & LoginCallOptions,
  ): Promise<LoginTokens>
  /**
   * Gets new tokens for a refresh token. What is not replaced stays. Keep them before they are used: the refresh token may be
   * a new one.
   */
  refresh(tokens: HeldTokens, options?: LoginCallOptions): Promise<LoginTokens>
  /** Takes the consent back: with it end all tokens that came of it. */
  revoke(tokens: HeldTokens, options?: LoginCallOptions): Promise<void>
  /** What Google says of an access token; of the ID token, where there is no access token. */
  tokenInfo(tokens: HeldTokens, options?: LoginCallOptions): Promise<TokenInfo>
  /**
   * Who the person is. An answer about another person is refused, with the reason `wrong_subject`.
   * @param expectedSub default: that of the verified claims
   */
  userInfo(tokens: HeldTokens, expectedSub?: string, options?: LoginCallOptions): Promise<UserInfo>
  /** The profile in the form of `userinfo.v2.me.get`. */
  meInfo(tokens: HeldTokens, options?: LoginCallOptions): Promise<Readonly<Record<string, unknown>>>
  /** Whether the access token ends within 225 seconds, or nobody knows when. */
  isExpired(tokens: HeldTokens): boolean
  /** Whether what was granted lets a method be called: one of its scopes is enough. */
  authorizedForMethod(method: MethodScopes, tokens: HeldTokens): boolean
  /** Begins a login on a device without a browser (RFC 8628). */
  deviceFlow(options?: DeviceFlowOptions & LoginCallOptions): Promise<DeviceFlow>
}

/** A login on a device without a browser: show the code and the address, then wait. */
export interface DeviceFlow extends DeviceRequest {
  /**
   * Waits for the person, to the end of the code's life.
   * @throws {AuthError} reason `access_denied`, or `expired_token` when nobody came.
   */
  wait(options?: LoginCallOptions): Promise<LoginTokens>
}

/**
 * An OAuth 2.0 and OpenID Connect client.
 *
 * ```ts
 * import { oauthClient } from 'discokit/login'
 *
 * const client = oauthClient({
 *   clientId: process.env.CLIENT_ID ?? '',
 *   clientSecret: process.env.CLIENT_SECRET ?? '',
 *   redirectUri: 'https://my-app.example.com/back',
 *   scopes: ['openid', 'email'],
 * })
 * const { url, request } = await client.authorizationUrl({ accessType: 'offline' })
 * console.log(url) // keep `request` for this browser, send it there, and when it is back:
 * const tokens = await client.finish(process.env.CAME_BACK_TO ?? '', request)
 * console.log(tokens.claims?.sub)
 * ```
 *
 * @throws {ValidationError} for options that cannot be used.
 */
export function oauthClient(options: OAuthClientOptions): OAuthClient {
  const settings = readClientOptions(options)
  const { clientId, provider, redirectUri, scopes, transport, clock = systemClock, timeoutMs } = settings

  function ask<Result>(
    what: string,
    { signal, timeoutMs: ownMs = timeoutMs }: LoginCallOptions,
    work: (context: CredentialsContext) => Promise<Result>,
  ): Promise<Result> {
    return askAlone(what, { transport, clock, timeoutMs: ownMs, signal }, work)
  }

  return Object.freeze<OAuthClient>({
    clientId,
    provider,
    redirectUri,
    scopes,
    registration: () => registration(settings),
    isReady: () => redirectUri !== undefined && scopes !== undefined,
    authorizationUrl: async (asked = {}) => authorizationUrl(asked, settings, clock.now()),
    async finish(callbackUrl, request, { signal, timeoutMs, ...more } = {}) {
      checkFinishOptions(more)
      return ask('finish', { signal, timeoutMs }, (context) =>
        finish(callbackUrl, request, more, settings, context),
      )
    },
    refresh: async (tokens, calling = {}) =>
      ask('refresh', checked(calling), (context) => refresh(tokens, settings, context)),
    revoke: async (tokens, calling = {}) =>
      ask('revoke', checked(calling), (context) => revoke(tokens, settings, context)),
    tokenInfo: async (tokens, calling = {}) =>
      ask('tokenInfo', checked(calling), (context) => tokenInfo(tokens, settings, context)),
    userInfo: async (tokens, expectedSub = tokens?.claims?.sub, calling = {}) =>
      ask('userInfo', checked(calling), (context) => userInfo(tokens, expectedSub, settings, context)),
    meInfo: async (tokens, calling = {}) =>
      ask('meInfo', checked(calling), (context) => meInfo(tokens, settings, context)),
    isExpired: (tokens) => isExpired(tokens, clock.now()),
    authorizedForMethod: (method, { scopes: granted }) => suffices(method, granted),
    async deviceFlow({ signal, timeoutMs, ...more } = {}) {
      const begun = await ask('deviceFlow', { signal, timeoutMs }, (context) =>
        beginDeviceFlow(more, settings, context),
      )
      return {
        ...begun,
        wait: async (calling = {}) => {
          const untilEndMs = begun.expiresAt - clock.now() + begun.intervalMs
          const { signal: stop, timeoutMs: limitMs = untilEndMs } = checked(calling)
          return ask('deviceFlow', { signal: stop, timeoutMs: limitMs }, (context) =>
            awaitDevice(begun, settings, context),
          )
        },
      }
    },
  })
}

function checked(options: LoginCallOptions): LoginCallOptions {
  checkOptionNames('the login', options, ASK_OPTIONS)
  return options
}
