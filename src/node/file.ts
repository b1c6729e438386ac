import fs, { type Stats } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { MediaDestination } from '../media/download.ts'
import type { MediaSource } from '../request/media-input.ts'
import { fileSource, refused } from './file-source.ts'

/** A file: something to upload, or a place to download to. */
export interface MediaFile extends MediaSource, MediaDestination {
  readonly path: string
}

/**
 * A file by its path, or through a handle that is open: to read from that, which stays open.
 *
 * As a source it is read in pieces of 1 MiB while it is sent, and can be sent again, from any place in it. A file that
 * changes while it is sent is a `DataLossError`. As a destination it is written beside its place under another name,
 * and takes its place only when every byte came and is right: until then, and after any failure, an older file stays as
 * it was.
 *
 * ```ts
 * import { file } from 'discokit/node'
 *
 * await storage.objects.insert({ bucket, name: 'v.mp4', media: file('v.mp4') })
 * await storage.objects.get.download({ bucket, object: 'v.mp4' }).to(file('copy.mp4'))
 * ```
 */
export function file(path: string): MediaFile
export function file(handle: fs.promises.FileHandle): MediaSource & { readonly path?: undefined }
export function file(
  place: string | fs.promises.FileHandle,
): MediaSource & { readonly path?: string | undefined } {
  const source = fileSource(place)
  if (typeof place !== 'string') return source
  return {
    path: place,
    ...source,
    reuse: true, // a chunk is on disk before the next is asked for
    save: (chunks) => saveFile(place, chunks),
  } as MediaFile
}

async function saveFile(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const stats = statPlace(path)
  if (stats?.isDirectory() || /(^|\/)$/.test(path)) throw refused(path, 'is a folder')
  if (stats && !stats.isFile()) throw refused(path, 'is not a file')
  const place = stats ? fs.realpathSync(path) : path // a link to a file goes on pointing to it
  const folder = dirname(place)
  if (!statPlace(folder)?.isDirectory()) throw refused(folder, 'is not a folder')
  // A unit of the name may take three bytes, of which a name has 255.
  const temporary = join(folder, `.${basename(place).slice(0, 60)}.${crypto.randomUUID()}.part`)
  const mode = stats && stats.mode & 0o777
  const handle = await fs.promises.open(temporary, 'wx', mode ?? 0o666)
  try {
    try {
      if (mode !== undefined) await handle.chmod(mode) // which the umask may have cut
      for await (const chunk of chunks) await writeAll(handle, chunk)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await fs.promises.rename(temporary, place)
  } catch (error) {
    await fs.promises.rm(temporary, { force: true })
    throw error
  }
}

function statPlace(path: string): Stats | undefined {
  try {
    return fs.statSync(path)
  } catch (error) {
    const { code } = error as { code?: string }
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw refused(path, `cannot be written (${code})`)
  }
}

async function writeAll(handle: fs.promises.FileHandle, chunk: Uint8Array): Promise<void> {
  for (let offset = 0; offset < chunk.length;) {
    const { bytesWritten } = await handle.write(chunk, offset)
    offset += bytesWritten
  }
}
