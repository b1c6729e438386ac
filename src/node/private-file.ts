import fs from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Stats } from 'node:fs'
import { ValidationError } from '../errors.ts'
import { syncFolder, whyNot } from './save-file.ts'

/**
 * The text of a file that only this user may have; undefined where none is.
 * @throws {ValidationError} when it belongs to another user, others may read or write it, it is a link or no file, or it has more
 * than so many bytes.
 */
export async function readPrivateFile(path: string, mostBytes: number): Promise<string | undefined> {
  // Windows has neither of the two flags (undefined counts as 0), and gives a folder of its own to each user.
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants
  const file = await fs.promises.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch((error: unknown) => {
    const { code = '' } = error as { code?: string }
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw unfit(path, code === 'ELOOP' ? IS_LINK : `cannot be read (${code})`)
  })
  if (file === undefined) return undefined
  try {
    const stats = await file.stat()
    checkPrivate(path, stats, 'isFile')
    if (stats.size > mostBytes) throw unfit(path, `has more than ${mostBytes} bytes: it is none of ours`)
    // It may have grown meanwhile.
    const { bytesRead, buffer } = await file.read(Buffer.alloc(stats.size), 0, stats.size, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}

/**
 * Writes a file that only this user may have beside its place, brings it to disk, and gives it its place: there is the old one or the
 * new one, after a crash too.
 * @param mayTake asked when all is written
 * @returns whether it took its place
 */
export async function writePrivateFile(
  path: string,
  text: string,
  mayTake: () => Promise<boolean> = async () => true,
): Promise<boolean> {
  const unfinished = `${path}.${crypto.randomUUID()}.unfinished`
  try {
    await makePrivateFile(unfinished, text)
    const may = await mayTake()
    await (may ? fs.promises.rename(unfinished, path) : fs.promises.rm(unfinished))
    if (may) await syncFolder(dirname(path))
    return may
  } catch (error) {
    await fs.promises.rm(unfinished, { force: true })
    throw whyUnfit(path, error)
  }
}

/** Removes what processes that were killed had begun to write for a place. The caller has the lock. */
export async function removeUnfinished(path: string): Promise<void> {
  const folder = dirname(path)
  for (const name of await fs.promises.readdir(folder))
    if (name.startsWith(`${basename(path)}.`) && name.endsWith('.unfinished'))
      await fs.promises.rm(join(folder, name), { force: true })
}

/** Makes a file that is not there yet, and brings it to disk. Errors are those of the system. */
export async function makePrivateFile(path: string, text: string): Promise<void> {
  const file = await fs.promises.open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

/**
 * Whether a folder is there.
 * @throws {ValidationError} when it is not for this user alone.
 */
export async function isPrivateFolder(path: string): Promise<boolean> {
  const stats = await fs.promises.lstat(path).catch((error: unknown) => {
    const { code = '' } = error as { code?: string }
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw unfit(path, `cannot be looked at (${code})`)
  })
  if (stats) checkPrivate(path, stats, 'isDirectory')
  return stats !== undefined
}

/** Makes a folder for this user alone, and those above it, where they are not there. */
export async function makePrivateFolder(path: string): Promise<void> {
  if (await isPrivateFolder(path)) return
  await fs.promises.mkdir(path, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw whyUnfit(path, error)
  })
  await syncFolder(dirname(path))
  await isPrivateFolder(path)
}

function checkPrivate(path: string, stats: Stats, kind: 'isFile' | 'isDirectory'): void {
  const [noun, mode] = kind === 'isFile' ? ['file', '600'] : ['folder', '700']
  if (stats.isSymbolicLink()) throw unfit(path, IS_LINK)
  if (!stats[kind]()) throw unfit(path, `is no ${noun}; move it away`)
  const user = process.getuid?.()
  if (user === undefined) return
  if (stats.uid !== user)
    throw unfit(path, `belongs to another user (${stats.uid}, and this is ${user}); choose another folder`)
  if ((stats.mode & 0o077) !== 0) {
    const open = (stats.mode & 0o777).toString(8)
    throw unfit(path, `is open to other users (mode ${open}); if they did nothing to it, chmod ${mode} it`)
  }
}

const IS_LINK = 'is a link, which may lead anywhere; name the place itself, or remove it'

/** The error for one of the system where something cannot be written; others as they are. */
export function whyUnfit(path: string, error: unknown): unknown {
  const { code } = error as { code?: unknown }
  const why = whyNot(dirname(path), error, unfit)
  const isOfSystem = typeof code === 'string' && /^E[A-Z\d_]+$/.test(code)
  return why === error && isOfSystem ? unfit(path, `cannot be written (${code})`) : why
}

/** What stands in the way of logins in files. */
export function unfit(path: string, why: string): ValidationError {
  return new ValidationError('the logins cannot be kept', [{ path: 'folder', message: `${path} ${why}` }])
}
