import type { ApiSource } from '../discovery/api-source.ts'
import type { RestMethod, RestParameter } from '../discovery/document.ts'
import { type Problem, ValidationError } from '../errors.ts'
import type { HttpHeaders } from '../protocol/http.ts'
import { type CompiledParameter, compileParameter } from './compile-parameter.ts'
import { type CompiledPath, compilePath } from './compile-path.ts'
import { nearestName } from './nearest-name.ts'
import { CALL_OPTIONS } from './option-names.ts'
import type { PreparedRequest } from './prepared-request.ts'
import { type RequestContent, requestContent } from './request-content.ts'

/** The arguments of a call: URL parameters flat, the request body under `body`, bytes under `media`. */
export type CallParameters = Readonly<Record<string, unknown>>

/** A method made ready: its parts are looked up once, so that a request costs little more than its text. */
export interface CompiledMethod {
  readonly method: RestMethod
  /** Every parameter by name: the API's own, overridden by the method's. */
  readonly parameters: ReadonlyMap<string, RestParameter>
  /** The request for the method. With `media`, the one that uploads. */
  prepare(parameters?: CallParameters, validate?: boolean): PreparedRequest
  /** The request that answers with the bytes themselves (`alt=media`). */
  prepareDownload(parameters?: CallParameters, validate?: boolean): PreparedRequest
}

/**
 * Makes a method ready.
 * @param baseUrl `rootUrl` or what takes its place, ending in a slash
 */
export function compileMethod(source: ApiSource, method: RestMethod, baseUrl: string): CompiledMethod {
  const { document } = source
  const parameters = new Map([
    ...Object.entries(document.parameters ?? {}),
    ...Object.entries(method.parameters ?? {}),
  ])
  const address = (template: string): Address => compileAddress(template, baseUrl, parameters)
  const path = document.servicePath + method.path
  const plain = address(path)
  let upload: Address | undefined
  let download: Address | undefined
  const uploadPath = method.mediaUpload?.protocols?.simple?.path.replace(/^\//, '')
  const required = [...parameters]
    .filter(([, p]) => p.required && p.location !== 'path')
    .map(([name]) => name)
  // Documents are untrusted: only a plain path below the API's own address is one.
  const batchUrl = BATCH_PATH.test(document.batchPath ?? '') ? baseUrl + document.batchPath : undefined
  const headers = method.apiVersion ? { 'x-goog-api-version': method.apiVersion } : undefined
  const facts = { headers, batchUrl }

  function prepareTo(
    to: Address,
    given: CallParameters,
    validate: boolean,
    fixedQuery: string,
  ): PreparedRequest {
    const problems: Problem[] = []
    const values: (string | undefined)[] = []
    let query = fixedQuery
    let ownCredential = false
    let place = 0
    for (const name in given) {
      const value = given[name]
      if (value === undefined || value === null || name === 'body' || name === 'media') continue
      // Most calls of a method name the same parameters in the same order.
      let parameter = to.order[place]
      if (parameter?.name !== name) {
        parameter = to.parameters.get(name)
        if (parameter !== undefined) to.order[place] = parameter
      }
      place++
      if (parameter === undefined) problems.push(unknownParameter(name, parameters.keys(), method))
      else if (parameter.index >= 0) values[parameter.index] = parameter.write(value, validate, problems)
      else if (fixedQuery !== '' && FIXED.test(name)) {
        problems.push({ path: name, message: 'is chosen by the client: bytes go under media' })
      } else {
        if (typeof value === 'object' && parameter.repeated && Array.isArray(value)) {
          for (const item of value) {
            if (item !== undefined && item !== null)
              query = joined(query, parameter.write(item, validate, problems))
          }
        } else query = joined(query, parameter.write(value, validate, problems))
        if (parameter.credential) ownCredential = true
      }
    }
    for (let i = 0; i < to.path.names.length; i++) values[i] ??= fill(to, to.path.names[i]!, problems)
    for (const name of required) {
      if (given[name] === undefined || given[name] === null) query = joined(query, fill(to, name, problems))
    }
    const content = requestContent(source, method, given, validate, problems)
    if (problems.length > 0) throw new ValidationError(method.id, problems)

    const url = to.path.build(values)
    return assemble(method, query === '' ? url : `${url}?${query}`, facts, content, ownCredential)
  }

  return {
    method,
    parameters,
    prepare(given = NONE, validate = source.validate) {
      if (given['media'] === undefined || uploadPath === undefined)
        return prepareTo(plain, given, validate, '')
      const kind = given['body'] === undefined ? 'uploadType=media' : 'uploadType=multipart'
      return prepareTo((upload ??= address(uploadPath)), given, validate, kind)
    },
    prepareDownload(given = NONE, validate = source.validate) {
      download ??= method.useMediaDownloadService ? address(`download/${path}`) : plain
      return prepareTo(download, given, validate, 'alt=media')
    },
  }
}

/** One of the addresses of a method, with all parameters ready to be written into it. */
interface Address {
  readonly path: CompiledPath
  readonly parameters: ReadonlyMap<string, CompiledParameter>
  /** Those of the last call. */
  readonly order: CompiledParameter[]
}

const NONE: CallParameters = {}
const BATCH_PATH = /^\w[\w/-]*$/
/** What an upload and a download say of themselves. */
const FIXED = /^(uploadType|alt)$/

function compileAddress(
  template: string,
  baseUrl: string,
  parameters: ReadonlyMap<string, RestParameter>,
): Address {
  const path = compilePath(template, baseUrl)
  const compiled = new Map<string, CompiledParameter>()
  for (const name of [...path.names, ...parameters.keys()]) {
    const index = path.names.indexOf(name)
    compiled.set(name, compileParameter(name, parameters.get(name) ?? {}, index, path.multi[index]))
  }
  return { path, parameters: compiled, order: [] }
}

/** A query and one more `name=value`. */
function joined(query: string, item: string): string {
  return query === '' ? item : `${query}&${item}`
}

/** A required parameter that was not given. */
function fill(to: Address, name: string, problems: Problem[]): string {
  const parameter = to.parameters.get(name)!
  if (parameter.default !== undefined) return parameter.write(parameter.default, false, problems)
  problems.push({ path: name, message: 'is required' })
  return ''
}

/** Each request has headers of its own: they are the caller's to change. */
function assemble(
  { id, httpMethod, scopes }: RestMethod,
  url: string,
  { headers, batchUrl }: { headers: HttpHeaders | undefined; batchUrl: string | undefined },
  { body, media }: RequestContent,
  ownCredential: boolean,
): PreparedRequest {
  const request: { -readonly [Member in keyof PreparedRequest]: PreparedRequest[Member] } = {
    id,
    method: httpMethod,
    url,
    headers: body === undefined ? { ...headers } : { ...headers, 'content-type': 'application/json' },
  }
  if (scopes !== undefined) request.scopes = scopes
  if (batchUrl !== undefined) request.batchUrl = batchUrl
  if (ownCredential) request.ownCredential = true
  if (body !== undefined) request.body = body
  if (media !== undefined) request.media = media
  return request
}

function unknownParameter(name: string, names: Iterable<string>, { request }: RestMethod): Problem {
  const suggestion = nearestName(name, [...names, 'body', 'media'])
  const option = CALL_OPTIONS.includes(name) ? '; it is an option: give it in the second argument' : ''
  const body =
    option === '' && request && suggestion === undefined ? '; a member of the request goes under body' : ''
  const message = `the method has no such parameter${option}${body}`
  return suggestion === undefined ? { path: name, message } : { path: name, message, suggestion }
}
