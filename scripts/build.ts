/**
 * Builds dist/: one bundled file per entry with shared chunks (many small files cost start-up time), and
 * declarations beside them.
 */
import { execFileSync } from 'node:child_process'
import { chmodSync, rmSync } from 'node:fs'
import { build } from 'esbuild'

rmSync('dist', { recursive: true, force: true })
const entries = {
  index: 'src/index.ts',
  'auth/index': 'src/auth/index.ts',
  'media/index': 'src/media/index.ts',
  'node/index': 'src/node/index.ts',
  'emulator/index': 'src/emulator/index.ts',
  'platform/node': 'src/platform/node.ts',
  'platform/web': 'src/platform/web.ts',
  'cli/main': 'src/cli/main.ts',
}
const { metafile } = await build({
  entryPoints: entries,
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'neutral',
  target: 'es2022',
  packages: 'external',
  external: ['#platform', 'node:*'],
  chunkNames: 'chunks/[name]-[hash]',
  legalComments: 'none',
  metafile: true,
})
chmodSync('dist/cli/main.js', 0o755)
if (!process.argv.includes('--no-types')) {
  execFileSync('npx', ['--no', 'tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' })
}
const sizes = Object.entries(metafile.outputs).map(([file, { bytes }]) => `${file} ${bytes}`)
console.log(sizes.sort().join('\n'))
