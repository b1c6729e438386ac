import type { RestDescription, RestMethod, RestParameter } from '../discovery/document.ts'
import { type Problem, ValidationError } from '../errors.ts'
import {
  encodeMultiSegment,
  encodePathSegment,
  parsePathTemplate,
  pathValueProblem,
} from '../protocol/path-template.ts'
import type { MediaInput } from './media-input.ts'
import { CALL_OPTIONS } from './option-names.ts'
import { nearestName } from './nearest-name.ts'
import { describeParameter, formatValue } from './parameter-value.ts'
import type { PreparedRequest } from './prepared-request.ts'
import { serializeBody } from './serialize-body.ts'

/** The arguments of a call: URL parameters flat, the request body under `body`, bytes under `media`. */
export type CallParameters = Readonly<Record<string, unknown>>

/** A method made ready: its parts are looked up once, so that a request costs little more than its text. */
export interface CompiledMethod {
  readonly method: RestMethod
  /** Every parameter by name: the API's own, overridden by the method's. */
  readonly parameters: ReadonlyMap<string, RestParameter>
  /** The request for the method. With `media`, the one that uploads. */
  prepare(parameters?: CallParameters): PreparedRequest
  /** The request that answers with the bytes themselves (`alt=media`). */
  prepareDownload(parameters?: CallParameters): PreparedRequest
}

/**
 * Makes a method ready.
 * @param baseUrl `rootUrl` or what takes its place, ending in a slash
 */
export function compileMethod(
  document: RestDescription,
  method: RestMethod,
  baseUrl: string,
): CompiledMethod {
  const parameters = new Map(Object.entries({ ...document.parameters, ...method.parameters }))
  const plain = compilePath(document.servicePath + method.path, baseUrl, parameters)
  const upload = method.mediaUpload?.protocols?.simple?.path
  const uploadPath =
    upload === undefined ? undefined : compilePath(upload.replace(/^\//, ''), baseUrl, parameters)
  const download = method.useMediaDownloadService
    ? compilePath(`download/${document.servicePath}${method.path}`, baseUrl, parameters)
    : plain
  const required = [...parameters]
    .filter(([, p]) => p.required && p.location !== 'path')
    .map(([name]) => name)
  const { id, httpMethod, scopes } = method
  // Documents are untrusted: only a plain path below the API's own address is one.
  const batchUrl = BATCH_PATH.test(document.batchPath ?? '') ? baseUrl + document.batchPath : undefined
  const facts = { ...(scopes && { scopes }), ...(batchUrl !== undefined && { batchUrl }) }
  const headers = method.apiVersion ? { 'x-goog-api-version': method.apiVersion } : {}
  const jsonHeaders = { ...headers, 'content-type': 'application/json' }

  function prepareTo(path: CompiledPath, given: CallParameters, fixedQuery: string): PreparedRequest {
    let query = fixedQuery
    const values: (string | undefined)[] = []
    let problems: Problem[] | undefined
    for (const name in given) {
      const value = given[name]
      if (value === undefined || value === null || name === 'body' || name === 'media') continue
      const parameter = parameters.get(name)
      const index = path.indexes.get(name)
      if (index !== undefined) {
        const text = formatValue(value)
        const problem =
          text === undefined ? notAValue(parameter ?? {}, value) : pathValueProblem(text, path.multi[index]!)
        if (problem !== undefined) (problems ??= []).push({ path: name, message: problem })
        else values[index] = path.multi[index] ? encodeMultiSegment(text!) : encodePathSegment(text!)
      } else if (FIXED.test(name) && fixedQuery !== '') {
        ;(problems ??= []).push({ path: name, message: 'is chosen by the client: bytes go under media' })
      } else if (parameter === undefined) {
        ;(problems ??= []).push(unknownParameter(name, parameters.keys(), method))
      } else if (Array.isArray(value) && parameter.repeated) {
        for (const item of value) {
          if (item !== undefined && item !== null)
            query += queryItem(name, item, parameter, (problems ??= []))
        }
      } else {
        query += queryItem(name, value, parameter, (problems ??= []))
      }
    }
    for (let i = 0; i < path.names.length; i++) {
      if (values[i] === undefined && !problems?.some((problem) => problem.path === path.names[i])) {
        ;(problems ??= []).push({ path: path.names[i]!, message: 'is required' })
      }
    }
    for (const name of required) {
      if (given[name] === undefined || given[name] === null)
        (problems ??= []).push({ path: name, message: 'is required' })
    }
    problems = checkContent(method, given, problems)
    if (problems !== undefined && problems.length > 0) throw new ValidationError(id, problems)

    const url = query === '' ? path.build(values) : `${path.build(values)}?${query.slice(1)}`
    // Copies of the headers: a request is the caller's to change.
    const request = { id, method: httpMethod, url, headers: { ...headers }, ...facts }
    const { body, media } = given
    if (body === undefined && media === undefined) return request
    return {
      ...request,
      ...(body !== undefined && { headers: { ...jsonHeaders }, body: serializeBody(id, body) }),
      ...(media !== undefined && { media: media as MediaInput }),
    }
  }

  return {
    method,
    parameters,
    prepare(given = NONE) {
      if (given['media'] === undefined || uploadPath === undefined) return prepareTo(plain, given, '')
      return prepareTo(
        uploadPath,
        given,
        given['body'] === undefined ? '&uploadType=media' : '&uploadType=multipart',
      )
    },
    prepareDownload: (given = NONE) => prepareTo(download, given, '&alt=media'),
  }
}

/** A path template turned into literals and the places of its variables. */
interface CompiledPath {
  readonly names: readonly string[]
  readonly multi: readonly boolean[]
  readonly indexes: ReadonlyMap<string, number>
  build(values: readonly (string | undefined)[]): string
}

const NONE: CallParameters = {}
const BATCH_PATH = /^\w[\w/-]*$/
/** What an upload and a download say of themselves. */
const FIXED = /^(uploadType|alt)$/

function compilePath(
  template: string,
  baseUrl: string,
  parameters: ReadonlyMap<string, RestParameter>,
): CompiledPath {
  const literals = [baseUrl]
  const names: string[] = []
  const multi: boolean[] = []
  for (const part of parsePathTemplate(template)) {
    if (typeof part === 'string') literals.push(literals.pop()! + part)
    else {
      names.push(part.name)
      multi.push(part.multi)
      literals.push('')
    }
  }
  const indexes = new Map(names.map((name, i) => [name, i] as const))
  for (const [name, parameter] of parameters) {
    if (parameter.location !== 'path') indexes.delete(name)
  }
  return {
    names,
    multi,
    indexes,
    build(values) {
      let url = literals[0]!
      for (let i = 0; i < names.length; i++) url += values[i]! + literals[i + 1]!
      return url
    },
  }
}

/** `&name=value`, or a further problem. */
export function queryItem(
  name: string,
  value: unknown,
  parameter: RestParameter,
  problems: Problem[],
): string {
  const text = formatValue(value)
  if (text === undefined) {
    problems.push({ path: name, message: notAValue(parameter, value) })
    return ''
  }
  if (PLAIN.test(text)) return `&${encodeName(name)}=${text}`
  try {
    return `&${encodeName(name)}=${encodeURIComponent(text)}`
  } catch {
    problems.push({ path: name, message: 'has half of a surrogate pair' })
    return ''
  }
}

function checkContent(
  method: RestMethod,
  given: CallParameters,
  problems: Problem[] | undefined,
): Problem[] | undefined {
  const refuse = (path: string, message: string): Problem[] => [...(problems ?? []), { path, message }]
  if (given['body'] !== undefined && method.request === undefined) {
    problems = refuse('body', 'the method takes no request body')
  }
  if (given['media'] !== undefined && !method.mediaUpload?.protocols?.simple) {
    problems = refuse('media', 'the method takes no media')
  }
  return problems
}

function unknownParameter(name: string, names: Iterable<string>, { request }: RestMethod): Problem {
  const suggestion = nearestName(name, [...names, 'body', 'media'])
  const option = CALL_OPTIONS.includes(name) ? '; it is an option: give it in the second argument' : ''
  const body =
    option === '' && request && suggestion === undefined ? '; a member of the request goes under body' : ''
  const message = `the method has no such parameter${option}${body}`
  return suggestion === undefined ? { path: name, message } : { path: name, message, suggestion }
}

function notAValue(parameter: RestParameter, value: unknown): string {
  const given = Array.isArray(value) ? 'a list' : typeof value
  return `must be ${describeParameter(parameter)}, not ${given === 'number' ? String(value) : given}`
}

const PLAIN = /^[\w.~-]*$/

function encodeName(name: string): string {
  return PLAIN.test(name) ? name : encodeURIComponent(name)
}
