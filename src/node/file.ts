import fs, { type Stats } from 'node:fs'
import { basename } from 'node:path'
import { DataLossError } from '../errors.ts'
import type { MediaDestination } from '../media/media-destination.ts'
import type { MediaDescription, MediaSource } from '../request/media-input.ts'
import { openParts } from './part-file.ts'
import { refused, saveFile } from './save-file.ts'

/** A file: something to upload, or a place to download to. */
export interface MediaFile extends MediaSource, MediaDestination {
  readonly path: string
}

/**
 * A file by its path.
 *
 * As a source it is read in pieces of 1 MiB while it is sent, and can be sent again. A file that changes while it is
 * sent is a `DataLossError`. As a destination it is written beside its place under another name, and takes its place
 * only when every byte came and is right: until then, and after any failure, an older file stays as it was. With
 * `resume`, what came stays beside it as `.NAME.discokit.part` until it is whole.
 *
 * ```ts
 * import { file } from 'discokit/node'
 *
 * await storage.objects.insert({ bucket, name: 'v.mp4', media: file('v.mp4') })
 * await storage.objects.get.download({ bucket, object: 'v.mp4' }).to(file('copy.mp4'))
 * ```
 */
export function file(path: string): MediaFile {
  let described: Stats | undefined
  return {
    path,
    reuse: true, // a chunk is on disk before the next is asked for
    describe() {
      described = statFile(path)
      return description(path, described)
    },
    open: (options) => readFile(path, described, options?.reuse),
    save: (chunks) => saveFile(path, chunks),
    openParts: (resume) => openParts(path, resume),
  }
}

const CHUNK_BYTES = 1_048_576
const RING_SIZE = 4

function description(path: string, stats: Stats): MediaDescription {
  return { length: stats.size, name: basename(path), replayable: true }
}

function statFile(path: string): Stats {
  let stats: Stats | undefined
  let code: string | undefined
  try {
    stats = fs.statSync(path)
  } catch (error) {
    code = (error as { code?: string }).code
  }
  if (stats?.isFile()) return stats
  const why = stats === undefined ? (WHY[code ?? ''] ?? `cannot be read (${code})`) : 'is not a file'
  throw refused(path, stats?.isDirectory() ? 'is a folder' : why)
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EACCES: 'may not be read',
}

/**
 * Reads one piece ahead of the one being sent, so that disk and network work at the same time. With `reuse`, four
 * pieces of memory go round: one being read, one being held back, one being sent, and one to spare.
 */
async function* readFile(
  path: string,
  described: Stats | undefined,
  reuse: boolean = false,
): AsyncGenerator<Uint8Array, void, undefined> {
  const handle = await fs.promises.open(path, 'r')
  try {
    const ring: Buffer[] = []
    let turn = 0
    const memory = (): Buffer => {
      if (!reuse) return Buffer.allocUnsafeSlow(CHUNK_BYTES)
      return (ring[turn++ % RING_SIZE] ??= Buffer.allocUnsafeSlow(CHUNK_BYTES))
    }
    const read = async (): Promise<Uint8Array> => {
      const { bytesRead, buffer } = await handle.read(memory(), 0, CHUNK_BYTES)
      return buffer.subarray(0, bytesRead)
    }
    let offset = 0
    let next = read()
    for (let chunk = await next; chunk.length > 0; chunk = await next) {
      next = read()
      next.catch(() => {}) // reported when awaited
      // Before the last piece goes: a file replaced or rewritten meanwhile must not arrive as a mixture.
      offset += chunk.length
      if (described && offset >= described.size) checkUnchanged(path, described, await handle.stat())
      yield chunk
    }
  } finally {
    await handle.close()
  }
}

function checkUnchanged(path: string, before: Stats, now: Stats): void {
  if (before.size === now.size && before.mtimeMs === now.mtimeMs && before.ino === now.ino) return
  throw new DataLossError(
    `${path} changed while it was sent (${before.size} bytes before, ${now.size} now); nothing was stored`,
    {
      expected: String(before.size),
      actual: String(now.size),
    },
  )
}
