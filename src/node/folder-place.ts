import fs from 'node:fs'
import { join, resolve } from 'node:path'
import { ValidationError } from '../errors.ts'

/** A place below a folder. */
export interface FoundPlace {
  readonly names: readonly string[]
  /** Whether there is a file. */
  isThere(): boolean
}

/**
 * Finds places below a folder for names from elsewhere, and makes the folders on the way. Each of these must be a folder itself: a
 * link could lead out.
 */
export function placeFinder(
  root: string,
  caseSensitive: boolean,
  system: string = process.platform,
): (name: string) => Promise<FoundPlace> {
  const known = new Set<string>()
  return async (name) => {
    const names = name.split('/')
    const problem = nameProblem(names, system)
    if (problem !== undefined) throw refused(name, problem)
    let path = resolve(root)
    if (!known.has(path)) {
      await fs.promises.mkdir(path, { recursive: true })
      known.add(path)
    }
    for (const each of names.slice(0, -1)) {
      path = join(path, each)
      const key = caseSensitive ? path : path.toLowerCase()
      if (known.has(key)) continue
      await makeFolder(path, name)
      if (known.size >= MOST_KNOWN) known.clear()
      known.add(key)
    }
    const place = join(path, names.at(-1)!)
    const stats = lookAt(place)
    if (stats?.isSymbolicLink()) throw refused(name, `is a link at ${place}, which is not written over`)
    if (stats?.isDirectory()) throw refused(name, `is a folder at ${place}`)
    return { names, isThere: () => lookAt(place)?.isFile() ?? false }
  }
}

/** Folders that are not looked at again. */
const MOST_KNOWN = 10_000

function nameProblem(names: readonly string[], system: string): string | undefined {
  // Those who call look closer; this is what must never happen here.
  if (names.some((each) => /^\.{0,2}$|[\0/\\]/.test(each))) return 'leads elsewhere'
  if (system !== 'win32') return undefined
  if (names.some((each) => /[<>:"|?*]/.test(each))) return 'has a character that Windows has no files with'
  return names.some((each) => /[. ]$/.test(each)) ? 'ends in what Windows takes away' : undefined
}

async function makeFolder(path: string, name: string): Promise<void> {
  try {
    await fs.promises.mkdir(path)
  } catch (error) {
    const { code } = error as { code?: string }
    if (code !== 'EEXIST') throw refused(name, `cannot be: ${path} cannot be made (${code})`)
    const stats = lookAt(path)
    if (stats?.isSymbolicLink()) throw refused(name, `is below ${path}, which is a link`)
    if (!stats?.isDirectory()) throw refused(name, `is below ${path}, which is a file`)
  }
}

function lookAt(path: string): fs.Stats | undefined {
  return fs.lstatSync(path, { throwIfNoEntry: false })
}

function refused(name: string, message: string): ValidationError {
  return new ValidationError('the object cannot become a file', [{ path: name, message }])
}
