import { ValidationError } from '../errors.ts'
import { parsePathTemplate } from '../protocol/path-template.ts'

/** A path template turned into literals and the places of its variables. */
export interface CompiledPath {
  readonly names: readonly string[]
  /** Whether a variable may hold slashes. */
  readonly multi: readonly boolean[]
  /** The address, the values being encoded already. */
  build(values: readonly (string | undefined)[]): string
}

/**
 * @param baseUrl `rootUrl` or what takes its place, ending in a slash
 * @throws {ValidationError} when the document's path is none: then every transport might read another one in it.
 */
export function compilePath(id: string, template: string, baseUrl: string): CompiledPath {
  if (typeof template !== 'string' || ODD_SEGMENT.test(template)) throw notPlain(id)
  const literals = [baseUrl]
  const names: string[] = []
  const multi: boolean[] = []
  for (const part of parsePathTemplate(template)) {
    if (typeof part === 'string') {
      if (!PLAIN.test(part)) throw notPlain(id)
      literals.push(literals.pop()! + part)
    } else {
      names.push(part.name)
      multi.push(part.multi)
      literals.push('')
    }
  }
  return {
    names,
    multi,
    build(values) {
      let url = literals[0]!
      for (let i = 0; i < names.length; i++) url += values[i]! + literals[i + 1]!
      return url
    },
  }
}

const PLAIN = /^[\w\-.~!$&'()*+,;=:@%/]*$/
/** `.`, `..` and nothing, however written. */
const ODD_SEGMENT = /(^|\/)(\.|%2e){0,2}\/|(^|\/)(\.|%2e){1,2}$/i

function notPlain(id: string): ValidationError {
  return new ValidationError(id, [
    { path: 'path', message: 'of the method in the document is not that of an address' },
  ])
}
