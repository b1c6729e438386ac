import { AuthError } from '../../errors.ts'
import type { HttpHeaders } from '../../protocol/http.ts'
import type { Credentials, CredentialsContext, CredentialsTarget } from '../../transport/credentials.ts'
import type { LazyAccount } from './account.ts'
import { charging } from '../tokens/quota-project.ts'
import type { Signer } from '../signer.ts'
import { standAlone } from '../tokens/stand-alone.ts'
import { type FetchToken, TokenCache } from '../tokens/token-cache.ts'

/** Of one credential: one for each API that is called. */
const MOST_TOKENS = 100

/** What the credentials of a service account have in common, whatever kind of token they get. */
export abstract class AccountCredentials implements Credentials {
  abstract readonly kind: string
  /** The project that is charged. */
  readonly quotaProject: string | undefined
  readonly #account: LazyAccount
  readonly #tokens = new Map<string, TokenCache>()

  constructor(account: LazyAccount, quotaProject: string | undefined) {
    this.#account = account
    this.quotaProject = quotaProject
  }

  /** What holds the token for an address. */
  protected abstract cache(url?: string): TokenCache

  /** The one holder for a purpose. They begin anew when they are many. */
  protected cacheFor(purpose: string, fetchToken: FetchToken): TokenCache {
    let cache = this.#tokens.get(purpose)
    if (!cache) {
      cache = new TokenCache(fetchToken)
      if (this.#tokens.size >= MOST_TOKENS) this.#tokens.clear()
      this.#tokens.set(purpose, cache)
    }
    return cache
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
  /**
   * Whether there is a token and it needs no renewal yet. Where each API that is called has a token of its own (an account
   * that signs itself, without scopes), `valid`, `expired`, `refresh` and `apply` are about one more, for no API in particular.
   */
  get valid(): boolean {
    return this.cache().isFresh
  }
  /** Whether there is a token and it needs renewal. */
  get expired(): boolean {
    return this.cache().current !== undefined && !this.valid
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
    return charging(this.quotaProject, this.cache(target?.url).headers(context))
  }

  refused(headers: HttpHeaders): boolean {
    for (const cache of this.#tokens.values()) cache.refused(headers)
    return true
  }

  endsAt({ url }: CredentialsTarget): number {
    return this.cache(url).endsAt
  }

  /**
   * Gets a new token, whether there is one or not. When that fails, the one that there is stays.
   * @throws {AuthError} when none can be had.
   */
  async refresh(): Promise<void> {
    await standAlone('refresh', (context) => this.cache().renew(context))
  }

  /**
   * Headers with the token that is at hand. Of `x-goog-user-project` the one that is given stays.
   * @throws {AuthError} reason `no_token` when there is none.
   */
  apply(headers: HttpHeaders = {}): HttpHeaders {
    const { current } = this.cache()
    if (!current) throw new AuthError('no token yet: refresh() gets one', { reason: 'no_token' })
    return { ...charging(this.quotaProject, {}), ...headers, ...current }
  }

  /** The headers of a request with a token that holds, which is got where it must. */
  async beforeRequest(url: string, headers: HttpHeaders = {}): Promise<HttpHeaders> {
    const own = await standAlone('token', (context) => this.headers({ url }, context))
    return { ...own, ...headers, authorization: own['authorization']! }
  }
}
