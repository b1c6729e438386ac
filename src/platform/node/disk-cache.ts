import type { Stats } from 'node:fs'
import type { CachedDocument, DocumentCache } from '../../discovery/document-cache.ts'

/** A cache of discovery documents in a folder; see `diskCache`. */
export function createDiskCache(place: string): DocumentCache {
  const { createHash, randomUUID } = process.getBuiltinModule('node:crypto')
  const { join, resolve } = process.getBuiltinModule('node:path')
  const folder = resolve(place) // without a slash at the end, which would follow a link
  const nameOf = (key: string): string => createHash('sha256').update(key).digest('hex')
  return {
    async get(key) {
      try {
        if (!isOwn(await files().lstat(folder), 'isDirectory')) return undefined
        return parse(await readOwnFile(join(folder, nameOf(key) + ENDING)))
      } catch {
        return undefined // no such file, or none that can be read
      }
    },
    async set(key, document) {
      await files().mkdir(folder, { recursive: true, mode: 0o700 })
      if (!isOwn(await files().lstat(folder), 'isDirectory')) return
      const name = nameOf(key)
      const unfinished = join(folder, `${name}.${randomUUID()}${UNFINISHED}`)
      try {
        await files().writeFile(unfinished, format(document), { flag: 'wx', mode: 0o600 })
        await files().rename(unfinished, join(folder, name + ENDING))
      } catch (error) {
        await files().rm(unfinished, { force: true })
        throw error
      }
      await removeExcess(folder)
    },
  }
}

/** The folder for documents when none is named: undefined where the user has none, or wants none. */
export function cacheFolder(
  environment: Readonly<Record<string, string | undefined>>,
  system: string,
): string | undefined {
  const { DISCOKIT_CACHE: chosen, XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = environment
  if (chosen) return chosen === 'off' ? undefined : chosen
  const { join, isAbsolute } = process.getBuiltinModule('node:path')[system === 'win32' ? 'win32' : 'posix']
  if (system === 'win32') return local ? join(local, 'discokit') : undefined
  if (system !== 'darwin' && xdg && isAbsolute(xdg)) return join(xdg, 'discokit')
  const home = environment['HOME'] || process.getBuiltinModule('node:os').homedir()
  return isAbsolute(home)
    ? join(home, system === 'darwin' ? 'Library/Caches' : '.cache', 'discokit')
    : undefined
}

const MAX_DOCUMENTS = 64
const MAX_BYTES = 128 * 1024 * 1024
/** The first line of a file is what is known of the document; the document is the rest. */
const ENDING = '.document'
const UNFINISHED = '.unfinished'
const NAME = /^[0-9a-f]{64}\.(document|[\w-]+\.unfinished)$/
const HOUR_MS = 3_600_000

const files = (): typeof import('node:fs/promises') => process.getBuiltinModule('node:fs').promises

function format({ text, ...facts }: CachedDocument): string {
  return `${JSON.stringify(facts)}\n${text}`
}

function parse(content: string): CachedDocument {
  const end = content.indexOf('\n')
  return { ...JSON.parse(content.slice(0, end)), text: content.slice(end + 1) } as CachedDocument
}

function isOwn(stats: Stats, kind: 'isFile' | 'isDirectory'): boolean {
  const isMine =
    process.getuid === undefined || (stats.uid === process.getuid() && (stats.mode & 0o022) === 0)
  return stats[kind]() && isMine
}

/** Opens without following a link, and without waiting where there is a pipe instead of a file. */
async function readOwnFile(path: string): Promise<string> {
  // Windows has neither of the two flags (undefined counts as 0), and gives a folder of its own to each user.
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = process.getBuiltinModule('node:fs').constants
  const file = await files().open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  try {
    const stats = await file.stat()
    if (!isOwn(stats, 'isFile') || stats.size > MAX_BYTES) throw new Error('not a file of ours')
    const now = new Date()
    if (now.getTime() - stats.mtimeMs > HOUR_MS) await file.utimes(now, now).catch(() => {})
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}

/** Removes what is too much, last used first kept, and what processes that died have left unfinished. */
async function removeExcess(folder: string): Promise<void> {
  const { join } = process.getBuiltinModule('node:path')
  const names = (await files().readdir(folder)).filter((name) => NAME.test(name))
  const kept: { path: string; size: number; usedAt: number }[] = []
  for (const name of names) {
    const path = join(folder, name)
    const stats = await files()
      .lstat(path)
      .catch(() => undefined) // another process was faster
    if (stats) kept.push({ path, size: stats.size, usedAt: stats.mtimeMs })
  }
  kept.sort((a, b) => b.usedAt - a.usedAt)
  let documents = 0
  let bytes = 0
  for (const { path, size, usedAt } of kept) {
    const whole = path.endsWith(ENDING)
    if (whole) {
      documents += 1
      bytes += size
    }
    const excess = whole ? documents > MAX_DOCUMENTS || bytes > MAX_BYTES : Date.now() - usedAt > HOUR_MS
    if (excess) await files().rm(path, { force: true })
  }
}
