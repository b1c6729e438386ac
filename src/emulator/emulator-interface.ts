import type { RestDescription } from '../discovery/document.ts'
import type { HttpRequest, HttpResponse } from '../protocol/http.ts'
import type { WebAsyncDisposable, WebRequest, WebResponse } from '../web-types.ts'
import type { ServiceAccountKey } from './accounts.ts'
import type { Clock } from './clock.ts'
import type { ExternalAccount, ExternalAccountOptions } from './external-account.ts'
import type { ImpersonationGrant } from './impersonation.ts'
import type { InProcessTransport } from './in-process.ts'
import type { Journal } from './journal.ts'
import type { Listener, ListenOptions } from './listening.ts'
import type { AccessTokenOptions, AuthorizedUserOptions } from './person-token.ts'
import type { RefreshTokenOptions } from './refresh-token-lifetimes.ts'
import type { AuthorizedUser, ExternalAuthorizedUser } from './refresh-tokens.ts'
import type { ConsentAnswer } from './sign-in/consent.ts'
import type { OauthClientKey, OauthClientOptions } from './sign-in/oauth-clients.ts'
import type { Person, PersonOptions } from './sign-in/people.ts'
import type { EmulatorHmacKey } from './xml/hmac-keys.ts'

/** How an emulator differs from the usual one. */
export interface EmulatorOptions extends RefreshTokenOptions {
  /**
   * Discovery documents to serve besides the emulator's own, or instead of them when the id is the same. Calls of
   * methods that it does not model are checked by their document and then answered with 501.
   */
  readonly documents?: readonly RestDescription[]
  /** The project of the accounts it makes; default `emulator-project`. */
  readonly project?: string
  /** Answers API calls that carry no `Authorization` at all; default false. */
  readonly anonymous?: boolean
  /** The time in milliseconds since 1970; default the real time. */
  readonly now?: () => number
  /**
   * What resumable uploads with headers `X-Goog-Upload-…` are told to send multiples of, in bytes; default 262,144. The
   * dialect with `Content-Range` always has that.
   */
  readonly chunkGranularityBytes?: number
}

/** A stand-in for Google's APIs in this process, and on a port when asked. */
export interface Emulator extends WebAsyncDisposable {
  /** `http://emulator.localhost` in process, the listening address after `listen()`. No slash at the end. */
  readonly url: string
  /** Answers one request. Rejects where a connection would break. */
  handle(request: HttpRequest): Promise<HttpResponse>
  /** Answers one request in the web's own terms. */
  fetch(request: WebRequest): Promise<WebResponse>
  /** Opens a port on the loopback interface. */
  listen(options?: ListenOptions): Promise<Listener>
  /**
   * What a client needs to reach the emulator and to live in its time: in process a transport too, after `listen()`
   * the address.
   */
  connect(): { endpoint: string; clock: Pick<Clock, 'now'>; transport?: InProcessTransport }
  /** A key file's content for a service account, made on first need; the same for the same address. */
  serviceAccountKey(options?: { readonly email?: string }): Promise<ServiceAccountKey>
  /** Takes an account out of use: neither its key nor its tokens are accepted from now on. */
  disableServiceAccount(email: string): void
  /**
   * Lets somebody act as a service account, as the role Service Account Token Creator does: get its tokens, and sign for it.
   * Nobody may without, but the account itself. It stays after `reset()`.
   *
   * ```ts
   * import { createEmulator } from 'discokit/emulator'
   *
   * await using emulator = await createEmulator()
   * emulator.allowImpersonation({ by: 'ada@example.com', serviceAccount: 'robot@p.iam.gserviceaccount.com' })
   * ```
   *
   * @throws {ValidationError} for names that can be nobody's.
   */
  allowImpersonation(grant: ImpersonationGrant): void
  /**
   * A fresh HMAC key of a service account, which is made on first need: for `GOOG4-HMAC-SHA256` signatures of addresses and
   * forms of Cloud Storage.
   */
  hmacKey(options?: { readonly email?: string }): Promise<EmulatorHmacKey>
  /** A fresh API key, for methods whose answers are public. Sent as `x-goog-api-key` or as the parameter `key`. */
  apiKey(): string
  /** An access token of a person, valid for an hour by the emulator's clock. */
  accessToken(options?: AccessTokenOptions): string
  /**
   * The credentials of a person who consented to some scopes, as a file of Google's tools has them. With `rotating` each use
   * of a refresh token gives another in its place.
   */
  authorizedUser(options?: AuthorizedUserOptions): AuthorizedUser
  /**
   * The same for a person for whom another provider than Google vouches (workforce identity), as a file of gcloud has them.
   * The address stands for the person.
   */
  externalAuthorizedUser(options?: AuthorizedUserOptions): ExternalAuthorizedUser
  /**
   * A program elsewhere for which another provider than Google vouches (workload identity federation): the content of its
   * credential configuration file, to be completed by `credential_source`, and the tokens of its provider.
   *
   * ```ts
   * import { writeFile } from 'node:fs/promises'
   * import { createEmulator } from 'discokit/emulator'
   *
   * await using emulator = await createEmulator()
   * const { file, subjectToken } = emulator.externalAccount({ serviceAccount: 'robot@p.iam.gserviceaccount.com' })
   * await writeFile('token', await subjectToken())
   * await writeFile('account.json', JSON.stringify({ ...file, credential_source: { file: 'token' } }))
   * ```
   *
   * @throws {ValidationError} for a subject or an address that could be none.
   */
  externalAccount(options?: ExternalAccountOptions): ExternalAccount
  /**
   * Makes an account that people can sign in with, or changes it. Others are made on first need; the page of consent shows those
   * that were made, `person@example.com` where none was.
   * @throws {ValidationError} for an address that can be nobody's.
   */
  user(person: PersonOptions): Person
  /**
   * Registers an application that asks people for consent, with the authorization code flow or, of devices, with the device flow.
   *
   * ```ts
   * import { createEmulator } from 'discokit/emulator'
   *
   * await using emulator = await createEmulator()
   * const client = emulator.oauthClient({ redirectUris: ['http://localhost:3000/back'] })
   * const asked = new URL('https://accounts.google.com/o/oauth2/v2/auth')
   * asked.search = String(new URLSearchParams({
   *   client_id: client.clientId,
   *   redirect_uri: 'http://localhost:3000/back',
   *   response_type: 'code',
   *   scope: 'openid email',
   * }))
   * const back = new URL(emulator.consent(asked.href, { email: 'ada@example.com' }))
   * console.log(back.searchParams.has('code'))
   * ```
   *
   * @throws {ValidationError} for addresses that Google would not register.
   */
  oauthClient(options?: OauthClientOptions): OauthClientKey
  /**
   * Answers a request for consent as a person in a browser would, who is shown the page at `url` and allows what it asks for. Gives
   * the address that the browser is sent to.
   * @throws {ValidationError} where the page says what is wrong, as there is no address that the answer may go to.
   */
  consent(url: string, answer?: ConsentAnswer): string
  /**
   * Answers for a device, as a person would who types the code that it shows.
   * @throws {ValidationError} where no device waits with that code.
   */
  deviceConsent(userCode: string, answer?: ConsentAnswer): void
  /** Makes every access token given out so far invalid. */
  revokeTokens(): void
  /**
   * Makes every refresh token given out so far invalid, as when people take back what they have consented to. They are asked
   * again then.
   */
  revokeConsents(): void
  /**
   * Lets the next calls of a method go wrong, one per instruction: `return-503`, `return-503-after-256K`,
   * `return-reset-connection`, `return-reset-connection-after-256K`, `return-reset-connection-after-commit`,
   * `return-broken-stream`, `return-broken-stream-after-256K`, `return-broken-stream-final-chunk-after-100B`,
   * `return-corrupted-data`, `stall-always`, `stall-at-256KiB`, `stall-for-10s-after-256K`. An instruction that speaks of
   * bytes waits for a call that has so many; the requests of a resumable upload are calls of its method, and its bytes
   * are counted from the beginning of the whole. Stalls last by the emulator's clock, and at most as long in real time.
   * Endpoints that no document has are called `oauth2.auth`, `oauth2.deviceCode`, `oauth2.token`, `oauth2.revoke`,
   * `openid.configuration`, `openid.userinfo`, `sts.oauthtoken` and `sts.introspect`.
   * Batch requests are called `batch` and have instructions of their own: `return-shuffled-parts`, `return-missing-part`,
   * `return-repeated-part`.
   */
  fail(methodId: string, instructions: readonly string[]): void
  /** The instructions that no call has met yet, by method id; `{}` when there are none. */
  unusedFaults(): Readonly<Record<string, readonly string[]>>
  readonly clock: Clock
  readonly journal: Journal
  /** Forgets all data, faults, exchanges and time shifts. Accounts, keys and tokens stay, so clients can go on. */
  reset(): void
  /** Closes the port and removes everything from disk. The emulator must not be used afterwards. */
  close(): Promise<void>
}
