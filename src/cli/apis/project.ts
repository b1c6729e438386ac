import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { FILE_MARK } from '../../codegen/generate-api.ts'
import { ValidationError } from '../../errors.ts'
import { formatLock, hashText, LOCK_FILE, type LockedApi, type LockFile, parseLock } from './lock-file.ts'

/** A file to be written for an API. */
export interface PlannedFile {
  /** Such as `drive:v3`. */
  readonly id: string
  readonly text: string
  readonly locked: LockedApi
}

/** The files of a project that are ours: the lock file, and those that it names. Paths are from where it is. */
export interface Project {
  /** What the lock file says; no APIs when there is none. */
  readLock(): Promise<LockFile>
  /** The text of a file; undefined when there is none. */
  read(path: string): Promise<string | undefined>
  /**
   * Refuses to write over what is not ours.
   * @throws {ValidationError} for a file of somebody's, one that was changed by hand, and one of another API.
   */
  check(files: readonly PlannedFile[], lock: LockFile): Promise<void>
  /**
   * Writes files and what the lock file says of them, and takes away those that they take the place of. Gives the paths
   * of the latter.
   */
  write(files: readonly PlannedFile[]): Promise<readonly string[]>
  /** The files beside others that are ours. */
  ours(paths: readonly string[]): Promise<readonly string[]>
}

export function openProject(folder: string): Project {
  const at = (path: string): string => join(folder, path)

  async function read(path: string): Promise<string | undefined> {
    try {
      return (await readFile(at(path), 'utf8')).replaceAll('\r\n', '\n') // some tools change the ends of lines
    } catch (error) {
      const { code } = error as { code?: string }
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
      throw failure(path, `cannot be read (${code})`)
    }
  }

  async function readLock(): Promise<LockFile> {
    const text = await read(LOCK_FILE)
    return text === undefined ? { lockfileVersion: 1, apis: {} } : parseLock(text)
  }

  /** Lets one command at a time change the lock file: the next one must see what the last has written. */
  async function exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    const guard = at(`${LOCK_FILE}.lock`)
    for (let waited = 0; ; waited += WAIT_MS) {
      try {
        await (await open(guard, 'wx')).close()
        break
      } catch (error) {
        const { code } = error as { code?: string }
        if (code !== 'EEXIST') throw failure(LOCK_FILE, `cannot be written (${code})`)
        const made = await stat(guard).catch(() => undefined)
        if (!made) continue // it is gone; removing it now would remove the next one's
        if (Date.now() - made.mtimeMs > STALE_MS) await rm(guard, { force: true })
        else if (waited > STALE_MS) throw failure(LOCK_FILE, 'is being written by another command')
        else await sleep(WAIT_MS)
      }
    }
    try {
      return await work()
    } finally {
      await rm(guard, { force: true })
    }
  }

  /** All beside where they go, then each in its place: a failure leaves what was there. */
  async function replace(files: ReadonlyMap<string, string>): Promise<void> {
    const beside = (path: string): string => `${at(path)}.${process.pid}.tmp`
    let current = ''
    try {
      for (const [path, text] of files) {
        current = path
        await mkdir(dirname(at(path)), { recursive: true })
        await writeFile(beside(path), text)
      }
      for (const path of files.keys()) {
        current = path
        await rename(beside(path), at(path))
      }
    } catch (error) {
      await Promise.all([...files.keys()].map((path) => rm(beside(path), { force: true }).catch(() => {})))
      throw failure(current, `cannot be written (${(error as { code?: string }).code})`)
    }
  }

  /** Files that other ones take the place of, as far as nobody has changed them. */
  async function removeOld(files: readonly PlannedFile[], { apis }: LockFile): Promise<string[]> {
    const old = files.flatMap(({ id, locked }) => {
      const before = apis[id]
      return before && before.file !== locked.file ? [before] : []
    })
    const removed = await Promise.all(
      old.map(async ({ file, sha256 }) => {
        const text = await read(file)
        if (text === undefined || hashText(text) !== sha256) return []
        await rm(at(file), { force: true })
        return [file]
      }),
    )
    return removed.flat()
  }

  return {
    readLock,
    read,
    async check(files, { apis }) {
      for (const { id, text: planned, locked } of files) {
        const owner = Object.keys(apis).find((each) => apis[each]!.file === locked.file)
        if (owner !== undefined && owner !== id) throw refusal(locked.file, `is the file of ${owner}`)
        const text = await read(locked.file)
        if (text === undefined || text === planned) continue
        if (!text.startsWith(FILE_MARK))
          throw refusal(locked.file, 'is there already, and not a file of discokit')
        if (owner === undefined)
          throw refusal(locked.file, `is not in ${LOCK_FILE}; delete it to have it written again`)
        if (hashText(text) !== apis[owner]!.sha256)
          throw refusal(locked.file, 'was changed by hand; delete it to have it written again')
      }
    },
    write: (files) =>
      exclusively(async () => {
        const lock = await readLock()
        const apis = { ...lock.apis, ...Object.fromEntries(files.map(({ id, locked }) => [id, locked])) }
        const texts = files.map(({ locked, text }) => [locked.file, text] as const)
        await replace(new Map([...texts, [LOCK_FILE, formatLock({ ...lock, apis })]]))
        return removeOld(files, lock)
      }),
    async ours(paths) {
      const folders = [...new Set(paths.map((path) => dirname(path)))]
      const found = await Promise.all(
        folders.map(async (each) => {
          const entries = await readdir(at(each), { withFileTypes: true }).catch(() => [])
          const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
          return files.map(({ name }) => join(each, name).replaceAll('\\', '/'))
        }),
      )
      const marked = await Promise.all(
        found.flat().map(async (path) => ((await read(path))?.startsWith(FILE_MARK) ? [path] : [])),
      )
      return marked.flat()
    },
  }
}

const WAIT_MS = 50
/** A guard this old was left behind. */
const STALE_MS = 10_000

function refusal(path: string, message: string): ValidationError {
  return new ValidationError('nothing was written', [{ path, message }])
}

function failure(path: string, message: string): ValidationError {
  return new ValidationError('a file cannot be used', [{ path, message }])
}
