/**
 * Uploads and downloads under random faults until something goes wrong, or nothing does.
 *
 *   npm run torture                                10,000 of them, p = 0.3, a new seed
 *   npm run torture -- --count 500 --seed 7 --p 0.5
 *   npm run torture -- --seed 7 --only 123         one of them again
 *   npm run torture -- --kill 200                  uploads that are killed at random moments instead
 */
import { parseArgs } from 'node:util'
import { torture } from './torture.ts'
import { killUploads } from './kill-uploads.ts'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '10000' },
    seed: { type: 'string' },
    p: { type: 'string', default: '0.3' },
    only: { type: 'string' },
    kill: { type: 'string' },
  },
})
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
const started = performance.now()
print(`seed ${seed}`)
const wrong = values.kill === undefined ? await faulty() : await killed(Number(values.kill))
for (const what of wrong.slice(0, 50)) print(what)
print(`${wrong.length} wrong, ${Math.round((performance.now() - started) / 1_000)} s`)
if (wrong.length > 0) process.exitCode = 1

async function faulty(): Promise<readonly string[]> {
  const { count, p, only } = values
  const report = await torture({
    count: Number(count),
    seed,
    p: Number(p),
    ...(only !== undefined && { only: Number(only) }),
  })
  const rows = [...report.results].toSorted(([a], [b]) => (a < b ? -1 : 1))
  for (const [result, cases] of rows) print(`${result.padEnd(36)}${String(cases).padStart(7)}`)
  print(`${'faults'.padEnd(36)}${String(report.faults).padStart(7)}`)
  return report.wrong
}

async function killed(count: number): Promise<readonly string[]> {
  const report = await killUploads({ count, seed })
  for (const row of report.rows) print(row)
  return report.wrong
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
