import { ApiFailure } from '../../api-failure.ts'
import type { Call } from '../../service.ts'

/** What the preconditions of a call look at; no such thing is `undefined`. */
export interface Versioned {
  readonly generation?: bigint
  readonly metageneration: bigint
}

/**
 * Checks `ifGenerationMatch` and its kin.
 * @throws {ApiFailure} 412 `conditionNotMet`, or 304 when a read's `…NotMatch` does not hold.
 */
export function checkPreconditions(
  { parameters, method }: Pick<Call, 'parameters' | 'method'>,
  current: Versioned | undefined,
): void {
  // A generation of 0 means that there is no live object.
  const generation = current ? current.generation : 0n
  const conditions: [name: string, actual: bigint | undefined, wanted: boolean][] = [
    ['ifGenerationMatch', generation, true],
    ['ifMetagenerationMatch', current?.metageneration, true],
    ['ifGenerationNotMatch', generation, false],
    ['ifMetagenerationNotMatch', current?.metageneration, false],
  ]
  for (const [name, actual, wanted] of conditions) {
    const given = parameters.int64(name)
    if (given === undefined) continue
    const holds = wanted ? given === actual : given !== actual && current !== undefined
    if (!holds) throw unmet(name, !wanted && method.httpMethod === 'GET')
  }
}

function unmet(name: string, unchanged: boolean): ApiFailure {
  if (unchanged) return new ApiFailure(304, 'notModified', 'Not Modified')
  return new ApiFailure(
    412,
    'conditionNotMet',
    'At least one of the pre-conditions you specified did not hold.',
    {
      location: name,
      locationType: 'parameter',
    },
  )
}
