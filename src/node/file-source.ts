import fs, { type Stats } from 'node:fs'
import { basename } from 'node:path'
import { DataLossError, ValidationError } from '../errors.ts'
import type { MediaDescription, MediaSource } from '../request/media-input.ts'

/** What is read of a file: by its path, or through a handle that somebody else opened and will close. */
export type FilePlace = string | fs.promises.FileHandle

/** A file as a source. It can be opened at any place, and one that changes between two looks is a `DataLossError`. */
export function fileSource(place: FilePlace): MediaSource {
  let described: Stats | undefined
  return {
    describe() {
      described = statFile(place)
      return description(place, described)
    },
    open: ({ reuse = false, offset = 0 } = {}) => readFile(place, described, reuse, offset),
  }
}

const CHUNK_BYTES = 1_048_576
const RING_SIZE = 4

function description(place: FilePlace, { size, mtimeMs, ino }: Stats): MediaDescription {
  return {
    length: size,
    name: typeof place === 'string' ? basename(place) : undefined,
    replayable: true,
    seekable: true,
    fingerprint: `${size}-${Math.floor(mtimeMs)}-${ino}`,
  }
}

function statFile(place: FilePlace): Stats {
  let stats: Stats | undefined
  let code: string | undefined
  try {
    stats = typeof place === 'string' ? fs.statSync(place) : fs.fstatSync(place.fd)
  } catch (error) {
    code = (error as { code?: string }).code
  }
  if (stats?.isFile()) return stats
  const why = stats === undefined ? (WHY[code ?? ''] ?? `cannot be read (${code})`) : 'is not a file'
  throw refused(nameOf(place), stats?.isDirectory() ? 'is a folder' : why)
}

function nameOf(place: FilePlace): string {
  return typeof place === 'string' ? place : 'the file of the handle'
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EACCES: 'may not be read',
  EBADF: 'is closed',
  ERR_OUT_OF_RANGE: 'is closed', // the number of a handle that was closed here
}

/** The error of a place that is no file. */
function refused(path: string, why: string): ValidationError {
  return new ValidationError('the file cannot be used', [{ path: 'media', message: `${path} ${why}` }])
}

/**
 * Reads one piece ahead of the one being sent, so that disk and network work at the same time. With `reuse`, four
 * pieces of memory go round: one being read, one asked for, one being sent, and one to spare.
 */
async function* readFile(
  place: FilePlace,
  described: Stats | undefined,
  reuse: boolean,
  first: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const handle = typeof place === 'string' ? await fs.promises.open(place, 'r') : place
  try {
    if (described && first > 0) checkUnchanged(place, described, await handle.stat())
    const ring: Buffer[] = []
    let turn = 0
    let readTo = first
    const memory = (): Buffer => {
      if (!reuse) return Buffer.allocUnsafeSlow(CHUNK_BYTES)
      return (ring[turn++ % RING_SIZE] ??= Buffer.allocUnsafeSlow(CHUNK_BYTES))
    }
    const read = async (): Promise<Uint8Array> => {
      const { bytesRead, buffer } = await handle.read(memory(), 0, CHUNK_BYTES, readTo)
      readTo += bytesRead
      return buffer.subarray(0, bytesRead)
    }
    let offset = first
    let next = read()
    for (let chunk = await next; chunk.length > 0; chunk = await next) {
      next = read()
      next.catch(() => {}) // reported when awaited
      // Before the last piece goes: a file replaced or rewritten meanwhile must not arrive as a mixture.
      offset += chunk.length
      if (described && offset >= described.size) checkUnchanged(place, described, await handle.stat())
      yield chunk
    }
  } finally {
    if (typeof place === 'string') await handle.close()
  }
}

function checkUnchanged(place: FilePlace, before: Stats, now: Stats): void {
  if (before.size === now.size && before.mtimeMs === now.mtimeMs && before.ino === now.ino) return
  throw new DataLossError(
    `${nameOf(place)} changed while it was sent (${before.size} bytes before, ${now.size} now); nothing was stored`,
    {
      expected: String(before.size),
      actual: String(now.size),
    },
  )
}
