import { AuthError } from '../errors.ts'
import type { HttpHeaders } from '../protocol/http.ts'
import { CallContext } from '../transport/call-context.ts'
import { systemClock } from '../transport/clock.ts'
import type { Credentials, CredentialsContext, CredentialsTarget } from '../transport/credentials.ts'
import { DEFAULT_UNIVERSE } from '../transport/origin-policy.ts'
import { splitOrigin } from '../transport/origin.ts'
import type { Transport } from '../transport/transport.ts'
import { LazyAccount } from './account.ts'
import { signAssertion } from './assertion.ts'
import { checkTokenUri, GOOGLE_TOKEN_URI } from './service-account-key.ts'
import {
  checkServiceAccount,
  type ServiceAccountOptions,
  type ServiceAccountSettings,
  signsItself,
} from './service-account-options.ts'
import type { Signer } from './signer.ts'
import { type AccessToken, TokenCache } from './token-cache.ts'
import { assertionAudience, requestToken } from './token-endpoint.ts'
import { platform } from '#platform'

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
export class ServiceAccountCredentials implements Credentials {
  readonly kind = 'service account'
  readonly #options: ServiceAccountOptions
  readonly #account: LazyAccount
  /** The token of the exchange under '', and those that the account signs itself by what they are for. */
  readonly #tokens = new Map<string, TokenCache>()

  constructor(options: ServiceAccountOptions, account?: LazyAccount) {
    checkServiceAccount(options)
    if (options.tokenUri !== undefined)
      checkTokenUri(options.tokenUri, 'the service account', options.universeDomain ?? DEFAULT_UNIVERSE)
    this.#options = options
    this.#account = account ?? new LazyAccount(options)
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
  get quotaProject(): string | undefined {
    return this.#options.quotaProject
  }
  get universeDomain(): string {
    return this.#options.universeDomain ?? DEFAULT_UNIVERSE
  }
  /** Whether it was given no scopes, so that those of a library or all of Google Cloud count. */
  get requiresScopes(): boolean {
    return this.#options.scopes === undefined
  }
  /** The account's address; undefined until a key that has to be fetched was read. */
  get serviceAccountEmail(): string | undefined {
    return this.#account.known?.email
  }
  get signerEmail(): string | undefined {
    return this.serviceAccountEmail
  }
  /** The project of the key, as `serviceAccountEmail`. */
  get projectId(): string | undefined {
    return this.#account.known?.projectId
  }
  /** As `serviceAccountEmail`. */
  get signer(): Signer | undefined {
    return this.#account.known?.signer
  }
  /** Whether there is a token and it needs no renewal yet. */
  get valid(): boolean {
    return this.#cache().isFresh
  }
  /** Whether there is a token and it needs renewal. */
  get expired(): boolean {
    return this.#cache().current !== undefined && !this.valid
  }

  hasScopes(scopes: readonly string[]): boolean {
    const own = this.scopes ?? this.defaultScopes ?? []
    return scopes.every((scope) => own.includes(scope))
  }

  /** Reads the key, so that what it says is known. */
  async load(): Promise<this> {
    await this.#account.load()
    return this
  }

  /** Signs with the account's key: RSASSA-PKCS1-v1_5 and SHA-256. */
  async signBytes(data: Uint8Array): Promise<Uint8Array> {
    return (await this.#account.load()).signer.sign(data)
  }

  headers(
    target: CredentialsTarget | undefined,
    context: CredentialsContext,
  ): HttpHeaders | Promise<HttpHeaders> {
    const headers = this.#cache(target?.url).headers(context)
    if (this.quotaProject === undefined) return headers
    return headers instanceof Promise ? headers.then((found) => this.#charged(found)) : this.#charged(headers)
  }

  refused(headers: HttpHeaders): boolean {
    for (const cache of this.#tokens.values()) cache.refused(headers)
    return true
  }

  /** Gets a new token, whether there is one or not. */
  async refresh(): Promise<void> {
    const cache = this.#cache()
    cache.refused(cache.current ?? {})
    await standAlone('refresh', (context) => cache.headers(context))
  }

  /**
   * Headers with the token that is at hand. Of `x-goog-user-project` the one that is given stays.
   * @throws {AuthError} reason `no_token` when there is none.
   */
  apply(headers: HttpHeaders = {}): HttpHeaders {
    const { current } = this.#cache()
    if (!current) throw new AuthError('there is no token yet: refresh() gets one', { reason: 'no_token' })
    return { ...this.#charged({}), ...headers, ...current }
  }

  /** The headers of a request with a token that holds, which is got where it must. */
  async beforeRequest(url: string, headers: HttpHeaders = {}): Promise<HttpHeaders> {
    const own = await standAlone('token', (context) => this.headers({ url }, context))
    return { ...own, ...headers, authorization: own['authorization']! }
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
    const options = { ...this.#options, ...settings }
    // A key may name another token endpoint than the new universe trusts.
    const account = settings.universeDomain === undefined ? this.#account : undefined
    return new ServiceAccountCredentials(options, account)
  }

  #charged(headers: HttpHeaders): HttpHeaders {
    const { quotaProject } = this
    return quotaProject === undefined ? headers : { ...headers, 'x-goog-user-project': quotaProject }
  }

  /** What holds the token for an address: what was signed for it, or what was exchanged, for any. */
  #cache(url?: string): TokenCache {
    const claim = this.#ownClaim(url)
    const key = claim === undefined ? '' : JSON.stringify(claim)
    let cache = this.#tokens.get(key)
    if (!cache) {
      cache = new TokenCache((context) => (claim ? this.#sign(claim, context) : this.#exchange(context)))
      if (this.#tokens.size >= MOST_TOKENS) this.#tokens.delete(this.#tokens.keys().next().value!)
      this.#tokens.set(key, cache)
    }
    return cache
  }

  /** What a token is for that the account signs itself: scopes, or an API. */
  #ownClaim(url: string | undefined): { scope: string } | { aud: string } | undefined {
    const { scopes, defaultScopes = CLOUD_PLATFORM } = this.#options
    if (!signsItself(this.#options)) return undefined
    const origin = scopes || !url ? undefined : splitOrigin(url)?.origin
    return origin === undefined ? { scope: (scopes ?? defaultScopes).join(' ') } : { aud: `${origin}/` }
  }

  async #sign(
    claim: { scope?: string; aud?: string },
    { call, clock }: CredentialsContext,
  ): Promise<AccessToken> {
    const { email, signer } = await this.#account.load(call)
    const claims = { iss: email, sub: email, ...claim, claims: this.#options.claims }
    return { value: await signAssertion(claims, signer, clock.now()), lifetimeMs: LIFETIME_MS }
  }

  async #exchange(context: CredentialsContext): Promise<AccessToken> {
    const { email, signer, tokenUri: ofKey } = await this.#account.load(context.call)
    const {
      scopes,
      defaultScopes = CLOUD_PLATFORM,
      subject: sub,
      claims,
      tokenUri = ofKey ?? GOOGLE_TOKEN_URI,
    } = this.#options
    if (this.universeDomain !== DEFAULT_UNIVERSE)
      throw new AuthError(`a subject cannot be had in ${this.universeDomain}`, {
        reason: 'delegation_not_supported',
      })
    const aud = assertionAudience(tokenUri)
    const said = { iss: email, scope: (scopes ?? defaultScopes).join(' '), aud, sub, claims }
    return requestToken(
      {
        tokenUri,
        what: `the service account ${email}`,
        form: async () => ({
          grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
          assertion: await signAssertion(said, signer, context.clock.now()),
        }),
      },
      context,
    )
  }
}

/** What a service account may do unless told otherwise: everything its roles allow in Google Cloud. */
const CLOUD_PLATFORM: readonly string[] = ['https://www.googleapis.com/auth/cloud-platform']
const LIFETIME_MS = 3_600_000
/** Of one credential: one for each API that is called. */
const MOST_TOKENS = 100

/** Without a client, tokens are asked for through the runtime's own transport. */
async function standAlone<Result>(
  id: string,
  work: (context: CredentialsContext) => Result | Promise<Result>,
): Promise<Result> {
  const call = new CallContext({ id, clock: systemClock })
  try {
    return await work({ transport: (ownTransport ??= platform.createTransport()), clock: systemClock, call })
  } finally {
    call.finish()
  }
}

let ownTransport: Transport | undefined
