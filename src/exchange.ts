import { checkKinds, checkPrepared, checkTimeout, retryPolicy } from './check-call.ts'
import type { SharedTokens } from './auth/shared/shared-tokens.ts'
import { ParseError } from './errors.ts'
import type { PlannedUpload } from './media/planned-upload.ts'
import type { CallOptions, UploadOptions } from './options.ts'
import type { HttpHeaders, HttpRequest, HttpResponse } from './protocol/http.ts'
import { callHeaders, checkedHeaders } from './request/call-headers.ts'
import { asMeant, withShortAddress } from './request/long-address.ts'
import { CALL_OPTIONS, checkOptionNames } from './request/option-names.ts'
import type { PreparedRequest } from './request/prepared-request.ts'
import { toApiError } from './response/api-error.ts'
import { parseResponse } from './response/parse-response.ts'
import type * as Scopes from './scopes/can.ts'
import { CallContext } from './transport/call-context.ts'
import type { Clock } from './transport/clock.ts'
import type { Credentials } from './transport/credentials.ts'
import type { DeadlineQueue } from './transport/deadline-queue.ts'
import type { Handler } from './transport/interceptor.ts'
import { isRedirect } from './transport/redirect.ts'
import type { RetryBudget } from './transport/retry-budget.ts'
import { DEFAULT_RETRY, isPassing, type RetryPolicy } from './transport/retry-decision.ts'
import type { Transport } from './transport/transport.ts'

/** What every exchange of a client has in common. */
export interface ExchangeDefaults {
  readonly handler: Handler
  /** The same without retries: for those that decide themselves what is sent again. */
  readonly once: Handler
  readonly clock: Clock
  /** What sends requests. */
  readonly transport: Transport
  /** What is told of scopes; loaded when the first is asked about. */
  readonly scopes: () => Promise<typeof Scopes>
  /** Headers of every request. */
  readonly headers: HttpHeaders
  readonly retry: RetryPolicy
  /** Goes where a redirect leads; loaded when something redirects. */
  readonly follow: (request: HttpRequest, response: HttpResponse, call: CallContext) => Promise<HttpResponse>
  /** Throws when an address may not see a credential. */
  readonly guard: (url: string, what: string) => void
  /** Where tokens are shared with other programs. */
  readonly tokenStore: SharedTokens | undefined
  /** Makes the request that carries media; loaded when the first one does. */
  readonly upload: (
    request: PreparedRequest,
    options: Pick<UploadOptions, 'upload' | 'onProgress' | 'maxAnswerBytes'>,
    call: CallContext,
  ) => Promise<PlannedUpload>
  /** Whether the transport may hold a whole body before it is sent: those of browsers. */
  readonly holdsBodies: boolean
  /** What may be spent on trying again. */
  readonly budget: RetryBudget
  readonly timeout: DeadlineQueue
  readonly maxAnswerBytes: number | undefined
}

/** What may differ from one exchange to another. */
export interface ExchangeOptions extends CallOptions, Pick<UploadOptions, 'upload' | 'onProgress'> {
  /** Whether the answer is media, which takes as long as it takes. */
  readonly download?: boolean
}

/**
 * One request on its way: from prepared data to its answer. Nothing is sent, opened or looked at before `send`; the
 * deadline counts from the beginning.
 */
export class Exchange {
  readonly #defaults: ExchangeDefaults
  readonly #prepared: PreparedRequest
  readonly #options: ExchangeOptions
  readonly #context: CallContext
  #request: HttpRequest | undefined
  /** The answer that came last. */
  response: HttpResponse | undefined

  constructor(
    defaults: ExchangeDefaults,
    credentials: Credentials | undefined,
    prepared: PreparedRequest,
    options: ExchangeOptions,
  ) {
    checkPrepared(prepared)
    checkKinds(prepared.id, options)
    const media = prepared.media !== undefined || options.download
    this.#defaults = defaults
    this.#prepared = prepared
    this.#options = options
    this.#context = new CallContext({
      id: prepared.id,
      scopes: prepared.scopes,
      credentials: prepared.ownCredential ? givenWithRequest : credentials,
      signal: options.signal,
      timeout: options.timeoutMs ?? (media ? undefined : defaults.timeout),
      retry: options.retry === undefined ? defaults.retry : retryPolicy(options.retry, defaults.retry),
      clock: defaults.clock,
    })
  }

  /** Sends. Rejects with a typed error unless the answer is a success. */
  async send(): Promise<HttpResponse> {
    const { id, scopes } = this.#prepared
    let upload: PlannedUpload | undefined
    let given: HttpHeaders
    let own: HttpHeaders
    try {
      checkOptionNames(id, this.#options, EXCHANGE_OPTIONS)
      checkTimeout(id, this.#options.timeoutMs)
      this.#context.throwIfEnded()
      own = { ...this.#ownHeaders(), ...callHeaders(id, this.#options) }
      given = checkedHeaders(id, this.#prepared.headers)
      if (this.#prepared.media !== undefined)
        upload = await this.#defaults.upload(this.#prepared, this.#options, this.#context)
      this.#context.throwIfEnded()
    } catch (error) {
      endControl(this.#options)
      throw error
    }
    const prepared = upload ?? this.#prepared
    const { url, body } = prepared
    const method = prepared.method.toUpperCase() // what may be repeated depends on it
    const headers = { ...(upload ? checkedHeaders(id, upload.headers) : given), ...own }
    const meant: HttpRequest = body === undefined ? { method, url, headers } : { method, url, headers, body }
    const request = withShortAddress(meant)
    this.#request = meant
    let response = (this.response = await (upload?.send ?? this.#defaults.handler)(request, this.#context))
    if (response.status >= 200 && response.status < 300) return response
    if (isRedirect(request, response)) {
      response = this.response = await this.#defaults.follow(request, response, this.#context)
      if (response.status >= 200 && response.status < 300) return response
    }
    const error = await toApiError(response, asMeant(this.#context.sent ?? request, meant, request), {
      id,
      scopes,
      advice: this.#defaults.scopes,
      download: this.#options.download,
      now: this.#defaults.clock.now(),
      retryBudgetExhausted: this.#context.retryBudgetExhausted ?? false,
    })
    this.#context.throwIfEnded() // what came of the body then says nothing
    throw error
  }

  /** The content of the answer that `send` gave. One that breaks off or cannot be read is asked for once more. */
  async read(response: HttpResponse): Promise<unknown> {
    const { maxAnswerBytes = this.#defaults.maxAnswerBytes } = this.#options
    const { id } = this.#prepared
    try {
      return await parseResponse(response, this.#request!, id, maxAnswerBytes)
    } catch (error) {
      if (!this.#mayAskAgain(error)) throw error
      this.#context.throwIfEnded()
      return parseResponse(await this.send(), this.#request!, id, maxAnswerBytes)
    }
  }

  /** Without a principal, as for documents, there is nobody to say whose quota it is. */
  #ownHeaders(): HttpHeaders {
    if (this.#context.settings.credentials !== undefined) return this.#defaults.headers
    const { 'x-goog-user-project': _, ...headers } = this.#defaults.headers
    return headers
  }

  #mayAskAgain(error: unknown): boolean {
    const { retry = DEFAULT_RETRY } = this.#context.settings
    const unreadable = error instanceof ParseError || isPassing(error)
    return unreadable && retry.maxAttempts > 1 && this.#request!.method === 'GET'
  }

  /** Sends, and gives the content of the answer. */
  async content(): Promise<unknown> {
    const { transform } = this.#options
    try {
      const content = await this.read(await this.send())
      return transform ? transform(content) : content
    } finally {
      this.finish()
    }
  }

  /** The answer was read, or is not wanted: the deadline no longer runs. */
  finish(): void {
    this.#context.finish()
  }

  /** Gives up, wherever the request is. */
  cancel(): void {
    this.#context.end(new DOMException(`${this.#prepared.id} was given up`, 'AbortError'))
  }
}

/** The call fails before an upload has its control: whoever follows the control is told. */
export function endControl({ upload }: Pick<UploadOptions, 'upload'>): void {
  const control = upload?.control as { endUnattached?: unknown } | undefined
  if (typeof control?.endUnattached === 'function') control.endUnattached()
}

const EXCHANGE_OPTIONS = /* @__PURE__ */ CALL_OPTIONS.concat('download')

/** The key or token in the address of a request: it goes where credentials may go. */
const givenWithRequest: Credentials = { kind: 'given with the request', headers: () => ({}) }
