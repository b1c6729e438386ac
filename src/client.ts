import { type ApiHost, createApi } from './discovery/api.ts'
import { baseUrlOf, checkDocument } from './discovery/check-document.ts'
import type { DirectoryList, JsonSchema, RestDescription, RestMethod } from './discovery/document.ts'
import type { ApiSource } from './discovery/api-source.ts'
import type { ListApisQuery } from './discovery/load-directory.ts'
import type { DocumentPlace } from './discovery/load-place.ts'
import { type ApiMethod, createMethod } from './discovery/method.ts'
import { checkOptions, emulatorInEnvironment } from './check-options.ts'
import { createDocuments, type Documents } from './documents.ts'
import { AuthError } from './errors.ts'
import { checkTimeout, Exchange, type ExchangeDefaults, retryPolicy } from './exchange.ts'
import { createDownload } from './media/download.ts'
import type {
  ApiDefinition,
  ApiOptions,
  Apis,
  CallOptions,
  ClientOptions,
  UntypedApi,
  UploadOptions,
} from './options.ts'
import { itemsOf } from './pagination/items.ts'
import { pagesFrom } from './pagination/pages.ts'
import { type CallParameters, compileMethod, type CompiledMethod } from './request/compile-method.ts'
import { withExtraQuery } from './request/extra-query.ts'
import type { PreparedRequest } from './request/prepared-request.ts'
import { type ListCall, startCall } from './response/api-call.ts'
import { authorize } from './transport/authorize.ts'
import { CallContext } from './transport/call-context.ts'
import { systemClock } from './transport/clock.ts'
import type { Credentials } from './transport/credentials.ts'
import { DeadlineQueue } from './transport/deadline-queue.ts'
import { compose } from './transport/interceptor.ts'
import { DEFAULT_UNIVERSE, originGuard } from './transport/origin-policy.ts'
import { redirect } from './transport/redirect.ts'
import { printedRedacted } from './transport/redact.ts'
import { retry } from './transport/retry.ts'
import { VERSION } from './version.ts'
import type { WebAsyncDisposable } from './web-types.ts'
import { platform } from '#platform'

/** What became of one request of several. The shape of `Promise.allSettled`. */
export type SendResult<Result> =
  | { readonly status: 'fulfilled'; readonly value: Result }
  | { readonly status: 'rejected'; readonly reason: unknown }

/** The results of several requests, in order and each of its own type. */
export type SendResults<Requests extends readonly PreparedRequest[]> = {
  -readonly [I in keyof Requests]: SendResult<
    Requests[I] extends PreparedRequest<infer Result> ? Result : unknown
  >
}

/** What holds for requests sent together. `timeoutMs` is the time of each. */
export interface SendOptions extends CallOptions {
  /** The time that all of them may take, in milliseconds. Those without an answer then fail with a `TimeoutError`. */
  readonly totalTimeoutMs?: number
}

/** A client for Google's APIs. */
export interface Client extends WebAsyncDisposable {
  /**
   * An API by id, `storage:v1`, or by name alone, which asks for the preferred version first. Its document is
   * loaded once for each client, from the `cache` where there is one. The option `validate` is that of all calls of the API.
   * @throws {ValidationError} when there is no such API or version, with the nearest that exists.
   */
  discover<Id extends keyof Apis>(id: Id, options?: CallOptions): Promise<Apis[Id]>
  discover(id: string, options?: CallOptions): Promise<UntypedApi>
  /** An API whose document is at an address of the caller's. No credential is sent there. */
  discover<Id extends keyof Apis>(
    place: DocumentPlace & { readonly id: Id },
    options?: CallOptions,
  ): Promise<Apis[Id]>
  discover(place: DocumentPlace, options?: CallOptions): Promise<UntypedApi>
  /** An API from a document, or from a file that `discokit add` wrote. No network. */
  api<Api = UntypedApi>(definition: ApiDefinition<Api>, options?: ApiOptions): Api
  /** The APIs of the Discovery Service. */
  listApis(query?: ListApisQuery, options?: CallOptions): Promise<DirectoryList>
  /** Sends one prepared request: gives its content, or throws a typed error. */
  send<Result>(request: PreparedRequest<Result>, options?: UploadOptions): Promise<Result>
  /** Sends many together. Never throws; gives what became of each, in order. */
  send<const Requests extends readonly PreparedRequest[]>(
    requests: readonly [...Requests],
    options?: SendOptions,
  ): Promise<SendResults<Requests>>
  /** The same client for other credentials. It shares connections and documents; only its parent ends them. */
  as(credentials: Credentials): Client
  /** Ends the connections. Does nothing for a client made by `as`, or when the transport was given. */
  close(): Promise<void>
}

/**
 * Makes a client. Nothing is read, opened or sent before the first call, and two clients share nothing.
 *
 * ```ts
 * import { createClient } from 'discokit'
 * import { serviceAccount } from 'discokit/auth'
 *
 * const google = createClient({ auth: serviceAccount({ keyFile: 'key.json' }) })
 * const storage = await google.discover('storage:v1')
 * for await (const bucket of storage.buckets.list({ project: 'my-project' })) console.log(bucket.name)
 * ```
 *
 * @throws {ValidationError} for options that cannot be used.
 */
export function createClient(options: ClientOptions = {}): Client {
  const shared = createShared(options)
  return createBoundClient(shared, options.auth ?? noCredentials, shared.close)
}

/** What a client and its children have in common. */
interface Shared {
  readonly defaults: ExchangeDefaults
  readonly validate: boolean
  readonly endpoint: string | undefined
  readonly universeDomain: string
  readonly documents: Documents
  close(): Promise<void>
}

const DEFAULT_TIMEOUT_MS = 120_000
const USER_AGENT = `discokit/${VERSION} (gzip)`

function createShared(options: ClientOptions): Shared {
  checkOptions(options)
  const endpoint = (options.endpoint ?? emulatorInEnvironment())?.replace(/\/+$/, '')
  const universeDomain = options.universeDomain ?? DEFAULT_UNIVERSE
  const own = options.transport === undefined ? platform.createTransport() : undefined
  const transport = options.transport ?? own!
  const guard = originGuard({ universeDomain, origins: endpoint === undefined ? [] : [endpoint] })
  const headers = {
    'user-agent': options.userAgent === undefined ? USER_AGENT : `${options.userAgent} ${USER_AGENT}`,
    ...(options.quotaProject !== undefined && { 'x-goog-user-project': options.quotaProject }),
  }
  const defaults: ExchangeDefaults = {
    handler: compose([retry(), redirect(transport), authorize(transport, guard)], transport),
    clock: options.clock ?? systemClock,
    headers,
    retry: retryPolicy(options.retry),
    timeout: new DeadlineQueue(options.timeoutMs ?? DEFAULT_TIMEOUT_MS),
    maxAnswerBytes: options.maxAnswerBytes,
  }
  return {
    defaults,
    validate: options.validate ?? true,
    endpoint,
    universeDomain,
    documents: createDocuments(options, endpoint, universeDomain, defaults),
    close: async () => own?.close(),
  }
}

function createBoundClient(shared: Shared, credentials: Credentials, close: () => Promise<void>): Client {
  const { defaults, endpoint, universeDomain, documents } = shared
  const baseUrl = ({ document }: ApiSource): string => baseUrlOf(document, endpoint, universeDomain)

  function call(
    method: Callable,
    parameters: CallParameters | undefined,
    options: UploadOptions,
  ): ListCall<unknown, unknown> {
    const { id, items } = method
    const { transform, ...rest } = options // pages are given as they came
    let url: string
    let exchange: Exchange
    try {
      const prepared = withExtraQuery(
        method.compiled().prepare(parameters, options.validate),
        options.extraQuery,
      )
      url = prepared.url
      exchange = new Exchange(defaults, credentials, prepared, options)
    } catch (error) {
      return refusedCall(error)
    }
    const nextPage = (pageToken: string): PromiseLike<unknown> =>
      call(method, { ...parameters, pageToken }, rest)
    const pager = { items, pages: (first: PromiseLike<unknown>) => pagesFrom(first, id, nextPage) }
    return startCall(exchange, url, pager, transform)
  }

  function createMethodFor(source: ApiSource, raw: RestMethod, name: string, resource: string): ApiMethod {
    const items = (page: unknown): readonly unknown[] => itemsOf(page, resource)
    return createMethod(source, raw, name, {
      compiled: () => compileMethod(source, raw, baseUrl(source)),
      baseUrl: () => baseUrl(source),
      call: (compiled, parameters, options) => call({ id: raw.id, items, compiled }, parameters, options),
      prepare(compiled, parameters, options) {
        const request = withExtraQuery(compiled.prepare(parameters, options.validate), options.extraQuery)
        return request.ownCredential ? printedRedacted(request) : request
      },
      download(compiled, parameters, options) {
        const prepared = withExtraQuery(
          compiled.prepareDownload(parameters, options.validate),
          options.extraQuery,
        )
        // No coding on the way, so that the checksum of what is stored can be compared. What is stored as gzip comes
        // inflated all the same, and then cannot be.
        const request = { ...prepared, headers: { ...prepared.headers, 'accept-encoding': 'identity' } }
        const { onProgress, ...rest } = options
        // Made when the download begins: the deadline counts from then, and one that never begins leaves no timer.
        let exchange: Exchange | undefined
        return createDownload({
          send: () =>
            (exchange = new Exchange(defaults, credentials, request, { ...rest, download: true })).send(),
          finish: () => exchange?.finish(),
          cancel: () => exchange?.cancel(),
          id: raw.id,
          onProgress,
        })
      },
    })
  }

  async function sendOne(request: PreparedRequest, options: UploadOptions): Promise<unknown> {
    return new Exchange(defaults, credentials, withExtraQuery(request, options.extraQuery), options).content()
  }

  async function sendMany(
    requests: readonly PreparedRequest[],
    { totalTimeoutMs: timeout, ...options }: SendOptions,
  ): Promise<PromiseSettledResult<unknown>[]> {
    const all = (each: CallOptions): Promise<PromiseSettledResult<unknown>[]> =>
      Promise.allSettled(requests.map((request) => sendOne(request, each)))
    if (timeout === undefined) return all(options)
    const id = `sending ${requests.length} requests`
    checkTimeout(id, timeout, 'totalTimeoutMs')
    const whole = new CallContext({ id, signal: options.signal, timeout, clock: defaults.clock })
    try {
      return await all({ ...options, signal: whole.signal })
    } finally {
      whole.finish()
    }
  }

  const host: ApiHost = {
    method: createMethodFor,
    baseUrl,
    rebind: (source, other) => (client.as(other as Credentials) as BoundClient)[bind](source),
    load: ({ document }) => documents.whole(document),
  }

  const client: BoundClient = {
    [bind]: (source) => createApi(source, host),
    discover: async (from: string | DocumentPlace, options: CallOptions = {}) => {
      const found = await documents.discover(from, options)
      return createApi({ ...found, validate: options.validate ?? shared.validate }, host) as UntypedApi
    },
    api: <Api>(definition: ApiDefinition<Api>, { validate = shared.validate }: ApiOptions = {}) =>
      createApi(wholeSource(checkDocument(definition), validate), host) as Api,
    listApis: documents.list,
    // One function serves both forms; the types of the two are those of the interface.
    send: ((request: PreparedRequest | readonly PreparedRequest[], options: UploadOptions = {}) =>
      isList(request) ? sendMany(request, options) : sendOne(request, options)) as Client['send'],
    as: (other) => createBoundClient(shared, other, async () => {}),
    close,
    [Symbol.asyncDispose]: close,
  }
  return client
}

/** A client for which an API can be bound again. */
interface BoundClient extends Client {
  [bind](source: ApiSource): object
}

const bind = Symbol('bind')

/** A document that is at hand with all it has. */
function wholeSource(document: RestDescription, validate: boolean): ApiSource {
  const { schemas = {} } = document
  const schemaOf = (name: string): JsonSchema | undefined =>
    Object.hasOwn(schemas, name) ? schemas[name] : undefined
  return { document, schemaOf, validate }
}

/** A method as calls need it. */
interface Callable {
  readonly id: string
  /** The items of a page of its answer. */
  readonly items: (page: unknown) => readonly unknown[]
  /** @throws {ValidationError} when the document names no address that can be called. */
  compiled(): CompiledMethod
}

const noCredentials: Credentials = {
  kind: 'none',
  headers() {
    throw new AuthError(
      'the client has no credential; pass one, such as createClient({ auth: serviceAccount({ keyFile }) }), or ' +
        'auth: anonymous() for public data',
      { reason: 'no_credentials' },
    )
  },
}

/** A call that was refused before anything was sent. */
function refusedCall(error: unknown): ListCall<unknown, unknown> {
  const refuse = async (): Promise<never> => {
    throw error
  }
  const exchange = { send: refuse, read: refuse, finish: () => {} }
  return startCall(exchange, '', { pages: (first) => pagesFrom(first, '', refuse), items: () => [] })
}

function isList(value: PreparedRequest | readonly PreparedRequest[]): value is readonly PreparedRequest[] {
  return Array.isArray(value)
}
