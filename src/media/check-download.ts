import { type Problem, ValidationError } from '../errors.ts'
import type { DownloadOptions } from '../options.ts'
import { checkOptionNames } from '../request/option-names.ts'
import type { SaveOptions } from './download.ts'
import type { MediaDestination } from './media-destination.ts'

/** @throws {ValidationError} for options that cannot be. Those of every call are checked elsewhere. */
export function checkDownloadOptions(id: string, options: DownloadOptions): void {
  const { range, decompress, stallTimeoutMs } = options as Record<keyof DownloadOptions, unknown>
  const problems: Problem[] = []
  if (range !== undefined) problems.push(...rangeProblems(range))
  if (range !== undefined && Object.keys(options.headers ?? {}).some((name) => /^range$/i.test(name)))
    problems.push({ path: 'headers.range', message: 'is said by the option range already' })
  if (decompress !== undefined && typeof decompress !== 'boolean')
    problems.push({ path: 'decompress', message: 'must be true or false' })
  if (stallTimeoutMs !== undefined && !(typeof stallTimeoutMs === 'number' && stallTimeoutMs > 0))
    problems.push({ path: 'stallTimeoutMs', message: 'must be a positive number of milliseconds' })
  if (problems.length > 0) throw new ValidationError(id, problems)
}

/** @throws {ValidationError} for what is no place, and for options that cannot be or that the place cannot do. */
export function checkSaving(id: string, destination: MediaDestination, options: SaveOptions): void {
  if (typeof (destination as Partial<MediaDestination> | undefined)?.save !== 'function') {
    throw new ValidationError(id, [
      { path: 'destination', message: "is no place for bytes; give file(path) of 'discokit/node'" },
    ])
  }
  checkOptionNames(id, options, ['resume', 'slices', 'sliceBytes'])
  const { resume, slices, sliceBytes } = options as Record<keyof SaveOptions, unknown>
  const problems: Problem[] = []
  if (resume !== undefined && typeof resume !== 'boolean')
    problems.push({ path: 'resume', message: 'must be true or false' })
  if (slices !== undefined && !(isWhole(slices, 1) && slices <= MOST_SLICES))
    problems.push({ path: 'slices', message: `must be a whole number from 1 to ${MOST_SLICES}` })
  if (sliceBytes !== undefined && !isWhole(sliceBytes, LEAST_SLICE_BYTES))
    problems.push({
      path: 'sliceBytes',
      message: `must be a whole number of bytes, at least ${LEAST_SLICE_BYTES}`,
    })
  const parts = resume === true || slices !== undefined || sliceBytes !== undefined
  if (parts && destination.openParts === undefined)
    problems.push({ path: 'destination', message: 'can be written from its beginning to its end only' })
  if (problems.length > 0) throw new ValidationError(id, problems)
}

const MOST_SLICES = 64
const LEAST_SLICE_BYTES = 65_536

function rangeProblems(range: unknown): Problem[] {
  const message = 'must be { first, last } or { lastBytes }, whole numbers of bytes'
  const wrong = [{ path: 'range', message }]
  if (typeof range !== 'object' || range === null) return wrong
  const { first, last, lastBytes, ...rest } = range as Record<string, unknown>
  if (Object.keys(rest).length > 0) return wrong
  if (lastBytes !== undefined)
    return isWhole(lastBytes, 1) && first === undefined && last === undefined ? [] : wrong
  const numbers = isWhole(first ?? 0, 0) && isWhole(last ?? 0, 0)
  return numbers && (last === undefined || (last as number) >= ((first ?? 0) as number)) ? [] : wrong
}

function isWhole(value: unknown, least: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least
}
