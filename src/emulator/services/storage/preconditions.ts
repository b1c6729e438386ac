import { ApiFailure } from '../../api-failure.ts'
import type { Call } from '../../service.ts'
import { etagOf, namesEtag, type Tagged } from './etag.ts'

/**
 * Checks `ifGenerationMatch` and its kin, `If-Match` and `If-None-Match`; no such thing is `undefined`. With `ifSource`
 * the parameters are those about the source of a copy, of which no header speaks.
 * @throws {ApiFailure} 412 `conditionNotMet`, or 304 when a read's `…NotMatch` does not hold.
 */
export function checkPreconditions(
  { parameters, headers, method }: Pick<Call, 'parameters' | 'headers' | 'method'>,
  current: Tagged | undefined,
  prefix: 'if' | 'ifSource' = 'if',
): void {
  const reads = method.httpMethod === 'GET'
  // A generation of 0 means that there is no live object.
  const generation = current ? current.generation : 0n
  const conditions: [name: string, actual: bigint | undefined, wanted: boolean][] = [
    ['GenerationMatch', generation, true],
    ['MetagenerationMatch', current?.metageneration, true],
    ['GenerationNotMatch', generation, false],
    ['MetagenerationNotMatch', current?.metageneration, false],
  ]
  for (const [condition, actual, wanted] of conditions) {
    const name = prefix + condition
    const given = parameters.int64(name)
    if (given === undefined) continue
    const holds = wanted ? given === actual : given !== actual && current !== undefined
    if (!holds) throw unmet(name, 'parameter', !wanted && reads)
  }
  if (prefix === 'ifSource') return
  const etag = current && etagOf(current)
  const { 'if-match': match, 'if-none-match': noneMatch } = headers
  if (match !== undefined && !namesEtag(match, etag)) throw unmet('If-Match', 'header', false)
  if (noneMatch !== undefined && namesEtag(noneMatch, etag)) throw unmet('If-None-Match', 'header', reads)
}

/** 412: a condition of the caller does not hold. */
export function unmet(
  location: string,
  locationType: 'parameter' | 'header',
  unchanged: boolean = false,
): ApiFailure {
  if (unchanged) return new ApiFailure(304, 'notModified', 'Not Modified')
  const message = 'At least one of the pre-conditions you specified did not hold.'
  return new ApiFailure(412, 'conditionNotMet', message, { location, locationType })
}
