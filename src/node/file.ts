import type fs from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ValidationError } from '../errors.ts'
import type { MediaDestination } from '../media/media-destination.ts'
import type { MediaSource } from '../request/media-input.ts'
import { fileSource } from './file-source.ts'
import { openParts } from './part-file.ts'
import { saveFile } from './save-file.ts'

/** A file: something to upload, or a place to download to. */
export interface MediaFile extends MediaSource, MediaDestination {
  readonly path: string
}

/**
 * A file by its path or `file:` address, or through a handle that is open: to read from that, which stays open.
 *
 * As a source it is read in pieces of 1 MiB while it is sent, and can be sent again, from any place in it. A file that
 * changes while it is sent is a `DataLossError`. As a destination it is written beside its place under another name,
 * and takes its place only when every byte came and is right: until then, and after any failure, an older file stays as
 * it was. With `resume`, what came stays beside it as `.NAME.discokit.part` until it
 * is whole.
 *
 * ```ts
 * import { file } from 'discokit/node'
 *
 * await storage.objects.insert({ bucket, name: 'v.mp4', media: file('v.mp4') })
 * await storage.objects.get.download({ bucket, object: 'v.mp4' }).to(file('copy.mp4'))
 * ```
 */
export function file(path: string | URL): MediaFile
export function file(handle: fs.promises.FileHandle): MediaSource & { readonly path?: undefined }
export function file(
  given: string | URL | fs.promises.FileHandle,
): MediaSource & { readonly path?: string | undefined } {
  const place = placeOf(given)
  const source = fileSource(place)
  if (typeof place !== 'string') return source
  return {
    path: place,
    ...source,
    reuse: true, // a chunk is on disk before the next is asked for
    save: (chunks) => saveFile(place, chunks),
    openParts: (resume: boolean) => openParts(place, resume),
  } as MediaFile
}

function placeOf(given: string | URL | fs.promises.FileHandle): string | fs.promises.FileHandle {
  if (given instanceof URL && given.protocol === 'file:') return fileURLToPath(given)
  if (typeof given === 'string' && given !== '') return given
  if (typeof (given as Partial<fs.promises.FileHandle> | undefined)?.fd === 'number')
    return given as fs.promises.FileHandle
  const message = 'must be a path, a file: address or a FileHandle'
  throw new ValidationError('the file cannot be used', [{ path: 'path', message }])
}
