import type { RestDescription, RestMethod } from '../discovery/document.ts'
import type { HttpHeaders, HttpResponse } from '../protocol/http.ts'
import type { Principal } from './access-tokens.ts'
import { ApiFailure, invalid } from './api-failure.ts'
import type { Clock } from './clock.ts'
import type { ErrorForm } from './error-form.ts'
import type { Identity } from './identity.ts'
import type { CallParameters } from './parameters.ts'
import type { RequestBody } from './request-body.ts'
import type { HeldUpload } from './resumable/session.ts'
import type { Door } from './routes.ts'
import type { State } from './state.ts'

/** One call of a method, checked as far as its document allows. */
export interface Call {
  readonly document: RestDescription
  readonly method: RestMethod
  /** Which of a method's addresses it came to: the plain one, `/upload/…` or `/download/…`. */
  readonly door: Door
  readonly parameters: CallParameters
  readonly headers: HttpHeaders
  readonly body: RequestBody
  /** What a resumable upload has; `receiveUpload` reads it in place of the body. */
  readonly upload?: HeldUpload
  /** Who calls; undefined for a call without credentials, and for one with an API key alone. */
  readonly principal: Principal | undefined
  /** Scheme, host and port the request came to, for the links in answers. */
  readonly origin: string
  /** The host that the address named, be it by a leading path segment. */
  readonly host: string
  readonly state: State
  readonly clock: Clock
  /** Who there is, for the services that are about that. */
  readonly identity: Identity
  /** How the API writes its errors. */
  readonly errorForm: ErrorForm
  /** Every document that is served. */
  readonly documents: readonly RestDescription[]
}

/** Answers a call, or throws an `ApiFailure`. */
export type Handler = (call: Call) => HttpResponse | Promise<HttpResponse>

/** What is modelled of one API. */
export interface Service extends ServiceTraits {
  /** `storage:v1`. */
  readonly api: string
  readonly handlers: Readonly<Record<string, Handler>>
}

/** How an API differs from what its document says. */
export interface ServiceTraits {
  /** The ids of methods that may be called with an API key alone, because what they give is public. */
  readonly apiKey?: readonly string[]
  /** Scopes that open its methods besides those that the document names. */
  readonly scopes?: readonly string[]
  /** The form of its errors, where the document leads to the wrong one. */
  readonly errors?: ErrorForm
}

/**
 * The modelled methods of an API, by their ids in its document.
 *
 * ```ts
 * defineService('storage:v1', { 'storage.buckets.get': getBucket })
 * ```
 */
export function defineService(
  api: string,
  handlers: Readonly<Record<string, Handler>>,
  traits: ServiceTraits = {},
): Service {
  return { api, handlers, ...traits }
}

/** A JSON object of a request or of a resource. */
export type JsonObject = Readonly<Record<string, unknown>>

/** The body of a call as a JSON object; a body that is left out is an empty one. */
export async function readJsonObject(body: Pick<RequestBody, 'text'>): Promise<JsonObject> {
  const text = await body.text(MAX_JSON_BYTES)
  return text.trim() === '' ? {} : parseJsonObject(text)
}

/** A text as a JSON object; anything else is answered with 400. */
export function parseJsonObject(text: string): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new ApiFailure(400, 'parseError', 'The JSON of the request cannot be parsed.')
  }
  if (!isJsonObject(value)) throw invalid('The body must be a JSON object.')
  if (isDeeperThan(value, DEEPEST_JSON)) {
    throw invalid(`The JSON of the request is nested more than ${DEEPEST_JSON} levels deep.`)
  }
  return value
}

/** Level by level, as a recursion would end where it is to help. */
function isDeeperThan(value: unknown, levels: number): boolean {
  let level = [value]
  for (let depth = 0; depth <= levels; depth++) {
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []))
    if (level.length === 0) return false
  }
  return true
}

/** Whether a JSON value is an object: not null, not an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** As deep as protocol buffers go by default, which Google reads JSON into. */
const DEEPEST_JSON = 100

/** The most JSON that a request may hold. */
export const MAX_JSON_BYTES: number = 10 * 1024 * 1024
