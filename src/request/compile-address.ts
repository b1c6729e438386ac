import type { RestMethod, RestParameter } from '../discovery/document.ts'
import type { Problem } from '../errors.ts'
import type { CallParameters } from './compile-method.ts'
import { type CompiledParameter, compileParameter } from './compile-parameter.ts'
import { compilePath } from './compile-path.ts'
import { nearestName } from './nearest-name.ts'
import { CALL_OPTIONS } from './option-names.ts'

/** One of the addresses of a method: the plain one, or that of its uploads or downloads. */
export interface CompiledAddress {
  /**
   * The address with the parameters in it. What is wrong with them is added to the problems.
   * @param fixedQuery what the address says of itself: `alt=media`
   */
  write(given: CallParameters, validate: boolean, fixedQuery: string, problems: Problem[]): string
}

/** @param baseUrl `rootUrl` or what takes its place, ending in a slash */
export function compileAddress(
  template: string,
  baseUrl: string,
  parameters: ReadonlyMap<string, RestParameter>,
  method: RestMethod,
): CompiledAddress {
  const path = compilePath(method.id, template, baseUrl)
  const compiled = new Map<string, CompiledParameter>()
  for (const name of [...path.names, ...parameters.keys()]) {
    const index = path.names.indexOf(name)
    compiled.set(name, compileParameter(name, parameters.get(name) ?? {}, index, path.multi[index]))
  }
  const required = [...parameters].filter(([, { required: is, location }]) => is && location !== 'path')
  const requiredNames = required.map(([name]) => name)
  /** Those of the last call: most calls of a method name the same parameters in the same order. */
  const order: (CompiledParameter | undefined)[] = []

  return {
    write(given, validate, fixedQuery, problems) {
      const values: (string | undefined)[] = []
      let query = fixedQuery
      let place = 0
      for (const name in given) {
        const value = given[name]
        if (value === undefined || value === null || name === 'body' || name === 'media') continue
        let parameter = order[place]
        if (parameter?.name !== name) parameter = order[place] = compiled.get(name)
        place++
        if (parameter === undefined) {
          place--
          problems.push(unknownParameter(name, parameters.keys(), method))
        } else if (parameter.index >= 0) values[parameter.index] = parameter.write(value, validate, problems)
        else if (fixedQuery !== '' && FIXED.test(name)) {
          if (value !== 'media' || fixedQuery !== 'alt=media')
            problems.push({ path: name, message: 'is chosen by the client: bytes go under media' })
        } else if (typeof value === 'object' && parameter.repeated && Array.isArray(value)) {
          for (const item of value) {
            if (item !== undefined && item !== null)
              query = joined(query, parameter.write(item, validate, problems))
          }
        } else query = joined(query, parameter.write(value, validate, problems))
      }
      for (let i = 0; i < path.names.length; i++) values[i] ??= fill(compiled.get(path.names[i]!)!, problems)
      for (const name of requiredNames) {
        if (isAbsent(given, name)) query = joined(query, fill(compiled.get(name)!, problems))
      }
      const url = path.build(values)
      return query === '' ? url : `${url}?${query}`
    },
  }
}

/** Also a list of nothing. An object has members that nobody gave it, such as `toString`. */
function isAbsent(given: CallParameters, name: string): boolean {
  if (!Object.hasOwn(given, name) && name in Object.prototype) return true
  const value = given[name]
  return Array.isArray(value)
    ? value.every((item) => item === undefined || item === null)
    : value === undefined || value === null
}

/** What the request body is called elsewhere. */
const OTHER_CLIENTS = /^(requestBody|resource|json|data)$/
/** What an upload and a download say of themselves. */
const FIXED = /^(uploadType|alt)$/

/** A query and one more `name=value`. */
function joined(query: string, item: string): string {
  return query === '' ? item : `${query}&${item}`
}

/** A required parameter that was not given. */
function fill(parameter: CompiledParameter, problems: Problem[]): string {
  if (parameter.default !== undefined) return parameter.write(parameter.default, false, problems)
  problems.push({ path: parameter.name, message: 'is required' })
  return ''
}

function unknownParameter(name: string, names: Iterable<string>, method: RestMethod): Problem {
  const { request, parameters = {} } = method
  // The method's own come first: of two that are as near, one of them is meant.
  const suggestion = OTHER_CLIENTS.test(name)
    ? 'body'
    : nearestName(name, [...Object.keys(parameters), ...names, 'body', 'media'])
  const option = CALL_OPTIONS.includes(name) ? '; it is an option: give it in the second argument' : ''
  const body =
    option === '' && request && suggestion === undefined ? '; a member of the request goes under body' : ''
  const message = `the method has no such parameter${option}${body}`
  return suggestion === undefined ? { path: name, message } : { path: name, message, suggestion }
}
