import { type Problem, ValidationError } from '../../errors.ts'
import type { OAuthClient } from '../../login/oauth-client.ts'
import { checkOptionNames } from '../../request/option-names.ts'
import { isAccount, NO_ACCOUNT } from './account-name.ts'
import { isLoginStore, NO_STORE } from './is-login-store.ts'
import type { LoginStore, SavedLogin, UserClient } from './login-store.ts'
import { clientProblems } from './user-client.ts'
import { isScopes, type UserCredentialsOptions } from './user-options.ts'

/** What tokens and stored logins have in common. */
interface LoginOptions extends Pick<
  UserCredentialsOptions,
  'universeDomain' | 'quotaProject' | 'onTokens' | 'onRefreshToken'
> {
  /**
   * The client that the tokens were given to: an object, or what `oauthClient()` of `discokit/login` gives. Default: that which stands
   * in the login.
   */
  readonly client?: UserClient | OAuthClient | undefined
}

/** Tokens that the program keeps. */
export interface UserTokensOptions extends LoginOptions {
  /** All that there is of a login: whatever `userTokens` reads. An access token alone works until it ends or is refused. */
  readonly tokens: SavedLogin | object | string
  /** Fewer scopes than the person consented to. Default: all of them. */
  readonly scopes?: readonly string[] | undefined
}

/** A login that a store keeps. */
export interface StoredLoginOptions extends LoginOptions {
  readonly store: LoginStore
  /** Whose login it is: what `webLogin` puts there is called as the `sub` of the person. */
  readonly account: string
}

/** One of the ways to say what a person's credential is made of. */
export type AnyUserOptions =
  | (UserCredentialsOptions & Without<UserTokensOptions & StoredLoginOptions, UserCredentialsOptions>)
  | (UserTokensOptions & Without<UserCredentialsOptions & StoredLoginOptions, UserTokensOptions>)
  | (StoredLoginOptions & Without<UserCredentialsOptions & UserTokensOptions, StoredLoginOptions>)

type Without<Others, Own> = { readonly [Name in Exclude<keyof Others, keyof Own>]?: undefined }

/** Whether they name tokens or a store, and not a refresh token. */
export function isOfLogin(options: object | undefined): options is UserTokensOptions | StoredLoginOptions {
  return ['tokens', 'store', 'account', 'client'].some(
    (name) => (options as Readonly<Record<string, unknown>> | undefined)?.[name] !== undefined,
  )
}

/** @throws {ValidationError} with all that is wrong with the options, but for what stands in `tokens`. */
export function checkLoginOptions(options: UserTokensOptions | StoredLoginOptions): void {
  checkOptionNames(WHAT, withoutUndefined(options), [...COMMON, ...OF_TOKENS, ...OF_STORE])
  const {
    client,
    tokens,
    scopes,
    store,
    account,
    onTokens,
    onRefreshToken,
  }: Partial<UserTokensOptions & StoredLoginOptions> = options
  const problems: Problem[] = []
  const must = (holds: boolean, path: string, message: string): void => {
    if (!holds) problems.push({ path, message })
  }
  const isStored = store !== undefined || account !== undefined
  must(tokens !== undefined || isStored, 'tokens', 'are required, or a store and an account')
  must(tokens === undefined || !isStored, 'tokens', 'cannot stand beside a store')
  if (isStored) {
    must(isLoginStore(store), 'store', NO_STORE)
    must(isAccount(account), 'account', NO_ACCOUNT)
    must(
      scopes === undefined,
      'scopes',
      'cannot be fewer than what was consented to: others use the same tokens',
    )
  } else must(isScopes(scopes), 'scopes', 'must be a list of scopes')
  if (client !== undefined && !isOAuthClient(client)) problems.push(...clientProblems(client, 'client'))
  for (const [path, value] of Object.entries({ onTokens, onRefreshToken }))
    must(value === undefined || typeof value === 'function', path, 'must be a function')
  if (problems.length > 0) throw new ValidationError(WHAT, problems)
}

export function isOAuthClient(client: UserClient | OAuthClient): client is OAuthClient {
  return typeof (client as Partial<OAuthClient> | null)?.registration === 'function'
}

function withoutUndefined(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

const WHAT = 'the user credentials cannot be used'
const COMMON = ['client', 'universeDomain', 'quotaProject', 'onTokens', 'onRefreshToken']
const OF_TOKENS = ['tokens', 'scopes']
const OF_STORE = ['store', 'account']
