import type { CallOptions, DownloadOptions } from '../options.ts'
import type { HttpResponse } from '../protocol/http.ts'
import type { PreparedRequest } from '../request/prepared-request.ts'
import type { Clock } from '../transport/clock.ts'
import type { Handler } from '../transport/interceptor.ts'
import type { RetryBudget } from '../transport/retry-budget.ts'
import type { RetryPolicy } from '../transport/retry-decision.ts'
import type { DownloadSummary, SaveOptions } from './download.ts'
import type { MediaDestination } from './media-destination.ts'

/** How a download does its work; made by the client. */
export interface DownloadSteps {
  /** Loads what reads the bytes, when the first download begins. */
  load(): Promise<DownloadReader>
  /** For errors: the method id. */
  readonly id: string
  /** The request that answers with the bytes. */
  readonly request: PreparedRequest
  readonly options: DownloadOptions
  /** Whether the method has the parameter `generation`, which pins a version. */
  readonly generations: boolean
  /**
   * The retry policy.
   * @throws {ValidationError} for options of another kind than they must have.
   */
  checked(): RetryPolicy
  /** Sends a request once, with its credential. */
  readonly once: Handler
  readonly budget: RetryBudget
  readonly clock: Clock
  readonly random: () => number
  /** The most that is read into memory of an answer. */
  readonly maxAnswerBytes: number | undefined
  /** A request on its way, sent through the handler. */
  exchange(request: PreparedRequest, options: CallOptions, handler: Handler): DownloadExchange
}

/** One request of a download. */
export interface DownloadExchange {
  /** Rejects with a typed error unless the answer is a success. */
  send(): Promise<HttpResponse>
  /** The answer that came last. */
  readonly response: HttpResponse | undefined
  /** The connection is free again. */
  finish(): void
  /** Gives up, wherever the request is. */
  cancel(): void
}

/** What is loaded with the first download. */
export interface DownloadReader {
  /** The bytes as they come. */
  receive(
    steps: DownloadSteps,
    how: { readonly inMemory: boolean },
  ): AsyncGenerator<Uint8Array, DownloadSummary, undefined>
  /** @param claim takes the download, once, with what ends it */
  save(
    steps: DownloadSteps,
    destination: MediaDestination,
    options: SaveOptions,
    claim: (stop: () => unknown) => void,
  ): Promise<DownloadSummary>
}
