import { checkOptionNames } from '../request/option-names.ts'
import type { CredentialsContext } from '../transport/credentials.ts'
import { AccountCredentials } from './account/account-credentials.ts'
import { LazyAccount } from './account/account.ts'
import { plainCopy } from './account/plain-copy.ts'
import { fetchAccountIdToken } from './account-id-token.ts'
import { checkAudience } from './id-token.ts'
import { checkServiceAccount, type ServiceAccountOptions } from './account/service-account-options.ts'
import type { AccessToken, TokenCache } from './tokens/token-cache.ts'

/** What an ID token's credential is made of: a service account, and whom its tokens are for. */
export interface IdTokenOptions extends Pick<
  ServiceAccountOptions,
  'keyFile' | 'key' | 'signer' | 'email' | 'claims' | 'tokenUri' | 'quotaProject' | 'universeDomain'
> {
  /** Whom the tokens are for: the address of a service, such as `https://my-service.a.run.app`, or a client id. */
  readonly targetAudience: string
}

/**
 * The credential of a service account that shows who it is: an ID token (OpenID Connect) for one audience, such as a service
 * on Cloud Run or behind Identity-Aware Proxy. It gives no access to Google's APIs. In another universe than Google's own, IAM
 * gives the token.
 *
 * ```ts
 * import { authorizedFetch, idTokenCredentials } from 'discokit/auth'
 *
 * const service = 'https://my-service.a.run.app'
 * const credentials = idTokenCredentials({ keyFile: 'key.json', targetAudience: service })
 * const fetch = authorizedFetch(credentials, { allowedOrigins: [service] })
 * console.log((await fetch(`${service}/hello`)).status)
 * ```
 *
 * @throws {ValidationError} when not exactly one of `keyFile`, `key` and `signer` is given, or no audience.
 * @throws {AuthError} reason `invalid_key_file`, at once for content that is at hand, else at the first call.
 */
export function idTokenCredentials(options: IdTokenOptions): IdTokenCredentials {
  return new IdTokenCredentials(options)
}

/** The ID tokens of a service account. It does not change: what would change it gives another, which has no token yet. */
export class IdTokenCredentials extends AccountCredentials {
  readonly kind = 'ID token'
  readonly #options: IdTokenOptions
  readonly #account: LazyAccount

  constructor(options: IdTokenOptions, account: LazyAccount = accountOf(options)) {
    super(account, options.quotaProject)
    this.#options = { ...options, claims: plainCopy(options.claims, WHAT, 'claims') }
    this.#account = account
  }

  get targetAudience(): string {
    return this.#options.targetAudience
  }

  withTargetAudience(targetAudience: string): IdTokenCredentials {
    return this.#with({ targetAudience })
  }
  /** Further claims of the assertion beside those there are. */
  withClaims(claims: Readonly<Record<string, unknown>>): IdTokenCredentials {
    return this.#with({ claims: { ...this.#options.claims, ...claims } })
  }
  withTokenUri(tokenUri: string): IdTokenCredentials {
    return this.#with({ tokenUri })
  }
  withQuotaProject(quotaProject: string | undefined): IdTokenCredentials {
    return this.#with({ quotaProject })
  }

  #with(settings: Partial<IdTokenOptions>): IdTokenCredentials {
    const options = { ...this.#options, ...settings }
    check(options)
    return new IdTokenCredentials(options, this.#account)
  }

  protected override cache(): TokenCache {
    return this.cacheFor('', (context) => this.#fetch(context))
  }

  async #fetch(context: CredentialsContext): Promise<AccessToken> {
    return fetchAccountIdToken(await this.#account.load(context.call), this.#options, context)
  }
}

function accountOf(options: IdTokenOptions): LazyAccount {
  check(options)
  return new LazyAccount(options)
}

const WHAT = 'the ID token cannot be had'
const OPTIONS = 'keyFile key signer email claims tokenUri quotaProject universeDomain targetAudience'.split(
  ' ',
)

function check({ targetAudience, ...options }: Partial<IdTokenOptions> = {}): void {
  checkOptionNames(WHAT, options, OPTIONS)
  checkAudience(targetAudience, 'targetAudience')
  checkServiceAccount(options)
}
