import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { FILE_MARK } from '../../codegen/generate-api.ts'
import { ValidationError } from '../../errors.ts'
import { formatLock, hashText, LOCK_FILE, type LockedApi, type LockFile, parseLock } from './lock-file.ts'

/** The files of a project that are ours: the lock file, and those that it names. Paths are from where it is. */
export interface Project {
  /** What the lock file says; no APIs when there is none. */
  readLock(): Promise<LockFile>
  writeLock(lock: LockFile): Promise<void>
  /** The text of a file; undefined when there is none. */
  read(path: string): Promise<string | undefined>
  /** Replaces a file in one step, so that no compiler sees half of it. */
  write(path: string, text: string): Promise<void>
  remove(path: string): Promise<void>
  /**
   * Whether a file may be written over.
   * @throws {ValidationError} for one that is not ours, and for one that somebody has changed.
   */
  checkOurs(path: string, locked: LockedApi | undefined): Promise<void>
  /** The files beside others that are ours. */
  ours(paths: readonly string[]): Promise<readonly string[]>
}

export function openProject(folder: string): Project {
  const at = (path: string): string => join(folder, path)

  async function read(path: string): Promise<string | undefined> {
    try {
      return await readFile(at(path), 'utf8')
    } catch (error) {
      const { code } = error as { code?: string }
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
      throw failure(path, `cannot be read (${code})`)
    }
  }

  async function write(path: string, text: string): Promise<void> {
    const temporary = `${at(path)}.${process.pid}.tmp`
    try {
      await mkdir(dirname(at(path)), { recursive: true })
      await writeFile(temporary, text)
      await rename(temporary, at(path))
    } catch (error) {
      await rm(temporary, { force: true })
      throw failure(path, `cannot be written (${(error as { code?: string }).code})`)
    }
  }

  return {
    read,
    write,
    async readLock() {
      const text = await read(LOCK_FILE)
      return text === undefined ? { lockfileVersion: 1, apis: {} } : parseLock(text)
    },
    writeLock: (lock) => write(LOCK_FILE, formatLock(lock)),
    remove: (path) => rm(at(path), { force: true }),
    async checkOurs(path, locked) {
      const text = await read(path)
      if (text === undefined) return
      if (!text.startsWith(FILE_MARK)) throw failure(path, 'is there already, and not a file of discokit')
      if (locked?.file === path && hashText(text) !== locked.sha256)
        throw failure(path, 'was changed by hand; delete it to have it written again')
    },
    async ours(paths) {
      const folders = [...new Set(paths.map((path) => dirname(path)))]
      const found = await Promise.all(
        folders.map(async (each) => {
          const names = await readdir(at(each)).catch(() => [])
          return names.filter((name) => name.endsWith('.ts')).map((name) => join(each, name))
        }),
      )
      const marked = await Promise.all(
        found.flat().map(async (path) => ((await read(path))?.startsWith(FILE_MARK) ? [path] : [])),
      )
      return marked.flat().map((path) => path.replaceAll('\\', '/'))
    },
  }
}

function failure(path: string, message: string): ValidationError {
  return new ValidationError('nothing was written', [{ path, message }])
}
