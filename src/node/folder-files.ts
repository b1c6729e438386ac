import fs, { type Dirent } from 'node:fs'
import { join } from 'node:path'
import { ValidationError } from '../errors.ts'
import { compareNames } from '../protocol/name-order.ts'
import type { FolderFile } from '../storage/transfer/folder.ts'
import { fileSource } from './file-source.ts'

/**
 * The files of a folder and of those in it, in the order of their names as UTF-8. The names of one folder are held at a time,
 * with those of the folders above it.
 * @throws {ValidationError} when the folder itself cannot be read.
 */
export async function* walkFolder(
  path: string,
  followLinks: boolean,
): AsyncGenerator<FolderFile, void, undefined> {
  let entries: readonly Entry[]
  try {
    entries = await readEntries(path, followLinks)
  } catch (error) {
    throw refused(path, error)
  }
  yield* walk({ path, name: '', above: [] }, entries, followLinks)
}

/** A folder on the way down. */
interface Level {
  readonly path: string
  /** Of the files in it so far: empty, or ending in `/`. */
  readonly name: string
  /** Where this folder and those above really are, when links are followed. */
  readonly above: readonly string[]
}

interface Entry {
  readonly name: string
  readonly kind: 'file' | 'folder' | 'link' | 'not a file'
}

async function* walk(
  { path, name, above }: Level,
  entries: readonly Entry[],
  followLinks: boolean,
): AsyncGenerator<FolderFile, void, undefined> {
  const real = followLinks ? [...above, await fs.promises.realpath(path)] : above
  for (const { name: own, kind } of entries) {
    const place = join(path, own)
    if (kind === 'file') yield { name: name + own, media: fileSource(place) }
    else if (kind !== 'folder') yield { name: name + own, leftOut: kind }
    else {
      try {
        // A link may lead back to a folder above.
        if (followLinks && real.includes(await fs.promises.realpath(place))) {
          yield { name: name + own, leftOut: 'link' }
          continue
        }
        const inner = await readEntries(place, followLinks)
        yield* walk({ path: place, name: `${name}${own}/`, above: real }, inner, followLinks)
      } catch (error) {
        yield { name: `${name}${own}/`, error: refused(place, error) }
      }
    }
  }
}

/** What is in a folder. A folder stands where the names of its files do. */
async function readEntries(path: string, followLinks: boolean): Promise<readonly Entry[]> {
  const entries: Entry[] = []
  for (const entry of await fs.promises.readdir(path, { withFileTypes: true }))
    entries.push({ name: entry.name, kind: await kindOf(path, entry, followLinks) })
  const key = ({ name, kind }: Entry): string => (kind === 'folder' ? `${name}/` : name)
  return entries.sort((a, b) => compareNames(key(a), key(b)))
}

async function kindOf(path: string, entry: Dirent, followLinks: boolean): Promise<Entry['kind']> {
  let found: Pick<Dirent, 'isFile' | 'isDirectory'> = entry
  if (entry.isSymbolicLink()) {
    if (!followLinks) return 'link'
    try {
      found = await fs.promises.stat(join(path, entry.name))
    } catch {
      return 'link' // to nothing
    }
  }
  if (found.isFile()) return 'file'
  return found.isDirectory() ? 'folder' : 'not a file'
}

function refused(path: string, error: unknown): unknown {
  const { code } = error as { code?: string }
  if (code === undefined) return error
  const message = `${path} ${WHY[code] ?? `cannot be read (${code})`}`
  return new ValidationError('the folder cannot be used', [{ path: 'folder', message }])
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'is not a folder',
  EACCES: 'may not be read',
}
