import { AuthError } from '../errors.ts'
import type { CredentialsContext } from '../transport/credentials.ts'
import { DEFAULT_UNIVERSE } from '../transport/origin-policy.ts'
import { splitOrigin } from '../transport/origin.ts'
import { AccountCredentials } from './account/account-credentials.ts'
import { LazyAccount } from './account/account.ts'
import { signAssertion } from './account/assertion.ts'
import {
  checkServiceAccount,
  type ServiceAccountOptions,
  type ServiceAccountSettings,
  signsItself,
} from './account/service-account-options.ts'
import type { AccessToken, TokenCache } from './tokens/token-cache.ts'
import { exchangeAssertion } from './account/exchange-assertion.ts'

/**
 * The credential of a service account: signs an assertion and exchanges it for an access token at the key's own
 * `token_uri` (RFC 7523 section 2.1), or signs the token itself. Tokens are kept, renewed ahead of their end, and fetched
 * once for any number of callers.
 *
 * ```ts
 * import { createClient } from 'discokit'
 * import { serviceAccount } from 'discokit/auth'
 *
 * const google = createClient({ auth: serviceAccount({ keyFile: 'key.json' }) })
 * ```
 *
 * @throws {ValidationError} when not exactly one of `keyFile`, `key` and `signer` is given.
 * @throws {AuthError} reason `invalid_key_file`, at once for content that is at hand, else at the first call.
 */
export function serviceAccount(options: ServiceAccountOptions): ServiceAccountCredentials {
  return new ServiceAccountCredentials(options)
}

/** What a service account may do unless told otherwise: everything its roles allow in Google Cloud. */
const CLOUD_PLATFORM: readonly string[] = ['https://www.googleapis.com/auth/cloud-platform']

/**
 * A service account's credential. It does not change: what would change it gives another, which has no token yet.
 *
 * ```ts
 * import { serviceAccount } from 'discokit/auth'
 *
 * const account = serviceAccount({ keyFile: 'key.json' })
 * const readOnly = account.withScopes(['https://www.googleapis.com/auth/devstorage.read_only'])
 * const ada = account.withSubject('ada@example.com')
 * ```
 */
export class ServiceAccountCredentials extends AccountCredentials {
  readonly kind = 'service account'
  readonly #options: ServiceAccountOptions
  readonly #account: LazyAccount

  /** @param known the account, where it is read already */
  constructor(options: ServiceAccountOptions = {}, known?: LazyAccount) {
    checkServiceAccount(options)
    known ??= new LazyAccount(options)
    super(known, options.quotaProject)
    const { scopes, defaultScopes, claims } = options // which are nobody else's to change
    this.#options = { ...options, ...structuredClone({ scopes, defaultScopes, claims }) }
    this.#account = known
  }

  get scopes(): readonly string[] | undefined {
    return this.#options.scopes
  }
  get defaultScopes(): readonly string[] | undefined {
    return this.#options.defaultScopes
  }
  get subject(): string | undefined {
    return this.#options.subject
  }
  get universeDomain(): string {
    return this.#options.universeDomain ?? DEFAULT_UNIVERSE
  }
  /** Whether it was given no scopes, so that those of a library or all of Google Cloud count. */
  get requiresScopes(): boolean {
    return this.#options.scopes === undefined
  }
  hasScopes(scopes: readonly string[]): boolean {
    const own = this.scopes ?? this.defaultScopes ?? []
    return scopes.every((scope) => own.includes(scope))
  }

  withScopes(scopes: readonly string[], defaultScopes?: readonly string[]): ServiceAccountCredentials {
    return this.#with({ scopes, ...(defaultScopes && { defaultScopes }) })
  }
  withDefaultScopes(defaultScopes: readonly string[]): ServiceAccountCredentials {
    return this.#with({ defaultScopes })
  }
  /** To act for a user, by domain-wide delegation; for nobody with undefined. */
  withSubject(subject: string | undefined): ServiceAccountCredentials {
    return this.#with({ subject })
  }
  /** Further claims beside those there are. */
  withClaims(claims: Readonly<Record<string, unknown>>): ServiceAccountCredentials {
    return this.#with({ claims: { ...this.#options.claims, ...claims } })
  }
  withTokenUri(tokenUri: string): ServiceAccountCredentials {
    return this.#with({ tokenUri })
  }
  withQuotaProject(quotaProject: string | undefined): ServiceAccountCredentials {
    return this.#with({ quotaProject })
  }
  withUniverseDomain(universeDomain: string): ServiceAccountCredentials {
    return this.#with({ universeDomain })
  }
  /** @throws {ValidationError} for false in another universe than Google's own. */
  withAlwaysUseJwtAccess(alwaysUseJwtAccess: boolean): ServiceAccountCredentials {
    return this.#with({ alwaysUseJwtAccess })
  }

  #with(settings: ServiceAccountSettings): ServiceAccountCredentials {
    // A key may name another token endpoint than a new universe trusts.
    const known = settings.universeDomain === undefined ? this.#account : undefined
    return new ServiceAccountCredentials({ ...this.#options, ...settings }, known)
  }

  protected override cache(url?: string): TokenCache {
    const claim = this.#ownClaim(url)
    return this.cacheFor(JSON.stringify(claim ?? ''), (context) =>
      claim ? this.#sign(claim, context) : this.#exchange(context),
    )
  }

  /** What a token is for that the account signs itself: scopes, or an API. */
  #ownClaim(url: string | undefined): { scope: string } | { aud: string } | undefined {
    const { scopes, defaultScopes = CLOUD_PLATFORM } = this.#options
    if (!signsItself(this.#options)) return undefined
    const origin = scopes || !url ? undefined : splitOrigin(url)?.origin
    return origin === undefined ? { scope: (scopes ?? defaultScopes).join(' ') } : { aud: `${origin}/` }
  }

  async #sign(claim: { scope?: string; aud?: string }, context: CredentialsContext): Promise<AccessToken> {
    const { email, signer } = await this.#account.load(context.call)
    const claims = { iss: email, sub: email, ...claim, claims: this.#options.claims }
    return { value: await signAssertion(claims, signer, context), lifetimeMs: 3_600_000 }
  }

  async #exchange(context: CredentialsContext): Promise<AccessToken> {
    const { scopes, defaultScopes = CLOUD_PLATFORM, subject: sub, claims, tokenUri } = this.#options
    if (this.universeDomain !== DEFAULT_UNIVERSE)
      throw new AuthError(`there is no subject in ${this.universeDomain}`, {
        reason: 'delegation_not_supported',
      })
    return exchangeAssertion(
      {
        account: await this.#account.load(context.call),
        tokenUri,
        claims: { scope: (scopes ?? defaultScopes).join(' '), sub, claims },
      },
      context,
    )
  }
}
