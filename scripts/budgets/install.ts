import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { runToSuccess } from '../run.ts'

/** What the package weighs, packed as dist/ is now, and what an install of it brings. */
export async function installSize(): Promise<{
  files: number
  packedBytes: number
  packages: number
  bytes: number
}> {
  const [pack] = JSON.parse(
    await runToSuccess(['npm', 'pack', '--dry-run', '--json', '--ignore-scripts', '--loglevel=error']),
  ) as [{ entryCount: number; size: number; unpackedSize: number }]
  const dependencies = [...dependenciesOf('.')].sort()
  return {
    files: pack.entryCount,
    packedBytes: pack.size,
    packages: 1 + dependencies.length,
    bytes: dependencies.reduce(
      (sum, name) => sum + folderSize(join('node_modules', name)),
      pack.unpackedSize,
    ),
  }
}

/** The packages that one needs to run, and those that they need. */
function dependenciesOf(folder: string, found = new Set<string>()): Set<string> {
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>
  }
  for (const name of Object.keys(dependencies)) {
    if (found.has(name)) continue
    found.add(name)
    dependenciesOf(join('node_modules', name), found)
  }
  return found
}

function folderSize(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0)
}
