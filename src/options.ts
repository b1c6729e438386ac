import type { SharedTokens } from './auth/shared/shared-tokens.ts'
import type { ApiTable } from './discovery/api-table.ts'
import type { DocumentCache } from './discovery/document-cache.ts'
import type { RestDescription } from './discovery/document.ts'
import type { DownloadProgress, DownloadRange } from './media/download.ts'
import type { UploadProgress } from './media/progress.ts'
import type { UploadSettings } from './media/upload-settings.ts'
import type { Clock } from './transport/clock.ts'
import type { Credentials } from './transport/credentials.ts'
import type { RetryPolicy } from './transport/retry-decision.ts'
import type { ClosableTransport, Transport } from './transport/transport.ts'

import type { WebAbortSignal } from './web-types.ts'

/** What a client is made of. Everything has a default. */
export interface ClientOptions {
  /**
   * The credential of every call: `serviceAccount(…)`, `anonymous()` and so on, from `discokit/auth`. Default: `adc()`, what
   * the place says that the program runs in. Discovery needs none.
   */
  readonly auth?: Credentials
  /**
   * An address that stands in for Google's: the emulator, a private endpoint. All requests go there, and it may see
   * the credential. Must be https, or http on this machine. Default: the emulator that the environment variable
   * `DISCOKIT_EMULATOR` names, if any.
   */
  readonly endpoint?: string
  /** The domain of the universe. Default `googleapis.com`. */
  readonly universeDomain?: string
  /** The project that is charged, sent as `x-goog-user-project`. */
  readonly quotaProject?: string
  /** What sends requests. Default: `node:http` with kept-alive connections on Node, `fetch` elsewhere. */
  readonly transport?: Transport | ClosableTransport
  /** How often and after what waits a request is sent again; `false` for never. Default: five tries. */
  readonly retry?: Partial<RetryPolicy> | false
  /** The time that a call may take in all, in milliseconds. Default 120,000; transfers of media have no limit. */
  readonly timeoutMs?: number
  /**
   * Whether parameters and bodies are checked against the document before anything is sent: types, formats, ranges,
   * patterns, enums, members that must be there or do not exist. Default true. Parameters that do not exist or are missing
   * from the path are always refused.
   */
  readonly validate?: boolean
  /** The most that is read of an answer that is not a download, in bytes. Default 64 MiB. */
  readonly maxAnswerBytes?: number
  /**
   * Where discovery documents are kept from one start to the next, or `false` for nowhere. Default on Node: a folder
   * of the user's caches, or the one that the environment variable `DISCOKIT_CACHE` names (`off` for none), for
   * clients without a `transport` of their own and addresses that are not on this machine. Elsewhere none.
   */
  readonly cache?: DocumentCache | false
  /**
   * Where several programs share tokens, and a program finds those that it had before its start: what `sharedTokens()` of
   * `discokit/auth` gives. Default: nowhere.
   */
  readonly tokenStore?: SharedTokens
  /** Goes before ours in the `User-Agent` header. */
  readonly userAgent?: string
  /** Where the time comes from. The emulator brings its own. */
  readonly clock?: Clock
}

/** What may be said of a request before it is sent. */
export interface PrepareOptions {
  /** Query parameters that the document does not know. */
  readonly extraQuery?: Readonly<Record<string, string | readonly string[]>>
  /** As in {@link ClientOptions.validate}, for this request. */
  readonly validate?: boolean
}

/**
 * What one call may have of its own.
 * @typeParam Content what the answer holds
 * @typeParam Result what the call gives, which `transform` makes of it
 */
// oxlint-disable-next-line typescript/no-explicit-any -- the content of an API that is not typed
export interface CallOptions<Content = any, Result = unknown> extends PrepareOptions {
  /** Ends the call, wherever it is, with the signal's reason. */
  readonly signal?: WebAbortSignal
  /** As in {@link ClientOptions.timeoutMs}, for this call; also limits transfers of media. `Infinity` for no limit. */
  readonly timeoutMs?: number
  /** As in {@link ClientOptions.retry}, for this call. */
  readonly retry?: Partial<RetryPolicy> | false
  /** Further headers. `Authorization` and those that frame the message are refused. */
  readonly headers?: Readonly<Record<string, string>>
  /** As in {@link ClientOptions.quotaProject}, for this call. */
  readonly quotaProject?: string
  /** As in {@link ClientOptions.maxAnswerBytes}, for this call. */
  readonly maxAnswerBytes?: number
  /** Makes what the call gives out of the content of the answer. Pages and items are given as they came. */
  readonly transform?: (content: Content) => Result
}

/** Options of a call that may upload. */
// oxlint-disable-next-line typescript/no-explicit-any -- the content of an API that is not typed
export interface UploadOptions<Content = any, Result = unknown> extends CallOptions<Content, Result> {
  /** Told as the content is sent. */
  readonly onProgress?: (progress: UploadProgress) => void
  /** How the content goes up, where it is kept how far it came, and what may stop it. */
  readonly upload?: UploadSettings
}

/** Options of a download. */
export interface DownloadOptions extends CallOptions {
  /** Told as the content comes. */
  readonly onProgress?: (progress: DownloadProgress) => void
  /**
   * The part that is wanted, as stored: gzip is not taken off. It is not compared with the checksum, which is that of the
   * whole. Default: all of it.
   */
  readonly range?: DownloadRange
  /**
   * Whether what Cloud Storage keeps as gzip (`contentEncoding`) is given inflated, after the stored bytes are compared
   * with their checksum; `false` gives them as stored. A range is one of what is meant, or with `false` of what is stored.
   * Browsers inflate by themselves. Default true.
   */
  readonly decompress?: boolean
  /** A connection that gives nothing for so long is a broken one, in milliseconds. `Infinity` for never. Default 60,000. */
  readonly stallTimeoutMs?: number
  /**
   * The most that `bytes()` and `text()` hold, in bytes. Default: no limit, but 64 MiB for what came as gzip, since little
   * can become very much.
   */
  readonly maxAnswerBytes?: number
}

/** How an API is used, unless a call says otherwise. */
export interface ApiOptions {
  /** As in {@link ClientOptions.validate}, for all calls of the API. */
  readonly validate?: boolean
}

/**
 * What `google.api` makes an API of, and the type of what it makes: a discovery document, or the table of methods in a
 * file that `discokit add` wrote.
 */
export type ApiDefinition<Api = UntypedApi> = (RestDescription | ApiTable) & { readonly [apiType]?: Api }

declare const apiType: unique symbol

/** An API about which the type checker knows nothing: everything below it is `any`. */
// oxlint-disable-next-line typescript/no-explicit-any -- an API discovered at run time has no types
export type UntypedApi = { readonly [name: string]: any }

/**
 * The APIs whose types are registered, by id. Empty here; files that `discokit add --augment` wrote add to it, so that
 * `discover('drive:v3')` is typed.
 */
export interface Apis {}

/** The type of the API of an id, as far as it is registered. */
export type ApiOf<Id> = Id extends keyof Apis ? Apis[Id] : UntypedApi

/** Any id, or where types are registered one of theirs: there, another is a mistyped one. */
export type KnownId<Id extends string> = [keyof Apis] extends [never]
  ? Id
  : string extends Id
    ? Id
    : Id extends keyof Apis
      ? Id
      : keyof Apis
