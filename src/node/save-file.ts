import fs, { type Stats } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { ValidationError } from '../errors.ts'
import { removeLeftovers } from './leftovers.ts'

/** Writes a file whole or not at all: beside its place under another name first. */
export async function saveFile(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const place = findPlace(path)
  const { name: temporary, handle } = await openTemporary(place)
  try {
    try {
      for await (const chunk of chunks) await onDisk(place, writeAll(handle, chunk))
      await onDisk(place, handle.sync())
    } finally {
      await handle.close()
    }
    await takePlace(place, temporary)
  } catch (error) {
    await fs.promises.rm(temporary, { force: true })
    throw error
  }
}

/** Where a file is written. */
export interface FilePlace {
  /** Links followed: a link to a file goes on pointing to it. */
  readonly path: string
  readonly folder: string
  /** Of the file that is there. */
  readonly mode: number | undefined
}

/** @throws {ValidationError} when no file can be there. */
export function findPlace(path: string): FilePlace {
  const stats = statPlace(path)
  if (stats?.isDirectory() || /(^|\/)$/.test(path)) throw refused(path, 'is a folder')
  if (stats && !stats.isFile()) throw refused(path, 'is not a file')
  const place = stats ? fs.realpathSync(path) : path
  const folder = dirname(place)
  if (!statPlace(folder)?.isDirectory()) throw refused(folder, 'is not a folder')
  return { path: place, folder, mode: stats && stats.mode & 0o777 }
}

/**
 * A file beside the place, under a name that nobody else has. What dead downloads to that place left under such names goes away
 * first.
 */
export async function openTemporary(
  place: FilePlace,
): Promise<{ readonly name: string; readonly handle: fs.promises.FileHandle }> {
  // A unit of the name may take three bytes, of which a name has 255.
  const prefix = `.${basename(place.path).slice(0, 60)}.`
  await removeLeftovers(place.folder, prefix)
  const name = join(place.folder, `${prefix}${crypto.randomUUID()}.part`)
  return { name, handle: await openNew(place, name) }
}

/** A file with the mode of the one whose place it will take. */
export async function openNew(place: FilePlace, name: string): Promise<fs.promises.FileHandle> {
  const handle = await fs.promises.open(name, 'wx+', place.mode ?? 0o666).catch((error: unknown) => {
    throw whyNot(place.folder, error)
  })
  try {
    if (place.mode !== undefined) await handle.chmod(place.mode) // which the umask may have cut
    return handle
  } catch (error) {
    await handle.close()
    await fs.promises.rm(name, { force: true })
    throw error
  }
}

/**
 * What a folder in which nothing may be made, or that is full, says; other errors of the system as they are.
 * @param refuse makes the error
 */
export function whyNot(folder: string, error: unknown, refuse: typeof refused = refused): unknown {
  const { code = '' } = error as { code?: string }
  if (/^(EACCES|EPERM|EROFS)$/.test(code)) return refuse(folder, `may not be written (${code})`)
  if (/^(ENOSPC|EDQUOT)$/.test(code))
    return refuse(folder, `has no room left (${code}); make room there, or choose another place`)
  return error
}

/** Waits for something that is written, and tells why it cannot be. */
export async function onDisk<T>({ folder }: FilePlace, written: Promise<T>): Promise<T> {
  try {
    return await written
  } catch (error) {
    throw whyNot(folder, error)
  }
}

/**
 * Gives a file that is on disk its place, so that it has it after a crash too.
 * @throws {ValidationError} when a folder has it by now.
 */
export async function takePlace(place: FilePlace, temporary: string): Promise<void> {
  const { path, folder } = place
  try {
    await onDisk(place, fs.promises.rename(temporary, path))
  } catch (error) {
    const { code = '' } = error as { code?: string }
    if (!/^(EISDIR|ENOTEMPTY|EEXIST)$/.test(code)) throw error
    throw refused(path, `became a folder meanwhile (${code}); remove it, or choose another place`)
  }
  await syncFolder(folder)
}

/** Not every system lets a folder be opened; its file is in place all the same. */
export async function syncFolder(folder: string): Promise<void> {
  let handle: fs.promises.FileHandle | undefined
  try {
    handle = await fs.promises.open(folder, 'r')
    await handle.sync()
  } catch {
    // nothing more can be done
  } finally {
    await handle?.close()
  }
}

/** Writes all of a chunk, at a place or where the last one ended. */
export async function writeAll(
  handle: fs.promises.FileHandle,
  chunk: Uint8Array,
  position?: number,
): Promise<void> {
  for (let offset = 0; offset < chunk.length;) {
    const at = position === undefined ? null : position + offset
    const { bytesWritten } = await handle.write(chunk, offset, chunk.length - offset, at)
    offset += bytesWritten
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

export function refused(path: string, why: string): ValidationError {
  return new ValidationError('the file cannot be used', [{ path: 'media', message: `${path} ${why}` }])
}
