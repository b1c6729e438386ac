import { type Problem, ValidationError } from '../../errors.ts'
import { DEFAULT_UNIVERSE } from '../../transport/origin-policy.ts'
import { checkTokenUri } from './service-account-key.ts'
import { isQuotaProject, NO_PROJECT } from '../tokens/quota-project.ts'
import type { Signer } from '../signer.ts'

/** What a service account's credential is made of. One of `keyFile`, `key` and `signer` is needed. */
export interface ServiceAccountOptions extends ServiceAccountSettings {
  /** The path of a key file. It is read at the first call. */
  readonly keyFile?: string
  /** The content of a key file: an object, its JSON text, or a function that gets it at the first call. */
  readonly key?: object | string | (() => Promise<object | string>)
  /** What signs where no private key is at hand; `email` says for whom. */
  readonly signer?: Signer
  /** The account that a `signer` signs for. */
  readonly email?: string
}

/** What a copy of a credential may have otherwise. */
export interface ServiceAccountSettings {
  /** What the token may do. Default: `https://www.googleapis.com/auth/cloud-platform`. */
  readonly scopes?: readonly string[] | undefined
  /** Scopes of a library, which count where `scopes` says nothing. */
  readonly defaultScopes?: readonly string[] | undefined
  /** The user to act for, with domain-wide delegation. */
  readonly subject?: string | undefined
  /** Further claims of the assertion. They win over ours, but in a token that the account signs itself. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined
  /** Where the assertion is exchanged, in place of the key's own `token_uri`. */
  readonly tokenUri?: string | undefined
  /** The project that is charged, sent as `x-goog-user-project` unless the call names one. */
  readonly quotaProject?: string | undefined
  /** The domain whose token endpoints are trusted. Default `googleapis.com`. */
  readonly universeDomain?: string | undefined
  /**
   * Whether the account signs its tokens itself, without a request (AIP-4111): for the scopes, or for the API that is
   * called when it was given none. Default false, and always true in another universe. Never for a `subject`.
   */
  readonly alwaysUseJwtAccess?: boolean | undefined
}

const OPTIONS =
  /^(key(File)?|signer|email|scopes|defaultScopes|subject|claims|tokenUri|quotaProject|universeDomain|alwaysUseJwtAccess)$/
const OWN_CLAIMS = /^(iss|sub|aud|iat|exp|scope)$/

/**
 * @throws {ValidationError} for options that cannot be used.
 * @throws {AuthError} for a token endpoint that is not to be trusted.
 */
export function checkServiceAccount(options: ServiceAccountOptions): void {
  const { keyFile, key, signer, email, claims, universeDomain = DEFAULT_UNIVERSE } = options
  const problems: Problem[] = Object.keys(options)
    .filter((name) => !OPTIONS.test(name))
    .map((path) => ({ path, message: 'is not an option' }))
  const add = (path: string, message: string): void => void problems.push({ path, message })
  if ([keyFile, key, signer].filter((source) => source !== undefined).length !== 1)
    add('keyFile', 'or key or signer is needed')
  if (keyFile !== undefined && isContent(keyFile)) add('keyFile', 'is no path; give it as key')
  if (!signer !== !email) add('email', 'goes with signer')
  for (const name of ['scopes', 'defaultScopes'] as const) {
    const list = options[name]
    if (list !== undefined && !(Array.isArray(list) && list.length > 0 && list.every(isText)))
      add(name, 'must be a list of scopes')
  }
  if (!isQuotaProject(options.quotaProject)) add('quotaProject', NO_PROJECT)
  if (options.alwaysUseJwtAccess === false && universeDomain !== DEFAULT_UNIVERSE)
    add('alwaysUseJwtAccess', `cannot be false in ${universeDomain}`)
  const selfSigned = signsItself(options)
  for (const name in claims)
    if (selfSigned && OWN_CLAIMS.test(name)) add(`claims.${name}`, 'cannot be changed')
  if (problems.length > 0) throw new ValidationError('the service account cannot be used', problems)
  checkTokenUri(options.tokenUri, 'the service account', universeDomain)
}

/** Whether a text is what stands in a file, and not a path to it: then it is a secret. */
export function isContent(path: string): boolean {
  return /^\s*(\{|-----|eyJ|ew[og])|\p{Cc}|^.{4097}/u.test(path)
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

/** Whether the account's own signature is the token. */
export function signsItself({
  alwaysUseJwtAccess = false,
  universeDomain = DEFAULT_UNIVERSE,
  subject,
  claims,
}: ServiceAccountSettings): boolean {
  const isFree = alwaysUseJwtAccess || universeDomain !== DEFAULT_UNIVERSE
  return isFree && subject === undefined && claims?.['target_audience'] === undefined
}
