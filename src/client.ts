import { late, lateCredentials } from './auth/default/late-credentials.ts'
import type { BatchOptions } from './batch/part.ts'
import { checkCredentials, checkOptions, emulatorInEnvironment } from './check-options.ts'
import type { ApiSource } from './discovery/api-source.ts'
import { type ApiHost, createApi } from './discovery/api.ts'
import { type ApiTable, isTable, tableSource } from './discovery/api-table.ts'
import { baseUrlOf, checkDocument } from './discovery/check-document.ts'
import type { DirectoryList, JsonSchema, RestDescription } from './discovery/document.ts'
import type { ListApisQuery } from './discovery/load-directory.ts'
import type { DocumentPlace } from './discovery/load-place.ts'
import type { Documents } from './documents.ts'
import { retryPolicy } from './check-call.ts'
import type { ExchangeDefaults } from './exchange.ts'
import { methodMaker } from './methods.ts'
import type {
  ApiDefinition,
  ApiOf,
  ApiOptions,
  CallOptions,
  ClientOptions,
  KnownId,
  UntypedApi,
  UploadOptions,
} from './options.ts'
import type { Page, PagesOptions } from './pagination/by-hand.ts'
import type { PreparedRequest } from './request/prepared-request.ts'
import { createSending, type SendOptions, type SendResults } from './sending.ts'
import { authorize } from './transport/authorize.ts'
import { systemClock } from './transport/clock.ts'
import type { Credentials } from './transport/credentials.ts'
import { DeadlineQueue } from './transport/deadline-queue.ts'
import { compose } from './transport/interceptor.ts'
import { DEFAULT_UNIVERSE, originGuard } from './transport/origin-policy.ts'
import { RetryBudget } from './transport/retry-budget.ts'
import { retry } from './transport/retry.ts'
import type { ClosableTransport } from './transport/transport.ts'
import { VERSION } from './version.ts'
import type { WebAsyncDisposable } from './web-types.ts'
import { platform } from '#platform'

/** A client for Google's APIs. */
export interface Client extends WebAsyncDisposable {
  /**
   * An API by id, `storage:v1`, or by name alone, which asks for the preferred version first. Its document is
   * loaded once for each client, from the `cache` where there is one. The option `validate` is that of all calls of the API.
   * A `url` of the caller's may be given instead; no credential is sent there.
   *
   * Where files of `discokit add --augment` register types, an id that is written out must be one of theirs, and its
   * API is typed; an id of the type `string` may be any.
   * @throws {ValidationError} when there is no such API or version, with the nearest that exists.
   */
  discover<Id extends string>(
    from: KnownId<Id> | DocumentPlace<KnownId<Id>>,
    options?: CallOptions,
  ): Promise<ApiOf<Id>>
  /** An API from a document, or from a file that `discokit add` wrote. No network. */
  api<Api = UntypedApi>(definition: ApiDefinition<Api>, options?: ApiOptions): Api
  /** The APIs of the Discovery Service. */
  listApis(query?: ListApisQuery, options?: CallOptions): Promise<DirectoryList>
  /** Sends one prepared request: gives its content, or throws a typed error. */
  send<Result, Made = Result>(
    request: PreparedRequest<Result>,
    options?: UploadOptions<Result, Made>,
  ): Promise<NoInfer<Made>>
  /** Sends many together. Never throws; gives what became of each, in order. */
  send<const Requests extends readonly PreparedRequest[]>(
    requests: readonly [...Requests],
    options?: SendOptions,
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
  /**
   * The pages that a prepared request begins, each with the request for the one after it. For lists whose way of
   * naming pages no document tells; a method that lists has `pages()` on its call. Nothing is sent before the first
   * page is asked for.
   */
  pages<Result>(request: PreparedRequest<Result>, options?: PagesOptions): AsyncIterable<Page<Result>>
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
  return createBoundClient(shared, options.auth ?? defaultCredentials(shared.universeDomain), shared.close)
}

/** What a client and its children have in common. */
interface Shared {
  readonly defaults: ExchangeDefaults
  readonly validate: boolean
  readonly endpoint: string | undefined
  readonly universeDomain: string
  /** Loaded when something is first discovered: a program with generated APIs never does. */
  documents(): Promise<Documents>
  close(): Promise<void>
}

const DEFAULT_TIMEOUT_MS = 120_000
const USER_AGENT = `discokit/${VERSION} (gzip)`

function createShared(options: ClientOptions): Shared {
  checkOptions(options)
  const endpoint = options.endpoint?.replace(/\/+$/, '') ?? emulatorInEnvironment()
  const universeDomain = options.universeDomain ?? DEFAULT_UNIVERSE
  const own = options.transport === undefined ? platform.createTransport() : undefined
  const transport = options.transport ?? own!
  const guard = originGuard({ universeDomain, origins: endpoint === undefined ? [] : [endpoint] })
  const headers = {
    'user-agent': options.userAgent === undefined ? USER_AGENT : `${options.userAgent} ${USER_AGENT}`,
    ...(options.quotaProject !== undefined && { 'x-goog-user-project': options.quotaProject }),
  }
  const budget = new RetryBudget()
  const once = compose([authorize(transport, guard, options.tokenStore)], transport)
  const defaults: ExchangeDefaults = {
    handler: compose([retry(budget)], once),
    once,
    clock: options.clock ?? systemClock,
    transport,
    scopes: () => import('./scopes/can.ts'),
    headers,
    retry: retryPolicy(options.retry),
    budget,
    guard,
    holdsBodies: own ? platform.name === 'web' : (transport as ClosableTransport).holdsBodies === true,
    tokenStore: options.tokenStore,
    follow: async (request, response, call) =>
      (await import('./transport/follow-redirect.ts')).followRedirect(request, response, call, {
        same: defaults.handler,
        bare: compose([retry(budget)], transport),
      }),
    upload: async (request, upload, call) =>
      (await import('./media/upload.ts')).planUpload(request, upload, call, defaults),
    timeout: new DeadlineQueue(options.timeoutMs ?? DEFAULT_TIMEOUT_MS),
    maxAnswerBytes: options.maxAnswerBytes,
  }
  let documents: Promise<Documents> | undefined
  return {
    defaults,
    validate: options.validate ?? true,
    endpoint,
    universeDomain,
    documents: () =>
      (documents ??= import('./documents.ts').then(({ createDocuments }) =>
        createDocuments(options, endpoint, universeDomain, defaults),
      )),
    close: async () => own?.close(),
  }
}

function createBoundClient(shared: Shared, credentials: Credentials, close: () => Promise<void>): Client {
  const { defaults, endpoint, universeDomain, documents } = shared
  const baseUrl = ({ document }: ApiSource): string => baseUrlOf(document, endpoint, universeDomain)

  const sending = createSending(defaults, credentials)
  const host: ApiHost = {
    method: methodMaker(defaults, credentials, baseUrl, sending),
    baseUrl,
    rebind: (source, other) => (client.as(other as Credentials) as BoundClient)[bind](source),
    load: async ({ document }) => (await documents()).whole(document),
  }

  const client: BoundClient = {
    [Symbol.for('nodejs.util.inspect.custom')]: () => `discokit client (${credentials.kind})`,
    [bind]: (source) => createApi(source, host),
    discover: (async (from: string | DocumentPlace, options: CallOptions = {}) => {
      const found = await (await documents()).discover(from, options)
      return createApi({ ...found, validate: options.validate ?? shared.validate }, host)
    }) as Client['discover'], // which knows of what type each API is
    api: <Api>(definition: ApiDefinition<Api>, { validate = shared.validate }: ApiOptions = {}) =>
      createApi(sourceOf(definition, validate), host) as Api,
    listApis: async (query, options) => (await documents()).list(query, options),
    // One function serves both forms; the types are those of the interface, which know what each request answers.
    send: ((request: PreparedRequest | readonly PreparedRequest[], options: UploadOptions = {}) =>
      isList(request) ? sending.many(request, options) : sending.one(request, options)) as Client['send'],
    batch: ((requests: readonly PreparedRequest[], options: BatchOptions = {}) =>
      sending.batch(requests, options)) as Client['batch'],
    pages: ((request: PreparedRequest, options: PagesOptions = {}) =>
      sending.pages(request, options)) as Client['pages'],
    as: (other) => createBoundClient(shared, checkCredentials(other), async () => {}),
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

/** What is at hand of an API: a table, or a document with all it has. */
function sourceOf(definition: RestDescription | ApiTable, validate: boolean): ApiSource {
  if (isTable(definition)) return tableSource(definition, validate)
  const document = checkDocument(definition)
  const { schemas = {} } = document
  const schemaOf = (name: string): JsonSchema | undefined =>
    Object.hasOwn(schemas, name) ? schemas[name] : undefined
  return { document, schemaOf, validate }
}

/** What the place says that the program runs in: looked for at the first call, and only loaded then. */
function defaultCredentials(universeDomain: string): Credentials {
  const find = late(async () => {
    const { adc } = await import('./auth/default/default-credentials.ts')
    return adc({ universeDomain })
  })
  return lateCredentials('application default', find)
}

function isList(value: PreparedRequest | readonly PreparedRequest[]): value is readonly PreparedRequest[] {
  return Array.isArray(value)
}
