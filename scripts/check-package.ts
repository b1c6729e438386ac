/**
 * Looks at the package as users would get it: the tarball's files, its entries under every resolution (publint,
 * are-the-types-wrong), nothing that runs at install, a publish that stops short of sending, and that the same sources always give the same bytes, so that
 * anybody can check what was published. Whether it works when installed is seen in test/package.
 */
import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Packed, packCopy } from './pack.ts'
import { inTemporaryFolder, report, run } from './run.ts'

const ALLOWED = /^(dist\/.+\.(js|d\.ts)|docs\/[\w-]+\.md|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/
const REQUIRED = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md']
const AT_INSTALL = ['preinstall', 'install', 'postinstall', 'prepare', 'preprepare', 'postprepare']

interface Manifest {
  readonly exports: unknown
  readonly imports: unknown
  readonly bin: Readonly<Record<string, string>>
  readonly scripts: Readonly<Record<string, string>>
}

await inTemporaryFolder(async (folder) => {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest
  const [first, second] = await Promise.all(['first', 'second'].map((name) => packInto(join(folder, name))))
  const { files, tarball } = first!
  report(`${files.length} files, ${tarball.split('/').at(-1)}`, [
    ...(first!.integrity === second!.integrity ? [] : ['two packs of the same sources differ']),
    ...wrongFiles(files.map(({ path }) => path)),
    ...missingTargets(manifest, new Set(files.map(({ path }) => path))),
    ...wrongModes(manifest, files),
    ...AT_INSTALL.filter((name) => manifest.scripts[name]).map(
      (name) => `package.json: ${name} would run at install`,
    ),
    ...(await verdict(['publint', 'run', tarball, '--strict'])),
    ...(await verdict(['attw', tarball, '--profile', 'esm-only', '--no-emoji'])),
    ...(await publishing(first!)),
  ])
})

/** Two copies in folders of different names: a path that gets into the build makes them differ. */
async function packInto(folder: string): Promise<Packed> {
  await mkdir(folder)
  return packCopy(folder)
}

function wrongFiles(paths: readonly string[]): string[] {
  return [
    ...paths.filter((path) => !ALLOWED.test(path)).map((path) => `${path}: is not for users`),
    ...REQUIRED.filter((path) => !paths.includes(path)).map((path) => `${path}: is not in the package`),
    ...(paths.length < 50 ? [`only ${paths.length} files were packed`] : []),
  ]
}

/** Everything that package.json points at must be there. */
function missingTargets({ exports, imports, bin }: Manifest, paths: ReadonlySet<string>): string[] {
  const targets = leaves([exports, imports, bin]).map((path) => path.replace(/^\.\//, ''))
  return targets
    .filter((path) => !paths.has(path))
    .map((path) => `package.json: ${path} is not in the package`)
}

function leaves(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  // The sources are for those who work on them.
  const ours = Object.entries(value as object).filter(([condition]) => condition !== 'discokit-source')
  return ours.flatMap(([, target]) => leaves(target))
}

function wrongModes({ bin }: Manifest, files: Packed['files']): string[] {
  const programs = new Set(Object.values(bin).map((path) => path.replace('./', '')))
  return files
    .filter(({ path, mode }) => ((mode & 0o111) !== 0) !== programs.has(path))
    .map(({ path, mode }) => `${path}: has mode ${mode.toString(8)}`)
}

async function verdict([tool, ...args]: readonly string[]): Promise<string[]> {
  const { code, output } = await run([join('node_modules/.bin', tool!), ...args])
  return code === 0 ? [] : [`${tool} ended with ${code}\n${output.trim()}`]
}

/** Everything of a publish but the sending. What npm would put right on its way is to be put right here instead. */
async function publishing({ source }: Packed): Promise<string[]> {
  const { code, output } = await run(['npm', 'publish', '--dry-run', '--offline', '--ignore-scripts'], {
    cwd: source,
  })
  if (code !== 0) return [`npm publish ended with ${code}\n${output.trim()}`]
  const corrected = output.split('\n').filter((line) => line.startsWith('npm warn publish "'))
  return corrected.map((line) => `package.json: npm corrects it when publishing: ${line.slice(17)}`)
}
