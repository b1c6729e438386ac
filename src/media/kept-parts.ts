import { codecs } from '#platform'
import { crc32c } from '../protocol/crc32c.ts'
import type { ContentFacts } from './content-facts.ts'
import type { DownloadSteps } from './download-steps.ts'
import type { KeptPart, KeptParts, PartsDestination } from './media-destination.ts'
import { newPart, type PartsUnderWay, type WrittenPart } from './parts-under-way.ts'

/** What is kept of a download that is not whole. */
export function keptParts({ facts, parts }: PartsUnderWay, source: string): KeptParts {
  const { contentType, hash, length, version, storedAsGzip } = facts
  return {
    version: 1,
    source,
    ...version,
    ...(contentType !== undefined && { contentType }),
    ...(hash.crc32c !== undefined && { crc32c: hash.crc32c }),
    ...(hash.md5 !== undefined && { md5: hash.md5 }),
    length: length!, // without it nothing is kept
    storedAsGzip,
    parts: parts.map(({ first, last, written, crc }) => ({
      first,
      last: last ?? length! - 1,
      received: written,
      crc32c: crc,
    })),
  }
}

/**
 * What an earlier download left at a place. The bytes are read again: parts that are not as they were written are left
 * out, and so is all that is of something else.
 */
export async function foundParts(
  { options: { decompress = true } }: DownloadSteps,
  place: PartsDestination,
  source: string,
): Promise<PartsUnderWay | undefined> {
  const { found } = place
  if (found?.source !== source || (found.storedAsGzip && decompress)) return undefined
  const checksum = (await codecs.loadCrc32c()) ?? crc32c
  const parts: WrittenPart[] = []
  for (const kept of found.parts) {
    const { first, last, received } = kept
    const part = newPart(first, last)
    if ((await checksumOf(place, kept, checksum)) === kept.crc32c)
      Object.assign(part, { received, written: received, crc: kept.crc32c })
    parts.push(part)
  }
  return { facts: factsOf(found), parts }
}

/** SHA-256 of an address, in hex. */
export async function sourceOf(url: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(url))
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

async function checksumOf(
  place: PartsDestination,
  { first, received }: KeptPart,
  checksum: typeof crc32c,
): Promise<number | undefined> {
  let crc = 0
  let length = 0
  for await (const chunk of place.read(first, received)) {
    crc = checksum(chunk, crc)
    length += chunk.length
  }
  return length === received ? crc : undefined
}

function factsOf(kept: KeptParts): ContentFacts {
  const { contentType, generation, etag, length, crc32c: declared, md5, storedAsGzip = false } = kept
  return {
    contentType,
    version: { ...(generation !== undefined && { generation }), ...(etag !== undefined && { etag }) },
    first: 0,
    last: length - 1,
    length,
    hash: { ...(declared !== undefined && { crc32c: declared }), ...(md5 !== undefined && { md5 }) },
    gzipOnTheWay: false,
    storedAsGzip,
  }
}
