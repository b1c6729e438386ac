/**
 * Keeps api.md: every export of every entry with its whole signature, taken from the built declarations. A change of
 * the API then shows in review as a change of that file, and one that nobody meant fails the check.
 *
 *     npm run build && npm run api        writes api.md
 *     tsx scripts/api-report.ts           compares, and fails with the difference
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { apiSurface } from './api-surface.ts'
import { inTemporaryFolder, report, run } from './run.ts'

const REPORT = 'api.md'
/** Fewer than this, and the declarations were not read. */
const FEWEST = 60
/** How many lines of a difference are shown. */
const SHOWN = 80

const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  exports: Record<string, string | { types: string }>
}
const entries = Object.entries(exports).flatMap(([name, target]) =>
  typeof target === 'string' ? [] : [{ name: name.replace('.', 'discokit'), file: target.types }],
)
const missing = entries
  .filter(({ file }) => !existsSync(file))
  .map(({ file }) => `${file} is missing: npm run build`)
if (missing.length > 0) report(`${entries.length} entries`, missing)
else await writeOrCompare()

async function writeOrCompare(): Promise<void> {
  const { text, declarations } = apiSurface(entries)
  const looked = `${entries.length} entries, ${declarations} declarations`
  if (declarations < FEWEST) return report(looked, ['dist/: the declarations could not be read'])
  if (!process.argv.includes('--write')) return report(looked, await difference(text))
  writeFileSync(REPORT, text)
  console.log(`${REPORT}: ${looked}`)
}

async function difference(text: string): Promise<string[]> {
  if (!existsSync(REPORT)) return [`${REPORT} is missing: npm run api`]
  return inTemporaryFolder(async (folder) => {
    const now = join(folder, REPORT)
    writeFileSync(now, text)
    const { code, stdout } = await run([
      'git',
      'diff',
      '--no-index',
      '--no-color',
      '--unified=2',
      REPORT,
      now,
    ])
    if (code === 0) return []
    const lines = stdout.split('\n').filter((line) => !/^(diff|index|---|\+\+\+) /.test(line))
    const shown = [
      ...lines.slice(0, SHOWN),
      ...(lines.length > SHOWN ? [`... ${lines.length - SHOWN} more lines`] : []),
    ]
    return [
      `${shown.join('\n')}\n${REPORT} is not what is exported. If the change is meant: npm run build && npm run api`,
    ]
  })
}
