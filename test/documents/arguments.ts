import type { RestDescription } from 'discokit'
import type { PlacedMethod } from './documents.ts'
import { randomFrom } from './random.ts'
import { bodyFor, parameterValue } from './valid-values.ts'

/** What a method is called with: only what it must have, or everything it may have. */
export type Extent = 'required' | 'all'

/** Arguments for a method: URL parameters, and the body if there is one. */
export interface Arguments {
  readonly parameters: Readonly<Record<string, unknown>>
  readonly body?: unknown
}

/** Valid arguments, the same in every run. */
export function argumentsFor(document: RestDescription, placed: PlacedMethod, extent: Extent): Arguments {
  const { method, parameters } = placed
  const chosen = Object.entries(parameters).filter(([, parameter]) => extent === 'all' || parameter.required)
  const values = chosen.map(([name, parameter]) => {
    const random = randomFrom(`${method.id} ${extent} ${name}`)
    return [name, parameterValue(parameter, random, method.path.includes(`{+${name}}`))] as const
  })
  const body = bodyFor(document, method, randomFrom(`${method.id} ${extent}`), extent === 'required')
  return { parameters: Object.fromEntries(values), ...(body !== undefined && { body }) }
}
