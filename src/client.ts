import type { BatchOptions } from './batch/part.ts'
import { type ApiHost, createApi } from './discovery/api.ts'
import { baseUrlOf, checkDocument } from './discovery/check-document.ts'
import type { DirectoryList, RestDescription, RestMethod } from './discovery/document.ts'
import { parseApiId } from './discovery/api-id.ts'
import { discoveryAddresses, loadDirectory, loadDocument } from './discovery/load-document.ts'
import { type ApiMethod, createMethod } from './discovery/method.ts'
import { SharedDocuments } from './discovery/shared-documents.ts'
import { checkOptions, emulatorInEnvironment } from './check-options.ts'
import { slimDocument } from './discovery/slim-document.ts'
import { AuthError } from './errors.ts'
import { checkTimeout, Exchange, type ExchangeDefaults, retryPolicy } from './exchange.ts'
import { createDownload } from './media/download.ts'
import type { ApiDefinition, Apis, CallOptions, ClientOptions, UntypedApi, UploadOptions } from './options.ts'
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

/** A client for Google's APIs. */
export interface Client extends WebAsyncDisposable {
  /**
   * An API by id, `storage:v1`, or by name alone, which asks for the preferred version first. Its document is
   * fetched once for each client.
   * @throws {ValidationError} when there is no such API or version, with the nearest that exists.
   */
  discover<Id extends keyof Apis>(id: Id, options?: CallOptions): Promise<Apis[Id]>
  discover(id: string, options?: CallOptions): Promise<UntypedApi>
  /** An API from a document, or from a file that `discokit add` wrote. No network. */
  api<Api = UntypedApi>(definition: ApiDefinition<Api>): Api
  /** The APIs of the Discovery Service. */
  listApis(query?: ListApisQuery, options?: CallOptions): Promise<DirectoryList>
  /** Sends one prepared request: gives its content, or throws a typed error. */
  send<Result>(request: PreparedRequest<Result>, options?: UploadOptions): Promise<Result>
  /** Sends many together. Never throws; gives what became of each, in order. */
  send<const Requests extends readonly PreparedRequest[]>(
    requests: readonly [...Requests],
    options?: CallOptions,
  ): Promise<SendResults<Requests>>
  /**
   * Sends many as few requests, `multipart/mixed`, to the APIs' own batch addresses: a hundred calls for one round trip.
   * Gives what became of each, in order, as `send` does.
   * @throws {ValidationError} when one of them cannot go in a batch; nothing was sent then.
   */
  batch<const Requests extends readonly PreparedRequest[]>(
    requests: readonly [...Requests],
    options?: BatchOptions,
  ): Promise<SendResults<Requests>>
  /** The same client for other credentials. It shares connections and documents; only its parent ends them. */
  as(credentials: Credentials): Client
  /** Ends the connections. Does nothing for a client made by `as`, or when the transport was given. */
  close(): Promise<void>
}

/** Which APIs to list. */
export interface ListApisQuery {
  readonly name?: string
  readonly preferred?: boolean
  /** The parts of the answer to give, such as `items(id)`. */
  readonly fields?: string
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
  readonly endpoint: string | undefined
  readonly universeDomain: string
  readonly documents: SharedDocuments
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
  const once = compose([authorize(transport, guard)], transport)
  return {
    defaults: {
      handler: compose([retry()], once),
      once,
      clock: options.clock ?? systemClock,
      headers,
      retry: retryPolicy(options.retry),
      timeout: new DeadlineQueue(options.timeoutMs ?? DEFAULT_TIMEOUT_MS),
    },
    endpoint,
    universeDomain,
    documents: new SharedDocuments(),
    close: async () => own?.close(),
  }
}

function createBoundClient(shared: Shared, credentials: Credentials, close: () => Promise<void>): Client {
  const { defaults, endpoint, universeDomain, documents } = shared
  const addresses = discoveryAddresses(endpoint, universeDomain)

  async function fetchJson(url: string, options: CallOptions = {}): Promise<unknown> {
    const request = withExtraQuery({ id: 'discovery', method: 'GET', url, headers: {} }, options.extraQuery)
    return new Exchange(defaults, undefined, request, options).content()
  }

  async function loadOnce(id: string, options: CallOptions = {}): Promise<RestDescription> {
    const { signal, timeoutMs: timeout = defaults.timeout, ...rest } = options
    const apiId = parseApiId(id)
    checkTimeout(id, options.timeoutMs)
    const call = new CallContext({ id: `discovery of ${id}`, signal, timeout, clock: defaults.clock })
    try {
      // The load is shared, so it has no time of its own: it ends when nobody waits for it any more.
      return await documents.get(id, call, async (signal) =>
        slimDocument(
          await loadDocument(apiId, addresses, (url) =>
            fetchJson(url, { ...rest, signal, timeoutMs: Infinity }),
          ),
        ),
      )
    } finally {
      call.finish()
    }
  }

  function call(
    method: Callable,
    parameters: CallParameters | undefined,
    options: UploadOptions,
  ): ListCall<unknown, unknown> {
    const { id, items } = method
    let url: string
    let exchange: Exchange
    try {
      const prepared = withExtraQuery(method.compiled().prepare(parameters), options.extraQuery)
      url = prepared.url
      exchange = new Exchange(defaults, credentials, prepared, options)
    } catch (error) {
      return refusedCall(error)
    }
    const nextPage = (pageToken: string): PromiseLike<unknown> =>
      call(method, { ...parameters, pageToken }, options)
    return startCall(exchange, url, { items, pages: (first) => pagesFrom(first, id, nextPage) })
  }

  function createMethodFor(document: RestDescription, raw: RestMethod, resource: string): ApiMethod {
    const items = (page: unknown): readonly unknown[] => itemsOf(page, resource)
    return createMethod(raw, {
      compiled: () => compileMethod(document, raw, baseUrlOf(document, endpoint, universeDomain)),
      call: (compiled, parameters, options) => call({ id: raw.id, items, compiled }, parameters, options),
      prepare: (compiled, parameters, options) =>
        withExtraQuery(compiled.prepare(parameters), options.extraQuery),
      download(compiled, parameters, options) {
        const prepared = withExtraQuery(compiled.prepareDownload(parameters), options.extraQuery)
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

  const host: ApiHost = {
    method: createMethodFor,
    rebind: (document, other) => client.as(other as Credentials).api(document),
    load: async (document) =>
      document.schemas !== undefined
        ? document
        : loadDocument({ name: document.name, version: document.version }, addresses, fetchJson),
  }

  const client: Client = {
    discover: async (id: string, options?: CallOptions) =>
      createApi(await loadOnce(id, options), host) as UntypedApi,
    api: <Api>(definition: ApiDefinition<Api>) => createApi(checkDocument(definition), host) as Api,
    listApis: ({ name, preferred, fields } = {}, options = {}) =>
      loadDirectory(addresses, (url) => fetchJson(url, options), {
        ...(name !== undefined && { name }),
        ...(preferred !== undefined && { preferred: String(preferred) }),
        ...(fields !== undefined && { fields }),
      }),
    // One function serves both forms; the types of the two are those of the interface.
    send: ((request: PreparedRequest | readonly PreparedRequest[], options: UploadOptions = {}) =>
      isList(request)
        ? Promise.allSettled(request.map((one) => sendOne(one, options)))
        : sendOne(request, options)) as Client['send'],
    batch: (async (requests: readonly PreparedRequest[], options: BatchOptions = {}) =>
      (await import('./batch/run-batch.ts')).runBatch(
        requests,
        options,
        defaults,
        credentials,
      )) as Client['batch'],
    as: (other) => createBoundClient(shared, other, async () => {}),
    close,
    [Symbol.asyncDispose]: close,
  }
  return client
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
