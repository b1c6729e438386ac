/**
 * Lists which of the numbered scenarios of credentials have a test: its name carries the number, as in `[31] refresh …`.
 * With --all it fails unless every one has, but for those that are declined.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { report } from './run.ts'
import { testNames } from './test-names.ts'

const COUNT = 112
/** Those that are not meant to have a test, and why. */
const DECLINED: ReadonlyMap<number, string> = new Map()
const MOST_DECLINED = 6
const FOLDER = 'test/auth'

const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.test.ts'),
)
const names = files.flatMap((file) => testNames(readFileSync(join(FOLDER, file), 'utf8')))
const tested = new Set(names.flatMap((name) => [...name.matchAll(/\[(\d+)\] /g)].map(([, n]) => Number(n))))
const all = Array.from({ length: COUNT }, (_, i) => i + 1)
const missing = all.filter((number) => !tested.has(number) && !DECLINED.has(number))

console.log(`${all.filter((n) => tested.has(n)).length} of ${COUNT} have a test, ${DECLINED.size} declined`)
for (const [number, reason] of DECLINED) console.log(`declined: ${number}, ${reason}`)
if (missing.length > 0) console.log(`missing: ${missing.join(' ')}`)
const problems = [
  ...[...tested]
    .filter((number) => number < 1 || number > COUNT)
    .map((number) => `[${number}] is no scenario`),
  ...[...DECLINED.keys()]
    .filter((number) => tested.has(number))
    .map((n) => `[${n}] is declined, and has a test`),
  ...(DECLINED.size > MOST_DECLINED ? [`more than ${MOST_DECLINED} are declined`] : []),
  ...(process.argv.includes('--all') ? missing.map((number) => `[${number}] has no test`) : []),
]
report('scenarios', problems)
