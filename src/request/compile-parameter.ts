import type { RestParameter } from '../discovery/document.ts'
import type { Problem } from '../errors.ts'
import { encodeMultiSegment, encodePathSegment, pathValueProblem } from '../protocol/path-template.ts'
import { compileParameterCheck } from '../validation/check-parameter.ts'
import { describeParameter, formatValue } from './parameter-value.ts'

/** A parameter made ready to be written into an address. */
export interface CompiledParameter {
  /** Its place among the variables of the path; -1 in the query. */
  readonly index: number
  readonly repeated: boolean
  /** What a required parameter is when it is not given: Gmail's `userId` is `me`. */
  readonly default: string | undefined
  /** The value as it stands in the path or as `&name=value`. With a problem it is '', and the problem is added. */
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
  const prefix = index < 0 ? `&${PLAIN.test(name) ? name : encodeURIComponent(name)}=` : ''
  const encode = multi ? encodeMultiSegment : encodePathSegment
  return {
    index,
    repeated: parameter.repeated ?? false,
    default: parameter.default,
    write(value, validate, problems) {
      const text = formatValue(value, parameter)
      let message: string | undefined
      if (text === undefined) message = notAValue(parameter, value)
      else if (validate) {
        if (check === null) check = compileParameterCheck(parameter)
        message = check?.(value)
      }
      if (message === undefined) {
        if (prefix !== '' && PLAIN.test(text!)) return prefix + text!
        message = prefix === '' ? pathValueProblem(text!, multi) : LONE_SURROGATE.test(text!) ? HALF : undefined
      }
      if (message === undefined) return prefix === '' ? encode(text!) : prefix + encodeURIComponent(text!)
      problems.push({ path: name, message })
      return ''
    },
  }
}

function notAValue(parameter: RestParameter, value: unknown): string {
  const given = Array.isArray(value) ? 'a list' : typeof value
  return `must be ${describeParameter(parameter)}, not ${given === 'number' ? String(value) : given}`
}

const PLAIN = /^[\w.~-]*$/
const LONE_SURROGATE = /\p{Surrogate}/u
const HALF = 'has half of a surrogate pair'
