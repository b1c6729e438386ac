import type { Download } from '../media/download.ts'
import type { CallOptions, DownloadOptions, PrepareOptions, UploadOptions } from '../options.ts'
import type { CallParameters, CompiledMethod } from '../request/compile-method.ts'
import type { PreparedRequest } from '../request/prepared-request.ts'
import type { ApiCall, ListCall, PagedCall } from '../response/api-call.ts'
import type { MethodAccess } from '../scopes/method-access.ts'
import type { ApiSource } from './api-source.ts'
import type { JsonSchema, RestMethod, RestParameter } from './document.ts'
import { describeAs } from './members.ts'

/**
 * A method of an API: call it, prepare a request without sending it, or ask what it takes.
 *
 * ```ts
 * await storage.buckets.get({ bucket: 'photos' })
 * storage.buckets.get.prepare({ bucket: 'photos' }).url
 * storage.buckets.get.$required // ['bucket']
 * ```
 */
export interface ApiMethod<Parameters = CallParameters, Result = unknown> extends Method<Parameters, Result> {
  <Made = Result>(...given: Arguments<Parameters, UploadOptions<Result, Made>>): ApiCall<NoInfer<Made>>
}

/** A method that lists: its call is also the sequence of all items. */
export interface ListMethod<Parameters = CallParameters, Result = unknown, Item = unknown> extends Method<
  Parameters,
  Result
> {
  <Made = Result>(
    ...given: Arguments<Parameters, CallOptions<Result, Made>>
  ): ListCall<Result, Item, NoInfer<Made>>
}

/** A method that gives something in pages of which no member holds the items. */
export interface PagedMethod<Parameters = CallParameters, Result = unknown> extends Method<
  Parameters,
  Result
> {
  <Made = Result>(
    ...given: Arguments<Parameters, CallOptions<Result, Made>>
  ): PagedCall<Result, NoInfer<Made>>
}

/** Parameters, which may be left out when none of them is required, and options. */
export type Arguments<Parameters, Options> = {} extends Parameters
  ? [parameters?: Parameters, options?: Options]
  : [parameters: Parameters, options?: Options]

/** What all methods have. */
export interface Method<Parameters, Result> extends MethodFacts {
  /**
   * The request as plain data.
   * @throws {ValidationError} naming everything that is wrong with the parameters.
   */
  prepare(...given: Arguments<Parameters, PrepareOptions>): PreparedRequest<Result>
}

/** A method whose answer can be had as bytes. */
export interface DownloadMethod<Parameters = CallParameters> {
  /** The bytes themselves instead of their metadata. Nothing is sent until the download is read. */
  download(...given: Arguments<Parameters, DownloadOptions>): Download
}

/** What a document says of a method, and what it needs. */
export interface MethodFacts {
  /** The method id, such as `storage.objects.get`. */
  readonly $id: string
  /** Every parameter, the API's own included. */
  readonly $parameters: Readonly<Record<string, RestParameter>>
  readonly $required: readonly string[]
  readonly $optional: readonly string[]
  readonly $path: readonly string[]
  readonly $query: readonly string[]
  readonly $requiredQuery: readonly string[]
  readonly $optionalQuery: readonly string[]
  /** Scopes of which any one suffices. */
  readonly $scopes: readonly string[]
  /** The name that the document has it under. */
  readonly $name: string
  readonly $deprecated: boolean
  /** What the document says about it, where the prose is at hand; see `$load`. */
  readonly $description: string | undefined
  /** The schema of the request body; undefined when the method takes none. */
  readonly $request: JsonSchema | undefined
  /** The schema of the answer. */
  readonly $response: JsonSchema | undefined
  /** The method as the document has it. */
  readonly $raw: RestMethod
  /**
   * Whether the scopes of the credential let it be called, and if not, which is the narrowest that would. Nothing is sent to the API.
   * Whether the person may do it with this or that file is another matter.
   * @throws {AuthError} when the credential cannot tell, such as from a store without the account.
   */
  $can(options?: Pick<CallOptions, 'signal' | 'timeoutMs'>): Promise<MethodAccess>
}

/** How a method does its work; made by the client. */
export interface MethodSteps {
  readonly compiled: () => CompiledMethod
  /** The address below which the API's paths stand. */
  baseUrl(): string
  /** Rejects, and never throws, also when the method cannot be compiled. */
  call(
    compiled: () => CompiledMethod,
    parameters: CallParameters | undefined,
    options: UploadOptions,
  ): ListCall<unknown, unknown>
  download(
    compiled: CompiledMethod,
    parameters: CallParameters | undefined,
    options: DownloadOptions,
  ): Download
  prepare(
    compiled: CompiledMethod,
    parameters: CallParameters | undefined,
    options: PrepareOptions,
  ): PreparedRequest
  can(options: Pick<CallOptions, 'signal' | 'timeoutMs'>): Promise<MethodAccess>
}

/** The callable for a method. Its parts are made ready at the first use. */
export function createMethod(
  source: ApiSource,
  raw: RestMethod,
  name: string,
  steps: MethodSteps,
): ApiMethod {
  let ready: CompiledMethod | undefined
  const compiled = (): CompiledMethod => (ready ??= steps.compiled())
  const call = (parameters?: CallParameters, options?: UploadOptions): ListCall<unknown, unknown> =>
    steps.call(compiled, parameters, options ?? {})
  const members: PropertyDescriptorMap = {
    prepare: {
      value: (parameters?: CallParameters, options: PrepareOptions = {}) =>
        steps.prepare(compiled(), parameters, options),
    },
    $can: { value: (options = {}) => steps.can(options) },
    $id: { value: raw.id },
    $name: { value: name },
    $raw: { value: raw },
    $deprecated: { value: raw.deprecated ?? false },
    $description: { value: raw.description },
    $request: { get: () => resolve(raw.request, source) },
    $response: { get: () => resolve(raw.response, source) },
    $scopes: { value: raw.scopes ?? [] },
    $parameters: { get: () => Object.fromEntries(compiled().parameters) },
    $required: { get: () => names((p) => p.required) },
    $optional: { get: () => names((p) => !p.required) },
    $path: { get: () => names((p) => p.location === 'path') },
    $query: { get: () => names((p) => p.location === 'query') },
    $requiredQuery: { get: () => names((p) => p.location === 'query' && p.required) },
    $optionalQuery: { get: () => names((p) => p.location === 'query' && !p.required) },
  }
  if (raw.supportsMediaDownload) {
    members['download'] = {
      value: (parameters?: CallParameters, options: DownloadOptions = {}) =>
        steps.download(compiled(), parameters, options),
    }
  }
  const names = (wanted: (parameter: RestParameter) => boolean | undefined): string[] =>
    [...compiled().parameters].filter(([, parameter]) => wanted(parameter)).map(([name]) => name)
  const method = Object.defineProperties(call, { ...members, name: { value: raw.id, configurable: true } })
  const { servicePath } = source.document
  describeAs(method, () => `${raw.id} method: ${raw.httpMethod} ${steps.baseUrl()}${servicePath}${raw.path}`)
  return method as unknown as ApiMethod // the members are those of the type
}

/** A schema, or the one that it names where that is at hand. */
function resolve(schema: JsonSchema | undefined, { schemaOf }: ApiSource): JsonSchema | undefined {
  return (schema?.$ref && schemaOf(schema.$ref)) || schema
}
