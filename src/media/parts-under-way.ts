import { GoogleApiError } from '../errors.ts'
import type { ContentFacts } from './content-facts.ts'
import { type DownloadPart, type KnownContent, readPart } from './download-part.ts'
import type { DownloadRequests } from './download-requests.ts'

/** A content that is written part by part, in order of their places. */
export interface PartsUnderWay extends KnownContent {
  facts: ContentFacts
  readonly parts: readonly WrittenPart[]
}

/** A part with what was written of it. */
export interface WrittenPart extends DownloadPart {
  pinned: boolean
  written: number
  /** CRC-32C of these bytes. */
  crc: number
  /** Its chunks, when they are coming already. */
  chunks?: AsyncIterable<Uint8Array>
}

/**
 * Asks for the first part, and from its answer plans the others. Undefined when the content cannot be had in parts.
 * @param sliceBytes of each part, and more where there would be too many of them; undefined: there is one
 */
export async function beginParts(
  requests: DownloadRequests,
  sliceBytes: number | undefined,
): Promise<PartsUnderWay | undefined> {
  const { decompress = true } = requests.steps.options
  const sliced = sliceBytes !== undefined
  const part: WrittenPart = {
    ...newPart(0, undefined),
    pinned: false,
    range: sliced ? { first: 0, last: sliceBytes - 1 } : undefined,
  }
  const content: KnownContent = { facts: undefined }
  let partial = false
  const opened = (status: number): void => void (partial = status === 206)
  const chunks = readPart(requests, content, part, { opened, took: () => {} })
  let first: IteratorResult<Uint8Array, void>
  try {
    first = await chunks.next()
  } catch (error) {
    // An empty content has no ranges.
    if (sliced && error instanceof GoogleApiError && error.status === 416) return undefined
    throw error
  }
  const { storedAsGzip, version, length } = content.facts!
  const splittable = partial && version !== undefined && length !== undefined
  if ((storedAsGzip && decompress) || (sliced && !splittable)) {
    await chunks.return()
    return undefined
  }
  part.pinned = true
  part.chunks = withFirst(first, chunks)
  const others = sliced ? partsAfter(part.last!, length!, sliceBytes) : []
  return Object.assign(content, { facts: content.facts!, parts: [part, ...others] })
}

/** The length is the server's word: what it says must not cost memory. */
const MOST_PARTS = 10_000

function partsAfter(last: number, length: number, leastBytes: number): WrittenPart[] {
  const rest = length - 1 - last
  const sliceBytes = Math.max(leastBytes, Math.ceil(rest / (MOST_PARTS - 1)))
  const count = Math.ceil(rest / sliceBytes)
  return Array.from({ length: count }, (_, i) => {
    const first = last + 1 + i * sliceBytes
    return newPart(first, Math.min(first + sliceBytes, length) - 1)
  })
}

/** A part of which there is nothing yet. */
export function newPart(first: number, last: number | undefined): WrittenPart {
  return { first, last, received: 0, written: 0, crc: 0, pinned: true }
}

/** The same chunks, of which the first was taken already. Not a generator: each layer of these holds a chunk. */
export function withFirst(
  first: IteratorResult<Uint8Array, void>,
  chunks: AsyncGenerator<Uint8Array, void, undefined>,
): AsyncIterable<Uint8Array> {
  let taken: IteratorResult<Uint8Array, void> | undefined = first
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        const result = taken ?? (await chunks.next())
        taken = undefined
        return result
      },
      return: () => chunks.return(),
    }),
  }
}
