import { ValidationError } from '../errors.ts'
import { fromBase64 } from '../protocol/base64.ts'
import { checkOptionNames } from '../request/option-names.ts'
import type { CredentialsContext } from '../transport/credentials.ts'
import { DEFAULT_UNIVERSE } from '../transport/origin-policy.ts'
import { AccountCredentials } from './account-credentials.ts'
import { LazyAccount } from './account.ts'
import { exchangeAssertion } from './exchange-assertion.ts'
import { checkServiceAccount, type ServiceAccountOptions } from './service-account-options.ts'
import type { AccessToken, TokenCache } from './token-cache.ts'

/** What an ID token's credential is made of: a service account, and whom its tokens are for. */
export interface IdTokenOptions extends Pick<
  ServiceAccountOptions,
  'keyFile' | 'key' | 'signer' | 'email' | 'claims' | 'tokenUri' | 'quotaProject'
> {
  /** Whom the tokens are for: the address of a service, such as `https://my-service.a.run.app`, or a client id. */
  readonly targetAudience: string
}

/**
 * The credential of a service account that shows who it is: an ID token (OpenID Connect) for one audience, such as a service
 * on Cloud Run or behind Identity-Aware Proxy. It gives no access to Google's APIs.
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
    this.#options = { ...options, claims: structuredClone(options.claims) }
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
  withQuotaProject(quotaProject: string): IdTokenCredentials {
    return this.#with({ quotaProject })
  }

  #with(settings: Partial<IdTokenOptions>): IdTokenCredentials {
    const options = { ...this.#options, ...settings }
    check(options)
    return new IdTokenCredentials(options, this.#account)
  }

  protected override cache(): TokenCache {
    return this.cacheFor('', (context) => this.#exchange(context))
  }

  async #exchange(context: CredentialsContext): Promise<AccessToken> {
    const { targetAudience: target_audience, tokenUri, claims } = this.#options
    return exchangeAssertion(
      {
        account: await this.#account.load(context.call),
        tokenUri,
        claims: { claims: { ...claims, target_audience } },
        read({ id_token: value }, bad) {
          if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) throw bad('it has no id_token')
          const lifetimeMs = lifetimeOf(value, context.clock.now())
          if (!(lifetimeMs > 0)) throw bad('the token has expired already, or does not say when it does')
          return { value, lifetimeMs: Math.min(lifetimeMs, MAX_LIFETIME_MS) }
        },
      },
      context,
    )
  }
}

const MAX_LIFETIME_MS = 43_200_000

/**
 * How long a token lives that was made just now, by itself: by its own clock where it says when it was made. It comes from
 * where it was asked for, so its signature is not looked at.
 */
function lifetimeOf(jwt: string, now: number): number {
  try {
    const claims = JSON.parse(new TextDecoder().decode(fromBase64(jwt.split('.')[1]!))) as Record<
      string,
      unknown
    >
    const { exp, iat = now / 1_000 } = claims
    return typeof exp === 'number' && typeof iat === 'number' ? (exp - iat) * 1_000 : NaN
  } catch {
    return NaN
  }
}

function accountOf(options: IdTokenOptions): LazyAccount {
  check(options)
  return new LazyAccount({ ...options, universeDomain: DEFAULT_UNIVERSE })
}

const OPTIONS = ['keyFile', 'key', 'signer', 'email', 'claims', 'tokenUri', 'quotaProject', 'targetAudience']

function check({ targetAudience, ...options }: IdTokenOptions): void {
  const what = 'the ID token cannot be had'
  checkOptionNames(what, options, OPTIONS)
  if (typeof targetAudience !== 'string' || targetAudience === '')
    throw new ValidationError(what, [{ path: 'targetAudience', message: 'must say whom the token is for' }])
  checkServiceAccount(options)
}
