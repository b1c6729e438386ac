import type { BatchOptions } from './batch/part.ts'
import { checkKinds, checkTimeout } from './check-call.ts'
import { endControl, Exchange, type ExchangeDefaults } from './exchange.ts'
import type { CallOptions, UploadOptions } from './options.ts'
import type { Page, PagesOptions } from './pagination/by-hand.ts'
import { LateWalk } from './pagination/late-walk.ts'
import type { ComingPage } from './pagination/page-walk.ts'
import { withExtraQuery } from './request/extra-query.ts'
import type { PreparedRequest } from './request/prepared-request.ts'
import { CallContext } from './transport/call-context.ts'
import type { Credentials } from './transport/credentials.ts'

/** What became of one request of several. The shape of `Promise.allSettled`. */
export type SendResult<Result> =
  | { readonly status: 'fulfilled'; readonly value: Result }
  | { readonly status: 'rejected'; readonly reason: unknown }

/** The results of several requests, in order and each of its own type. */
export type SendResults<Requests extends readonly PreparedRequest[]> = {
  -readonly [I in keyof Requests]: SendResult<ResultOf<Requests[I]>>
}

/** What a request answers. Of an untyped API, where a request is `any`, it is `any`. */
type ResultOf<Request> = 0 extends 1 & Request
  ? any // oxlint-disable-line typescript/no-explicit-any -- nothing is known of it
  : Request extends PreparedRequest<infer Result>
    ? Result
    : unknown

/** What holds for requests sent together. `timeoutMs` is the time of each. */
export interface SendOptions extends CallOptions {
  /** The time that all of them may take, in milliseconds. Those without an answer then fail with a `TimeoutError`. */
  readonly totalTimeoutMs?: number
}

/** The ways in which prepared requests are sent for one principal. */
export interface Sending {
  one(request: PreparedRequest, options: UploadOptions): Promise<unknown>
  many(requests: readonly PreparedRequest[], options: SendOptions): Promise<SendResult<unknown>[]>
  batch(requests: readonly PreparedRequest[], options: BatchOptions): Promise<SendResult<unknown>[]>
  pages(request: PreparedRequest, options: PagesOptions): AsyncIterable<Page<unknown>>
  /** A page that is being asked for. */
  ask(request: PreparedRequest, options: CallOptions): ComingPage<unknown>
}

export function createSending(defaults: ExchangeDefaults, credentials: Credentials): Sending {
  async function one(request: PreparedRequest, options: UploadOptions): Promise<unknown> {
    let exchange: Exchange
    try {
      exchange = new Exchange(defaults, credentials, withExtraQuery(request, options.extraQuery), options)
    } catch (error) {
      endControl(options)
      throw error
    }
    return exchange.content()
  }

  async function many(
    requests: readonly PreparedRequest[],
    { totalTimeoutMs: timeout, ...options }: SendOptions,
  ): Promise<SendResult<unknown>[]> {
    const all = (each: CallOptions): Promise<SendResult<unknown>[]> =>
      Promise.allSettled(requests.map((request) => one(request, each)))
    if (timeout === undefined) return all(options)
    const id = `sending ${requests.length} requests`
    checkTimeout(id, timeout, 'totalTimeoutMs')
    checkKinds(id, options)
    const whole = new CallContext({ id, signal: options.signal, timeout, clock: defaults.clock })
    try {
      return await all({ ...options, signal: whole.signal })
    } finally {
      whole.finish()
    }
  }

  function ask(request: PreparedRequest, options: CallOptions): ComingPage<unknown> {
    const exchange = new Exchange(defaults, credentials, request, options)
    return { content: exchange.content(), cancel: () => exchange.cancel() }
  }

  return {
    one,
    many,
    ask,
    async batch(requests, options) {
      const { runBatch } = await import('./batch/run-batch.ts')
      return runBatch(requests, options, defaults, credentials)
    },
    pages: (request, options) => ({
      [Symbol.asyncIterator]: () =>
        new LateWalk(async () => {
          const { walkPrepared } = await import('./pagination/lists.ts')
          return walkPrepared(request, options, ask)
        }),
    }),
  }
}
