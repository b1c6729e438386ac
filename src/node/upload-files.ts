import type { Stats } from 'node:fs'
import type { UploadState, UploadStore } from '../media/upload-store.ts'
import { readUploadState } from '../media/upload-store.ts'

/** A store of upload states in a folder; see `fileUploadStore`. */
export function openUploadFiles(place: string): UploadStore {
  const { createHash, randomUUID } = process.getBuiltinModule('node:crypto')
  const { join, resolve } = process.getBuiltinModule('node:path')
  const folder = resolve(place) // without a slash at the end, which would follow a link
  // A key may be anything, and may tell something.
  const digest = (key: string): string => createHash('sha256').update(key).digest('hex')
  const nameOf = (key: string): string => join(folder, `${digest(key)}.upload`)
  let cleared: Promise<void> | undefined

  /** Removes, once, what no call came back for: Google has forgotten those sessions. */
  async function clear(): Promise<void> {
    for (const name of await files().readdir(folder)) {
      if (!/^[\da-f]{64}\.(upload|[\da-f-]{36}\.unfinished)$/.test(name)) continue
      const { mtimeMs } = await files().lstat(join(folder, name))
      if (Date.now() - mtimeMs > FORGOTTEN_MS) await files().rm(join(folder, name), { force: true })
    }
  }

  return {
    async get(key) {
      const stats = await files().lstat(folder).catch(ifMissing)
      if (stats === undefined || !isOwn(stats, 'isDirectory')) return undefined
      return readUploadState(await readOwnFile(nameOf(key)))
    },
    async set(key, state: UploadState) {
      await files().mkdir(folder, { recursive: true, mode: 0o700 })
      if (!isOwn(await files().lstat(folder), 'isDirectory')) {
        throw new Error(
          `${folder} is not a folder that only this user can write to; name another for the upload store`,
        )
      }
      await (cleared ??= clear().catch(() => {})) // a file that goes meanwhile is no failure
      const unfinished = join(folder, `${digest(key)}.${randomUUID()}.unfinished`)
      const file = await files().open(unfinished, 'wx', 0o600)
      try {
        try {
          await file.writeFile(JSON.stringify(state))
          await file.sync()
        } finally {
          await file.close()
        }
        await files().rename(unfinished, nameOf(key))
      } catch (error) {
        await files().rm(unfinished, { force: true })
        throw error
      }
    },
    async delete(key) {
      await files().rm(nameOf(key), { force: true })
      // What a process that was killed had begun to write holds the address of a session too.
      const names = await files()
        .readdir(folder)
        .catch(() => [])
      const left = names.filter((name) => name.startsWith(digest(key)) && name.endsWith('.unfinished'))
      for (const name of left) await files().rm(join(folder, name), { force: true })
    },
  }
}

const MOST_BYTES = 65_536
/** A session lives for a week. */
const FORGOTTEN_MS = 8 * 86_400_000
const files = (): typeof import('node:fs/promises') => process.getBuiltinModule('node:fs').promises

function ifMissing(error: { code?: string }): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR' && error.code !== 'ELOOP') throw error
}

function isOwn(stats: Stats, kind: 'isFile' | 'isDirectory'): boolean {
  const isMine =
    process.getuid === undefined || (stats.uid === process.getuid() && (stats.mode & 0o022) === 0)
  return stats[kind]() && isMine
}

/** Opens without following a link, and without waiting where there is a pipe instead of a file. */
async function readOwnFile(path: string): Promise<string | undefined> {
  // Windows has neither of the two flags (undefined counts as 0), and gives a folder of its own to each user.
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = process.getBuiltinModule('node:fs').constants
  const file = await files()
    .open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    .catch(ifMissing)
  if (file === undefined) return undefined
  try {
    const stats = await file.stat()
    return isOwn(stats, 'isFile') && stats.size <= MOST_BYTES ? await file.readFile('utf8') : undefined
  } finally {
    await file.close()
  }
}
