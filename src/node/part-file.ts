import fs from 'node:fs'
import { basename, join } from 'node:path'
import type { KeptPart, KeptParts, PartsDestination } from '../media/media-destination.ts'
import { type FileLock, lockFile } from './lock-file.ts'
import { readKeptParts, writeKeptParts } from './kept-parts-file.ts'
import {
  type FilePlace,
  findPlace,
  onDisk,
  openNew,
  openTemporary,
  refused,
  takePlace,
  writeAll,
} from './save-file.ts'

/**
 * A file that is written in any order beside its place. With `resume` it has the name `.NAME.discokit.part` and stays until
 * it is whole; `.NAME.discokit.json` says what is in it, and `.NAME.discokit.lock` which process writes it.
 */
export async function openParts(path: string, resume: boolean): Promise<PartsDestination> {
  const place = findPlace(path)
  if (!resume) {
    const { name, handle } = await openTemporary(place)
    return partsOf(handle, place, name)
  }
  const names = namesBeside(place)
  const lock = await lockFile(names.lock, {
    busy: (advice) => refused(path, `is being written by another download; ${advice}`),
  })
  try {
    const kept = readKeptParts(names.json)
    const handle = (kept && (await openLeft(names.part))) ?? (await openFresh(place, names))
    const { size } = await handle.stat()
    const isThere = ({ first, received }: KeptPart): boolean => received === 0 || first + received <= size
    const found = kept?.parts.every(isThere) ? kept : undefined
    return partsOf(handle, place, names.part, { found, json: names.json, lock })
  } catch (error) {
    await lock.release()
    throw error
  }
}

/** What a file that stays has besides. */
interface Staying {
  readonly found: KeptParts | undefined
  readonly json: string
  readonly lock: FileLock
}

function partsOf(
  handle: fs.promises.FileHandle,
  place: FilePlace,
  name: string,
  staying?: Staying,
): PartsDestination {
  return {
    found: staying?.found,
    async *read(offset, length) {
      const memory = new Uint8Array(Math.min(length, READ_BYTES))
      for (let at = offset; at < offset + length;) {
        const { bytesRead } = await handle.read(memory, 0, Math.min(memory.length, offset + length - at), at)
        if (bytesRead === 0) return
        yield memory.subarray(0, bytesRead)
        at += bytesRead
      }
    },
    write: (bytes, offset) => onDisk(place, writeAll(handle, bytes, offset)),
    async keep(parts) {
      if (!staying) return
      await onDisk(place, handle.datasync())
      await onDisk(place, writeKeptParts(staying.json, parts))
    },
    async finish(length) {
      await handle.truncate(length) // an earlier download may have left more
      await onDisk(place, handle.sync())
      await handle.close()
      await takePlace(place, name)
      if (staying) await fs.promises.rm(staying.json, { force: true })
      await staying?.lock.release()
    },
    async leave(forget) {
      await handle.close().catch(() => {}) // it may be closed
      if (!staying || forget) await fs.promises.rm(name, { force: true })
      if (staying && forget) await fs.promises.rm(staying.json, { force: true })
      await staying?.lock.release()
    },
  }
}

const READ_BYTES = 1_048_576

interface Names {
  readonly part: string
  readonly json: string
  readonly lock: string
}

function namesBeside({ path, folder }: FilePlace): Names {
  const name = basename(path)
  // A name has 255 bytes, and the longest of these endings twenty.
  if (Buffer.byteLength(name) > 230) throw refused(path, 'has a name too long for another beside it')
  const beside = (ending: string): string => join(folder, `.${name}.discokit.${ending}`)
  return { part: beside('part'), json: beside('json'), lock: beside('lock') }
}

/** What an earlier download left, unless somebody else has put something there. */
async function openLeft(name: string): Promise<fs.promises.FileHandle | undefined> {
  const { O_RDWR, O_NOFOLLOW } = fs.constants // the second is not on every system, and 0 then
  const handle = await fs.promises.open(name, O_RDWR | O_NOFOLLOW).catch(() => undefined)
  if (!handle) return undefined
  const stats = await handle.stat()
  const user = process.getuid?.()
  if (stats.isFile() && stats.nlink === 1 && (user === undefined || stats.uid === user)) return handle
  await handle.close()
  return undefined
}

async function openFresh(place: FilePlace, { part, json }: Names): Promise<fs.promises.FileHandle> {
  await fs.promises.rm(json, { force: true })
  await fs.promises.rm(part, { force: true })
  return openNew(place, part)
}
