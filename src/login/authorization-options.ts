import { isScopes } from '../auth/user/user-options.ts'
import { type Problem, ValidationError } from '../errors.ts'
import { checkOptionNames } from '../request/option-names.ts'
import { type ClientSettings, isRedirectUri, NO_REDIRECT } from './client-options.ts'
import { openIdScopes } from './scopes.ts'

/** How a person is asked for consent. */
export interface AuthorizationOptions {
  /** Default: those of the client. */
  readonly scopes?: readonly string[] | undefined
  /** Whether to ask who the person is too: `openid` is put first. Default: as the client says. */
  readonly openid?: boolean | undefined
  /** What the answer must bring back. Default: 32 random bytes. One of your own must be as hard to guess. */
  readonly state?: string | undefined
  /** Of ID tokens. Default: 32 random bytes, where `openid` is asked for. */
  readonly nonce?: string | undefined
  /** `offline` for a refresh token, which Google gives with the first consent only, or with `prompt: 'consent'`. */
  readonly accessType?: 'online' | 'offline' | undefined
  /** Whether the token shall have the scopes too that the person granted before (incremental authorisation). */
  readonly includeGrantedScopes?: boolean | undefined
  /** The address or the `sub` of the account to begin with. */
  readonly loginHint?: string | undefined
  /** What to show; `none`, which shows nothing and fails where something must be shown, stands alone. */
  readonly prompt?: Prompt | readonly Exclude<Prompt, 'none'>[] | undefined
  /** Only `code`: others would put tokens into addresses (RFC 9700 section 2.1.2). */
  readonly responseType?: 'code' | undefined
  readonly display?: 'page' | 'popup' | 'touch' | 'wap' | undefined
  /** A domain of Google Workspace, or `*` for any. What the ID token says is held against it. Needs `openid`. */
  readonly hostedDomain?: string | undefined
  /** The realm of OpenID 2.0 from which accounts are to be moved. Needs `openid`. */
  readonly openidRealm?: string | undefined
  /** Default: that of the client. */
  readonly redirectUri?: string | undefined
  /** Further parameters of the provider's. */
  readonly extra?: Readonly<Record<string, string>> | undefined
}

/** What a provider may show. */
export type Prompt = 'none' | 'consent' | 'select_account' | 'login'

/** The options, checked, with those of the client where they say nothing. */
export interface AuthorizationSettings extends AuthorizationOptions {
  readonly scopes: readonly string[]
  readonly redirectUri: string
}

/** @throws {ValidationError} with all that is wrong with the options. */
export function readAuthorizationOptions(
  options: AuthorizationOptions,
  client: ClientSettings,
): AuthorizationSettings {
  checkOptionNames(WHAT, options, AUTHORIZATION_OPTIONS)
  const { state, nonce, loginHint, hostedDomain, openidRealm, extra } = options
  const { redirectUri = client.redirectUri } = options
  const { scopes: named = client.scopes, openid = client.openid } = options
  const problems: Problem[] = []
  const must = (holds: boolean, path: string, message: string): void => {
    if (!holds) problems.push({ path, message })
  }
  must(client.provider.authorization_endpoint !== undefined, 'provider', 'has no authorization_endpoint')
  must(isRedirectUri(redirectUri), 'redirectUri', redirectUri === undefined ? 'is required' : NO_REDIRECT)
  const readable = named !== undefined && isScopes(named)
  must(readable, 'scopes', 'must be a list of one scope at least')
  const asked = readable ? named : []
  const knowsWho = asked.includes('openid') || (openid === true && readable)
  const scopes = knowsWho ? openIdScopes(asked, problems) : asked
  for (const [path, text] of Object.entries({ state, nonce, loginHint, hostedDomain, openidRealm }))
    must(text === undefined || isPlainText(text), path, 'must be a text of 1 to 2048 characters, on one line')
  for (const [path, text] of Object.entries({ nonce, hostedDomain, openidRealm }))
    must(text === undefined || knowsWho, path, "is of ID tokens: ask for the scope 'openid', or set openid")
  for (const [path, { of, hint }] of Object.entries(CHOICES)) {
    const chosen: unknown = options[path as keyof AuthorizationOptions]
    must(chosen === undefined || of.includes(chosen), path, hint)
  }
  must(
    isPrompt(options.prompt),
    'prompt',
    "must be 'none' alone, or some of 'consent', 'select_account', 'login'",
  )
  checkExtra(extra, must)
  if (problems.length > 0) throw new ValidationError(WHAT, problems)
  return { ...options, scopes: [...scopes], redirectUri: redirectUri! }
}

const CHOICES: Readonly<Record<string, { readonly of: readonly unknown[]; readonly hint: string }>> = {
  accessType: { of: ['online', 'offline'], hint: "must be 'online' or 'offline'" },
  includeGrantedScopes: { of: [true, false], hint: 'must be true or false' },
  responseType: { of: ['code'], hint: "must be 'code': other kinds put tokens into addresses" },
  display: { of: ['page', 'popup', 'touch', 'wap'], hint: "must be 'page', 'popup', 'touch' or 'wap'" },
  openid: { of: [true, false], hint: 'must be true or false' },
}

type Must = (holds: boolean, path: string, message: string) => void

/** What is made here may not be said a second time: servers differ in which of two they believe. */
function checkExtra(extra: unknown, must: Must): void {
  if (extra === undefined) return
  must(typeof extra === 'object' && extra !== null, 'extra', 'must be an object of texts')
  for (const [name, value] of Object.entries(Object(extra) as object)) {
    must(!OURS.has(name), `extra.${name}`, 'has an option of its own, or is made here')
    must(typeof value === 'string' && value.length <= 2_048, `extra.${name}`, 'must be a text')
  }
}

function isPrompt(prompt: unknown): boolean {
  if (prompt === undefined || prompt === 'none') return true
  const shown = typeof prompt === 'string' ? [prompt] : prompt
  return (
    Array.isArray(shown) &&
    shown.length > 0 &&
    shown.every((what) => /^(consent|select_account|login)$/.test(String(what)))
  )
}

function isPlainText(text: unknown): boolean {
  return typeof text === 'string' && /^[^\p{C}]{1,2048}$/u.test(text)
}

const OURS = new Set(
  (
    'client_id client_secret redirect_uri response_type response_mode scope state nonce code_challenge code_challenge_method ' +
    'access_type include_granted_scopes login_hint prompt display hd openid.realm request request_uri code_verifier'
  ).split(' '),
)

const WHAT = 'consent cannot be asked for'
/** The names of these options. */
export const AUTHORIZATION_OPTIONS: readonly string[] = [
  'scopes',
  'openid',
  'state',
  'nonce',
  'accessType',
  'includeGrantedScopes',
  'loginHint',
  'prompt',
  'responseType',
  'display',
  'hostedDomain',
  'openidRealm',
  'redirectUri',
  'extra',
]
