import fs from 'node:fs'
import type { KeptPart, KeptParts } from '../media/media-destination.ts'

/** What is kept of a download, or undefined when there is nothing, or nothing that can be understood. */
export function readKeptParts(path: string): KeptParts | undefined {
  try {
    const descriptor = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW)
    try {
      const stats = fs.fstatSync(descriptor)
      if (!stats.isFile() || stats.size > MOST_BYTES) return undefined
      return asKeptParts(JSON.parse(fs.readFileSync(descriptor, 'utf8')))
    } finally {
      fs.closeSync(descriptor)
    }
  } catch {
    return undefined
  }
}

/** Replaces what is kept: the old or the new is there, whatever happens meanwhile. */
export async function writeKeptParts(path: string, parts: KeptParts): Promise<void> {
  const temporary = `${path}.new`
  await fs.promises.rm(temporary, { force: true })
  const handle = await fs.promises.open(temporary, 'wx', 0o600)
  try {
    try {
      await handle.writeFile(JSON.stringify(parts))
      await handle.datasync()
    } finally {
      await handle.close()
    }
    await fs.promises.rename(temporary, path)
  } catch (error) {
    await fs.promises.rm(temporary, { force: true })
    throw error
  }
}

/** Of 10,000 parts, which are the most that there are, none takes more than 100. */
const MOST_BYTES = 4_194_304

/** The file may have been written by anybody. */
function asKeptParts(value: unknown): KeptParts | undefined {
  const { version, source, generation, etag, contentType, length, crc32c, md5, storedAsGzip, parts } =
    value as Record<keyof KeptParts, unknown>
  const texts = [generation, etag, contentType, crc32c, md5].every(isAbsentOr('string'))
  const known = version === 1 && typeof source === 'string' && texts && isAbsentOr('boolean')(storedAsGzip)
  if (!known || !isCount(length) || !Array.isArray(parts)) return undefined
  const pinned = generation === undefined ? ETAG.test(text(etag)) : GENERATION.test(text(generation))
  if (!pinned) return undefined
  // The parts cover the whole, one after the other.
  let next = 0
  for (const part of parts as KeptPart[]) {
    const { first, last, received } = part
    if (![first, last, received, part.crc32c].every(isCount) || first !== next) return undefined
    if (last < first || received > last - first + 1) return undefined
    next = last + 1
  }
  return next === length ? (value as KeptParts) : undefined // every member was looked at
}

const GENERATION = /^\d{1,20}$/
const ETAG = /^"[!-~]*"$/

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function isAbsentOr(type: string): (value: unknown) => boolean {
  return (value) => value === undefined || typeof value === type
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
