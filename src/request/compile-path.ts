import { parsePathTemplate } from '../protocol/path-template.ts'

/** A path template turned into literals and the places of its variables. */
export interface CompiledPath {
  readonly names: readonly string[]
  /** Whether a variable may hold slashes. */
  readonly multi: readonly boolean[]
  /** The address, the values being encoded already. */
  build(values: readonly (string | undefined)[]): string
}

/** @param baseUrl `rootUrl` or what takes its place, ending in a slash */
export function compilePath(template: string, baseUrl: string): CompiledPath {
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
