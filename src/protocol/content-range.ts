/** A range of bytes, both ends included, of a representation of `total` bytes (undefined: not known). */
export interface ContentRange {
  readonly first: number
  readonly last: number
  readonly total: number | undefined
}

/** What a `Range` header asks: from–to, from–end, or the last n bytes. */
export type ByteRange = { first: number; last?: number } | { suffix: number }

/** `bytes 0-99/200`, or `bytes 0-99/*` when the total is not known (RFC 9110 section 14.4). */
export function formatContentRange(range: ContentRange): string {
  return `bytes ${range.first}-${range.last}/${range.total ?? '*'}`
}

/** Reads a `Content-Range` of the satisfied form; undefined when absent or malformed. */
export function parseContentRange(header: string | undefined): ContentRange | undefined {
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/i.exec(header?.trim() ?? '')
  if (!match) return undefined
  const first = Number(match[1])
  const last = Number(match[2])
  const total = match[3] === '*' ? undefined : Number(match[3])
  const plausible = first <= last && last < (total ?? Infinity) && Number.isSafeInteger(total ?? last)
  return plausible ? { first, last, total } : undefined
}

/** Reads a `Range` of one part (RFC 9110 section 14.2). Other units and several ranges give undefined: ignore them. */
export function parseRange(header: string | undefined): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/i.exec(header?.trim() ?? '')
  if (!match || (match[1] === '' && match[2] === '')) return undefined
  if (match[1] === '') return { suffix: Number(match[2]) }
  const first = Number(match[1])
  if (match[2] === '') return { first }
  return first <= Number(match[2]) ? { first, last: Number(match[2]) } : undefined
}

/** The bytes that a range names in a representation of `total` bytes; undefined: none (answer 416). */
export function resolveRange(range: ByteRange, total: number): { first: number; last: number } | undefined {
  if ('suffix' in range) {
    return range.suffix === 0 || total === 0
      ? undefined
      : { first: Math.max(0, total - range.suffix), last: total - 1 }
  }
  return range.first >= total
    ? undefined
    : { first: range.first, last: Math.min(range.last ?? Infinity, total - 1) }
}
