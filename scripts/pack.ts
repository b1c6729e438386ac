import { cp, mkdir, symlink } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { runToSuccess } from './run.ts'

/** The package as it would be published. */
export interface Packed {
  /** The folder that was packed. */
  readonly source: string
  /** The path of the tarball. */
  readonly tarball: string
  readonly files: readonly { readonly path: string; readonly mode: number }[]
  /** Of the whole tarball. */
  readonly integrity: string
}

/** No part of what is packed, or made anew. */
const LEFT_OUT = new Set(['node_modules', 'dist', 'coverage', '.git'])

/**
 * Runs `npm pack` in a copy of this checkout in a folder of its own: it builds, and a build here would take dist/
 * away from whoever is using it.
 */
export async function packCopy(folder: string): Promise<Packed> {
  const copy = join(folder, 'discokit')
  const filter = (path: string): boolean => !LEFT_OUT.has(relative('.', path)) && !path.endsWith('.tgz')
  await mkdir(copy, { recursive: true })
  await cp('.', copy, { recursive: true, filter })
  await symlink(join(process.cwd(), 'node_modules'), join(copy, 'node_modules'))
  return npmPack(copy, folder, [])
}

/** Packs a package that is installed here as it is, for an install without a registry. */
export function packInstalled(name: string, folder: string): Promise<Packed> {
  return npmPack(join(process.cwd(), 'node_modules', name), folder, ['--ignore-scripts'])
}

async function npmPack(source: string, folder: string, options: readonly string[]): Promise<Packed> {
  const quiet = ['--json', '--foreground-scripts=false', '--loglevel=error']
  const stdout = await runToSuccess(['npm', 'pack', `--pack-destination=${folder}`, ...quiet, ...options], {
    cwd: source,
  })
  const [packed] = JSON.parse(stdout) as [{ filename: string; integrity: string; files: Packed['files'] }]
  const { filename, files, integrity } = packed
  return { source, tarball: join(folder, basename(filename)), files, integrity }
}
