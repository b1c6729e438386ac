/**
 * Runs every check but the tests, two at a time, and says in one line each how it went; what the failing ones printed
 * comes at the end. `npm run check -- types api` runs those whose name begins so. Each check is a command of its own
 * that can be run alone.
 */
import { availableParallelism } from 'node:os'
import { type Ran, run } from './run.ts'

interface Check {
  readonly name: string
  /** Run one after the other, to the first that fails. */
  readonly commands: readonly (readonly string[])[]
  /** Looks into dist/, so waits until it is built. */
  readonly built?: true
}

const NODE = process.execPath
const TSC_7 = [NODE, 'node_modules/typescript/bin/tsc']
const TSC_5 = [NODE, 'node_modules/typescript-5/bin/tsc']
const script = (name: string): string[] => [NODE, '--import', 'tsx', `scripts/${name}.ts`]
const tool = (name: string, ...args: string[]): string[] => [`node_modules/.bin/${name}`, ...args]

const BUILD: Check = { name: 'build', commands: [script('build')] }
const CHECKS: readonly Check[] = [
  BUILD,
  { name: 'format', commands: [tool('oxfmt', '--check')] },
  // It looks at what an import leads to, which may be in dist/.
  { name: 'lint', commands: [tool('oxlint', '--type-aware')], built: true },
  { name: 'types of src', commands: [[...TSC_7]] },
  { name: 'types of src without Node', commands: [[...TSC_7, '-p', 'tsconfig.web.json']] },
  { name: 'types of everything', commands: [[...TSC_7, '-p', 'tsconfig.test.json']] },
  { name: 'types for users, TypeScript 7', commands: typeTests(TSC_7), built: true },
  { name: 'types for users, TypeScript 5.9', commands: typeTests(TSC_5), built: true },
  { name: 'imports', commands: [script('check-imports')] },
  { name: 'api', commands: [script('api-report')], built: true },
  { name: 'budgets', commands: [script('check-budgets')], built: true },
  { name: 'package', commands: [script('check-package')] },
  { name: 'unused code', commands: [tool('knip')] },
  { name: 'repository', commands: [script('check-repository')] },
  { name: 'scenarios', commands: [[...script('list-scenarios'), '--all']] },
]

const wanted = process.argv.slice(2)
const chosen = CHECKS.filter(
  ({ name }) => wanted.length === 0 || wanted.some((start) => name.startsWith(start)),
)
if (chosen.length === 0)
  throw new Error(`there is no such check; there are: ${CHECKS.map(({ name }) => name).join(', ')}`)
// A check of what is built is a check of what is here now.
if (chosen.some(({ built }) => built) && !chosen.includes(BUILD)) chosen.unshift(BUILD)

const width = Math.max(...chosen.map(({ name }) => name.length))
const failures: string[] = []
let settleBuild: (good: boolean) => void
const buildIsGood = new Promise<boolean>((resolve) => (settleBuild = resolve))
const queue = [...chosen]
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work))
for (const failure of failures) console.error(`\n${failure}`)
console.log(`\n${chosen.length - failures.length} checks passed, ${failures.length} failed`)
if (failures.length > 0) process.exitCode = 1

async function work(): Promise<void> {
  for (let check = queue.shift(); check; check = queue.shift()) {
    const started = performance.now()
    const { code, output } = await perform(check)
    if (check === BUILD) settleBuild(code === 0)
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    console.log(`${code === 0 ? 'ok    ' : 'FAILED'}  ${check.name.padEnd(width)}  ${seconds.padStart(5)} s`)
    if (code !== 0) failures.push(`--- ${check.name}\n${output.trim()}`)
  }
}

async function perform({ commands, built }: Check): Promise<Pick<Ran, 'code' | 'output'>> {
  if (built && !(await buildIsGood)) return { code: 1, output: 'not run, because the build failed' }
  let output = ''
  for (const command of commands) {
    const ran = await run(command)
    output += ran.output
    if (ran.code !== 0) return { code: ran.code, output }
  }
  return { code: 0, output }
}

function typeTests(tsc: readonly string[]): string[][] {
  return ['test/types', 'test/types/tsconfig.bare.json'].map((project) => [...tsc, '-p', project])
}
