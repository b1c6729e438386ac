import type { RestParameter } from '../discovery/document.ts'
import type { Problem } from '../errors.ts'
import {
  encodeMultiSegment,
  encodePathSegment,
  isPlainSegment,
  pathValueProblem,
} from '../protocol/path-template.ts'
import { compileParameterCheck } from '../validation/check-parameter.ts'
import { nearestName } from './nearest-name.ts'
import { describeParameter, formatValue } from './parameter-value.ts'

/** A parameter made ready to be written into an address. */
export interface CompiledParameter {
  readonly name: string
  /** Its place among the variables of the path; -1 in the query. */
  readonly index: number
  readonly repeated: boolean
  /** What a required parameter is when it is not given: Gmail's `userId` is `me`. */
  readonly default: string | undefined
  /** The value as it stands in the path or as `name=value`. With a problem it is '', and the problem is added. */
  write(value: unknown, validate: boolean, problems: Problem[]): string
}

/**
 * @param index its place among the variables of the path; -1 in the query
 * @param multi whether a variable of the path may hold slashes
 */
export function compileParameter(
  name: string,
  parameter: RestParameter,
  index = -1,
  multi = false,
): CompiledParameter {
  let check: ReturnType<typeof compileParameterCheck> | null = null
  const prefix = index < 0 ? `${PLAIN.test(name) ? name : encodeURIComponent(name)}=` : ''
  const encode = multi ? encodeMultiSegment : encodePathSegment
  return {
    name,
    index,
    repeated: parameter.repeated ?? false,
    default: parameter.default,
    write(value, validate, problems) {
      const text = typeof value === 'string' ? value : formatValue(value, parameter)
      let message: string | undefined
      if (text === undefined) message = notAValue(parameter, value)
      else {
        if (validate) {
          if (check === null) check = compileParameterCheck(parameter)
          message = check?.(value instanceof Date ? text : value)
        }
        if (message === undefined) {
          if (index >= 0) {
            if (isPlainSegment(text)) return text
            message = pathValueProblem(text, multi)
            if (message === undefined) return encode(text)
          } else if (typeof value === 'boolean' || Number.isSafeInteger(value)) return prefix + text
          else {
            try {
              const encoded = encodeURIComponent(text)
              // As address parsers write it, so that every transport sends the same.
              return prefix + (encoded.includes("'") ? encoded.replaceAll("'", '%27') : encoded)
            } catch {
              message = 'has half of a surrogate pair'
            }
          }
        }
      }
      const suggestion = parameter.enum && text !== undefined ? nearestName(text, parameter.enum) : undefined
      problems.push({ path: name, message, ...(suggestion !== undefined && { suggestion }) })
      return ''
    },
  }
}

function notAValue(parameter: RestParameter, value: unknown): string {
  const given = Array.isArray(value) ? 'a list' : typeof value
  return `must be ${describeParameter(parameter)}, not ${given === 'number' ? String(value) : given}`
}

const PLAIN = /^[\w.~-]*$/
