import { createHash, randomFillSync } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, open, readdir, realpath, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { ValidationError } from '../../errors.ts'

/** A file to move, and the name of its object. */
export interface LocalFile {
  readonly path: string
  readonly object: string
}

/**
 * The files at the given paths; folders with everything below them, named from the folder's own name down.
 * @throws {ValidationError} for a path where there is nothing, or nothing that is a file.
 */
export async function findFiles(paths: readonly string[]): Promise<LocalFile[]> {
  const found: LocalFile[] = []
  for (const path of paths) {
    const stats = await stat(path).catch(() => undefined)
    if (!stats) throw refused(path, 'does not exist')
    if (!stats.isDirectory() && !stats.isFile()) throw refused(path, 'is neither a file nor a folder')
    found.push(
      ...(stats.isFile()
        ? [{ path, object: basename(path) }]
        : await findBelow(path, basename(resolve(path)))),
    )
  }
  if (found.length === 0) throw refused(paths.join(', '), 'holds no files')
  const twice = found.find(({ object }, i) => found.findIndex((other) => other.object === object) !== i)
  if (twice) throw refused(twice.path, `and another file would both be named ${twice.object}`)
  return found
}

/** A file of random bytes in a new temporary folder. */
export async function makeRandomFile(folder: string, bytes: number): Promise<LocalFile> {
  const object = `random-${bytes / 1_048_576}-MiB.bin`
  const path = join(folder, object)
  const handle = await open(path, 'wx')
  const chunk = Buffer.allocUnsafe(1_048_576)
  for (let left = bytes; left > 0; left -= chunk.length) {
    await handle.write(randomFillSync(chunk), 0, Math.min(left, chunk.length))
  }
  await handle.close()
  return { path, object }
}

/** A folder of our own below the system's temporary one. */
export async function makeTemporaryFolder(): Promise<string> {
  return mkdtemp(join(await realpath(tmpdir()), 'discokit-demo-'))
}

/** SHA-256 of a file, in hexadecimal. */
export async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1_048_576 })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

async function findBelow(folder: string, prefix: string): Promise<LocalFile[]> {
  const found: LocalFile[] = []
  const entries = await readdir(folder, { withFileTypes: true })
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) found.push(...(await findBelow(path, `${prefix}/${entry.name}`)))
    else if (entry.isFile()) found.push({ path, object: `${prefix}/${entry.name}` })
  }
  return found
}

function refused(path: string, why: string): ValidationError {
  return new ValidationError('nothing was moved', [{ path: 'PATH', message: `${path} ${why}` }])
}
