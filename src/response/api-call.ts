import type { HttpHeaders, HttpResponse } from '../protocol/http.ts'
import { toWebResponse } from '../transport/web-response.ts'
import type { WalkOptions } from '../pagination/page-walk.ts'
import type { WebResponse } from '../web-types.ts'

/** What an answer had besides its content: plain data. */
export interface ResponseInfo {
  readonly status: number
  /** Names in lower case. */
  readonly headers: HttpHeaders
  /** The address that answered. */
  readonly url: string
}

/** Content and answer together. */
export interface WithResponse<Result> {
  readonly data: Result
  readonly response: ResponseInfo
}

/**
 * A call under way. It started when it was made; `await` gives the content of the answer or throws a typed error.
 *
 * The body is read at once, so a forgotten call never holds a connection. A call that fails and that nobody awaits
 * is reported as an unhandled rejection, because a lost write must be loud.
 *
 * ```ts
 * const bucket = await storage.buckets.get({ bucket: 'photos' })
 * const { data, response } = await storage.buckets.get({ bucket: 'photos' }).withResponse()
 * ```
 */
export interface ApiCall<Result> extends PromiseLike<Result> {
  catch<Other = never>(
    onRejected?: ((reason: unknown) => Other | PromiseLike<Other>) | null,
  ): Promise<Result | Other>
  finally(onFinally?: (() => void) | null): Promise<Result>
  /** The content together with status, headers and address. */
  withResponse(): Promise<WithResponse<Result>>
  /**
   * The answer as a web `Response`, its body unread. Must be called in the same turn as the call, and then takes the
   * place of awaiting it. Whoever calls it reads the body or cancels it.
   */
  asResponse(): Promise<WebResponse>
}

/** A call whose answer may be the first page of several. */
export interface PagedCall<Result, Made = Result> extends ApiCall<Made> {
  /** The pages of a list, this answer being the first. Marks the call as handled. */
  pages(options?: WalkOptions): AsyncIterable<Result>
}

/**
 * A call of a method that lists: await it for the first page, or go through all of them.
 *
 * ```ts
 * for await (const bucket of storage.buckets.list({ project })) console.log(bucket.name)
 * for await (const page of storage.buckets.list({ project }).pages()) console.log(page.items?.length)
 * ```
 */
export interface ListCall<Result, Item, Made = Result> extends PagedCall<Result, Made>, AsyncIterable<Item> {
  /** The items of all pages. Marks the call as handled. */
  items(options?: WalkOptions): AsyncIterable<Item>
  /** The same as `items()`. */
  [Symbol.asyncIterator](): AsyncIterator<Item>
}

/** The sending and reading that a call stands for. */
export interface CallExchange {
  /** Sends the request; rejects with a typed error unless the answer is a success. */
  send(): Promise<HttpResponse>
  /** The content of the answer. */
  read(response: HttpResponse): Promise<unknown>
  /** The call has all it needs from the connection. */
  finish(): void
}

/** Goes through the list of which the answer is the first page. */
export type Walker = (
  kind: 'pages' | 'items',
  first: PromiseLike<unknown>,
  options: WalkOptions | undefined,
) => AsyncIterableIterator<unknown>

/**
 * Starts a call.
 * @param url the address, for `ResponseInfo`
 * @param transform makes what is awaited of the content
 */
export function startCall<Result, Item>(
  exchange: CallExchange,
  url: string,
  walker: Walker,
  transform?: (content: Result) => unknown,
): ListCall<Result, Item> {
  return new StartedCall(exchange, url, walker, transform)
}

class StartedCall<Result, Item> implements ListCall<Result, Item> {
  readonly #exchange: CallExchange
  readonly #url: string
  readonly #walker: Walker
  /** The content as it came. */
  readonly #content: Promise<Result>
  readonly #transform: ((content: Result) => unknown) | undefined
  /** What is awaited, once it is. */
  #result: Promise<Result> | undefined
  #response: HttpResponse | undefined
  /** Whether the answer may still be taken raw, was taken, or is being read. */
  #body: 'open' | 'taken' | 'read' = 'open'

  constructor(
    exchange: CallExchange,
    url: string,
    walker: Walker,
    transform: ((content: Result) => unknown) | undefined,
  ) {
    this.#exchange = exchange
    this.#url = url
    this.#walker = walker
    this.#content = this.#run()
    this.#transform = transform
  }

  get [Symbol.toStringTag](): string {
    return 'ApiCall'
  }

  then<A = Result, B = never>(
    onFulfilled?: ((value: Result) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    const content = this.#body === 'taken' ? Promise.reject<Result>(bodyTaken()) : this.#awaited()
    return content.then(onFulfilled, onRejected)
  }

  catch<Other = never>(
    onRejected?: ((reason: unknown) => Other | PromiseLike<Other>) | null,
  ): Promise<Result | Other> {
    return this.then(undefined, onRejected)
  }

  finally(onFinally?: (() => void) | null): Promise<Result> {
    return this.then((value) => value).finally(onFinally)
  }

  withResponse(): Promise<WithResponse<Result>> {
    return this.then((data) => {
      const { status, headers } = this.#response!
      return { data, response: { status, headers, url: this.#url } }
    })
  }

  asResponse(): Promise<WebResponse> {
    if (this.#body !== 'open') {
      return Promise.reject(
        new TypeError(
          'asResponse() must be called in the same turn as the call, and once: the body is being read',
        ),
      )
    }
    this.#body = 'taken'
    return this.#content.then(() => toWebResponse(this.#response!, () => this.#exchange.finish()))
  }

  pages(options?: WalkOptions): AsyncIterable<Result> {
    return this.#walk('pages', options) as AsyncIterable<Result>
  }

  items(options?: WalkOptions): AsyncIterable<Item> {
    return this.#walk('items', options) as AsyncIterable<Item>
  }

  [Symbol.asyncIterator](): AsyncIterator<Item> {
    return this.#walk('items', undefined) as AsyncIterator<Item>
  }

  #walk(kind: 'pages' | 'items', options: WalkOptions | undefined): AsyncIterableIterator<unknown> {
    this.#content.catch(nothing)
    return this.#walker(kind, this.#body === 'taken' ? this : this.#content, options)
  }

  #awaited(): Promise<Result> {
    const transform = this.#transform
    // A caller who changes the type of the content knows it.
    return (this.#result ??= transform ? (this.#content.then(transform) as Promise<Result>) : this.#content)
  }

  async #run(): Promise<Result> {
    // Not queueMicrotask, which costs Node an asynchronous resource each time.
    void TURN.then(() => {
      if (this.#body === 'open') this.#body = 'read'
    })
    let raw = false
    try {
      const response = (this.#response = await this.#exchange.send())
      raw = this.#body === 'taken'
      // A taken body is the caller's to read; this value is never seen.
      return raw ? (undefined as Result) : ((await this.#exchange.read(response)) as Result)
    } finally {
      if (!raw) this.#exchange.finish()
    }
  }
}

const TURN = /* @__PURE__ */ Promise.resolve()
const nothing = (): void => {}

function bodyTaken(): TypeError {
  return new TypeError('the answer of this call was taken with asResponse(); await that instead')
}
