import type { LoginStore } from '../auth/user/login-store.ts'
import type { IdTokenClaims } from '../auth/verification/id-token-claims.ts'
import { isScopes } from '../auth/user/user-options.ts'
import { AuthError, DiscokitError, type Problem, ValidationError } from '../errors.ts'
import { checkOptionNames } from '../request/option-names.ts'
import type { WebRequest, WebResponse } from '../web-types.ts'
import { AUTHORIZATION_OPTIONS, type AuthorizationOptions } from './authorization-options.ts'
import type { OAuthClient } from './oauth-client.ts'
import { identifyingScopes } from './scopes.ts'
import type { LoginTokens } from './tokens.ts'
import { loginCookies } from './web/login-cookie.ts'
import { failed, redirect } from './web/answers.ts'
import { createSeal } from '../protocol/seal.ts'
import { keepLogin } from './web/keep-login.ts'
import { isPath, NO_PATH, readWebOptions } from './web/web-options.ts'

/** A login with a provider, for web applications. */
export interface WebLoginOptions {
  readonly client: OAuthClient
  /** The address of the page that calls `finish`. Default: that of the client. */
  readonly redirectUri?: string | undefined
  /** What seals the cookies: 32 random bytes, or what `createSecret()` gave. The same for all instances of the application. */
  readonly secret: Uint8Array | string
  /** Default: those of the client. `openid` is put first. */
  readonly scopes?: readonly string[] | undefined
  /**
   * Where logins are kept, under the `sub` of the person: `userCredentials({ client, store, account: sub })` acts for them. A refresh
   * token that does not come again with the next login stays there. Default: nowhere; `finish` gives the tokens.
   */
  readonly store?: LoginStore | undefined
  /** Where people go afterwards: a path of this site. Default `/`. */
  readonly returnTo?: string | undefined
  /** Where people go when it failed: a path of this site. Default: a plain page says that it did. */
  readonly failureTo?: string | undefined
}

/** How one login is begun. */
export interface StartOptions extends Omit<
  AuthorizationOptions,
  'state' | 'nonce' | 'redirectUri' | 'openid'
> {
  /**
   * Default: those of the web login. What tells there who the person is, is asked for with others too. With `includeGrantedScopes`
   * they come to what was granted before.
   */
  readonly scopes?: readonly string[] | undefined
  /** Default: that of the web login. */
  readonly returnTo?: string | undefined
}

/** Who signed in. */
export interface SignedIn {
  /** What to know the account by: it stays, where addresses change hands. */
  readonly sub: string
  readonly claims: IdTokenClaims
  readonly tokens: LoginTokens
}

/** How a login ended: with a person, or with an error. */
export interface FinishedLogin {
  /** To be sent as it is, or with a cookie of your own session. */
  readonly response: WebResponse
  readonly user?: SignedIn
  /** Why nobody signed in. For your log: no secret is in it. */
  readonly error?: DiscokitError
}

/** The two halves of a login. */
export interface WebLogin {
  /** Sends the browser to the provider, and has it keep what the other half needs, sealed. */
  start(request: WebRequest, options?: StartOptions): Promise<WebResponse>
  /**
   * Takes the browser back: checks everything, and sends it on, so that the code leaves the address bar. What goes wrong on the
   * way is in the result; nothing is thrown but an `AuthError` for a `store` that fails (`store_failed`, `login_not_kept`).
   */
  finish(request: WebRequest): Promise<FinishedLogin>
}

/**
 * A login with a provider, for web applications that have the web's `Request` and `Response`. No token and no claim goes to the
 * browser; state, nonce and verifier are in a cookie that only this application can read, for ten minutes and for one answer.
 *
 * ```ts
 * import { createSecret, oauthClient, webLogin } from 'discokit/login'
 *
 * const client = oauthClient({ clientId: process.env.CLIENT_ID ?? '', clientSecret: process.env.CLIENT_SECRET ?? '' })
 * const login = webLogin({
 *   client,
 *   redirectUri: 'https://my-app.example.com/back',
 *   secret: process.env.LOGIN_SECRET ?? createSecret(),
 *   scopes: ['openid', 'email'],
 * })
 *
 * export async function handle(request: Request): Promise<Response> {
 *   if (new URL(request.url).pathname === '/login') return login.start(request)
 *   const { response, user } = await login.finish(request)
 *   if (user) response.headers.append('set-cookie', `session=${createSecret()}; HttpOnly; Secure; SameSite=Lax`)
 *   return response
 * }
 * ```
 *
 * @throws {ValidationError} for options that cannot be used.
 */
export function webLogin(options: WebLoginOptions): WebLogin {
  const { client, redirectUri, scopes, key, secure, returnTo: usual, failureTo } = readWebOptions(options)
  const { store } = options
  const cookies = loginCookies(createSeal(key), client.clientId, { secure })

  /** @param parameters of the answer */
  async function signIn(url: string, cookieHeader: string | null): Promise<Ended> {
    const states = URL.canParse(url) ? new URL(url).searchParams.getAll('state') : []
    const taken = states.length === 1 ? await cookies.take(states[0]!, cookieHeader) : undefined
    // Without a login of this browser's, nothing may be ended: anybody can send people here.
    if (!taken) return { error: strange() }
    const { drop, pending } = taken
    try {
      const tokens = await client.finish(url, pending.request)
      return { drop, returnTo: pending.returnTo, tokens }
    } catch (error) {
      if (!(error instanceof DiscokitError)) throw error
      return { drop, error }
    }
  }

  return {
    async start(request, starting = {}) {
      checkStart(starting)
      const { returnTo = usual, scopes: more, ...asking } = starting
      const asked = more === undefined ? scopes : identifyingScopes(more, scopes)
      const cookieHeader = request.headers.get('cookie')
      const { url, request: kept } = await client.authorizationUrl({ ...asking, scopes: asked, redirectUri })
      const set = await cookies.keep({ request: kept, returnTo }, cookieHeader)
      return redirect(url, set)
    },
    async finish(request) {
      const { method, url, headers } = request
      if (method !== 'GET') return failed(strange('it was not asked for with GET'), [], undefined, 405)
      const { drop, returnTo = usual, tokens, error } = await signIn(url, headers.get('cookie'))
      const set = drop === undefined ? [] : [drop]
      if (error) return failed(error, set, failureTo)
      const { claims } = tokens!
      const { sub } = claims! // openid is always asked for
      if (store) await keepLogin(store, sub, tokens!, client.clientId)
      return { response: redirect(returnTo, set), user: { sub, claims: claims!, tokens: tokens! } }
    },
  }
}

/** What became of an answer. */
interface Ended {
  /** The header that drops the cookie. */
  readonly drop?: string
  readonly returnTo?: string
  readonly tokens?: LoginTokens
  readonly error?: DiscokitError
}

function strange(why: string = 'this browser has no login under way that it belongs to'): AuthError {
  return new AuthError(
    `the answer to the request for consent was not accepted: ${why}. Begin the login anew`,
    {
      reason: 'wrong_state',
    },
  )
}

/** @throws {ValidationError} for options that belong to the login itself, or that cannot be used. */
function checkStart(options: StartOptions): void {
  const what = 'the login cannot be begun'
  checkOptionNames(what, options, OPTIONS)
  const { scopes, returnTo } = options
  const problems: Problem[] = []
  if (scopes !== undefined && !isScopes(scopes))
    problems.push({ path: 'scopes', message: 'must be a list of one scope at least' })
  if (returnTo !== undefined && !isPath(returnTo)) problems.push({ path: 'returnTo', message: NO_PATH })
  if (problems.length > 0) throw new ValidationError(what, problems)
}

/** Made here, or said once for all logins. */
const OWN = ['state', 'nonce', 'redirectUri', 'openid']
const OPTIONS = ['returnTo', ...AUTHORIZATION_OPTIONS.filter((name) => !OWN.includes(name))]
