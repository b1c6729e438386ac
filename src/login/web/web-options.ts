import { isLoginStore, NO_STORE } from '../../auth/user/is-login-store.ts'
import { isScopes } from '../../auth/user/user-options.ts'
import { type Problem, ValidationError } from '../../errors.ts'
import { NO_SEAL_KEY, sealKey } from '../../protocol/seal.ts'
import { checkOptionNames } from '../../request/option-names.ts'
import { originOf, splitOrigin } from '../../transport/origin.ts'
import type { OAuthClient } from '../oauth-client.ts'
import { openIdScopes } from '../scopes.ts'
import type { WebLoginOptions } from '../web-login.ts'

/** The options, checked. */
export interface WebSettings {
  readonly client: OAuthClient
  readonly redirectUri: string
  readonly scopes: readonly string[]
  readonly key: Uint8Array
  readonly returnTo: string
  readonly failureTo: string | undefined
  /** Whether cookies are for https alone. */
  readonly secure: boolean
}

/** @throws {ValidationError} with all that is wrong with the options. */
export function readWebOptions(options: WebLoginOptions): WebSettings {
  checkOptionNames(WHAT, options, OPTIONS)
  const { client, secret, store, returnTo = '/', failureTo } = options
  const { redirectUri = client?.redirectUri, scopes = client?.scopes } = options
  const problems: Problem[] = []
  const must = (holds: boolean, path: string, message: string): void => {
    if (!holds) problems.push({ path, message })
  }
  const origin = typeof redirectUri === 'string' ? originOf(redirectUri.split('?', 1)[0]!) : undefined
  const secure = origin?.protocol === 'https:'
  must(typeof client?.finish === 'function', 'client', 'must be what oauthClient() gives')
  must(
    secure || origin?.loopback === true,
    'redirectUri',
    'must be an https address, or http on this machine',
  )
  const readable = scopes !== undefined && isScopes(scopes)
  must(readable, 'scopes', 'must be a list of one scope at least')
  const key = sealKey(secret)
  must(key !== undefined, 'secret', NO_SEAL_KEY)
  must(store === undefined || isLoginStore(store), 'store', NO_STORE)
  must(isPath(returnTo), 'returnTo', NO_PATH)
  must(failureTo === undefined || isPath(failureTo), 'failureTo', NO_PATH)
  const all = readable ? openIdScopes(scopes, problems) : []
  if (problems.length > 0) throw new ValidationError(WHAT, problems)
  return { client, redirectUri: redirectUri!, scopes: all, key: key!, returnTo, failureTo, secure }
}

/**
 * Whether an address is a path of this site, for browsers too, which read `\` as `/` and pass over line breaks: else a login
 * would lead people elsewhere.
 */
export function isPath(path: unknown): path is string {
  if (typeof path !== 'string' || !/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,2000}$/.test(path)) return false
  const site = 'https://site.example'
  return URL.canParse(path, site) && splitOrigin(new URL(path, site).href)?.origin === site
}

export const NO_PATH = "must be a path of this site that begins with one '/'"

const WHAT = 'the web login cannot be made'
const OPTIONS = ['client', 'redirectUri', 'secret', 'store', 'scopes', 'returnTo', 'failureTo']
