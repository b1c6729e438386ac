/**
 * Holds what a program pays for the package below the limits in budgets.json. They are counts, not times, so that a
 * busy machine never fails them: bytes, files, modules, requests, sockets, type instantiations. What is far below its
 * recorded value was not measured: that fails too. Needs dist/.
 *
 *     tsx scripts/check-budgets.ts            compares
 *     tsx scripts/check-budgets.ts --write    notes today's values; limits are changed by hand, with a reason
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { bundleSize } from './budgets/bundles.ts'
import { installSize } from './budgets/install.ts'
import { mainLine } from './budgets/main-line.ts'
import { builtinsOnImport } from './budgets/start.ts'
import { report, runToSuccess } from './run.ts'

interface Budget {
  /** The value when somebody last looked. */
  measured: number
  readonly limit: number
}

const FILE = 'budgets.json'
/** What the main line does is known to the last request. */
const EXACT = ['main line, requests', 'main line, sockets']
const LIBRARY = "export * from 'discokit'"
const SERVICE_ACCOUNT = "export { serviceAccount } from 'discokit/auth'"
const AUTHORIZED_FETCH = "export { authorizedFetch, serviceAccount } from 'discokit/auth'"

const budgets = JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, Budget>
const values = await measure()
const width = Math.max(...Object.keys(values).map((name) => name.length))
for (const [name, value] of Object.entries(values)) {
  const { limit, measured } = budgets[name] ?? {}
  console.log(`${name.padEnd(width)}  ${show(value)}  of ${show(limit)}  (was ${show(measured).trim()})`)
}
if (process.argv.includes('--write')) write()
report(`${Object.keys(values).length} budgets`, problems())

async function measure(): Promise<Record<string, number>> {
  const library = await bundleSize(LIBRARY, 'node')
  const serviceAccount = await bundleSize(SERVICE_ACCOUNT, 'browser')
  const authorizedFetch = await bundleSize(AUTHORIZED_FETCH, 'browser')
  const builtins = await builtinsOnImport()
  const line = await mainLine()
  const install = await installSize()
  return {
    'bundle of the library, bytes gzipped': library.gzipBytes,
    'bundle of the library, loaded when used, bytes gzipped': library.laterGzipBytes,
    'bundle of a service account alone, bytes gzipped': serviceAccount.gzipBytes,
    'bundle of a service account with authorizedFetch, bytes gzipped': authorizedFetch.gzipBytes,
    'bundle of a service account alone, uses of Node': serviceAccount.usesOfNode.length,
    "import of discokit and discokit/auth, Node's modules loaded": builtins.length,
    'main line, files of ours loaded': line.ours,
    'main line, files of other packages loaded': line.others,
    'main line, requests': line.requests,
    'main line, sockets': line.sockets,
    'package, files': install.files,
    'package, bytes packed': install.packedBytes,
    'install, packages': install.packages,
    'install, bytes': install.bytes,
    'type tests on TypeScript 5.9, instantiations': await instantiations(),
  }
}

async function instantiations(): Promise<number> {
  const tsc = ['node_modules/typescript-5/bin/tsc', '-p', 'test/types', '--extendedDiagnostics']
  const diagnostics = await runToSuccess([process.execPath, ...tsc])
  return Number(/^Instantiations: +(\d+)$/m.exec(diagnostics)?.[1])
}

function problems(): string[] {
  const unknown = Object.keys(budgets).filter((name) => values[name] === undefined)
  return [
    ...unknown.map((name) => `${FILE}: nothing measures '${name}'`),
    ...Object.entries(values).flatMap(([name, value]) => {
      const { limit, measured = 0 } = budgets[name] ?? {}
      if (limit === undefined) return [`${FILE}: no limit for '${name}', now ${value}`]
      if (EXACT.includes(name)) return value === limit ? [] : [`${name}: ${value}, and must be ${limit}`]
      // NaN, a value that could not be read, is above every limit.
      if (!(value <= limit)) return [`${name}: ${value}, and the limit is ${limit}`]
      return limit === 0 || value >= measured / 2
        ? []
        : [`${name}: ${value}, less than half of the recorded ${measured}; is it measured? --write, if so`]
    }),
  ]
}

function write(): void {
  for (const [name, budget] of Object.entries(budgets)) budget.measured = values[name] ?? budget.measured
  writeFileSync(FILE, `${JSON.stringify(budgets, null, 2)}\n`)
}

function show(value: number | undefined): string {
  return (value === undefined ? '?' : value.toLocaleString('en')).padStart(9)
}
