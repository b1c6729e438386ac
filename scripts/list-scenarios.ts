/**
 * Lists which of the numbered scenarios of credentials have a test: its name carries the number, as in `[31] refresh …`.
 * With --all it fails unless every one has.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const COUNT = 112
const folder = 'test/auth'
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.test.ts'),
)
const names = files.flatMap(
  (file) => readFileSync(join(folder, file), 'utf8').match(/\[\d+\](?= )|^ {4}\[\d+, \{/gm) ?? [],
)
const present = new Set(names.map((name) => Number(/\d+/.exec(name)![0])))
const all = Array.from({ length: COUNT }, (_, i) => i + 1)
const missing = all.filter((number) => !present.has(number))
console.log(`${COUNT - missing.length} of ${COUNT} scenarios have a test`)
if (missing.length > 0) console.log(`missing: ${missing.join(' ')}`)
if (process.argv.includes('--all') && missing.length > 0) process.exitCode = 1
