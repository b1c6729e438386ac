import { posix } from 'node:path'
import { defineCommand } from 'citty'
import { methodPaths } from '../../discovery/method-paths.ts'
import { loadDocuments, type LoadedDocument, readDocument } from '../apis/load-documents.ts'
import { describeApi, planApi, type PlannedApi } from '../apis/plan-api.ts'
import { openProject } from '../apis/project.ts'
import type { AnyCommand } from '../commands.ts'
import { checkValues, UsageError } from '../flags.ts'
import { createSteps } from '../output.ts'

/** `discokit add`: a file for each API, and what it was made of in the lock file. */
const command: AnyCommand = defineCommand({
  meta: {
    name: 'add',
    description: 'Writes a file for each API: its methods, so that no network is needed, and its types',
  },
  args: {
    api: { type: 'positional', description: 'APIs such as drive:v3, or drive', required: false },
    only: {
      type: 'string',
      description: 'Only these methods, such as files.*,events.list',
      valueHint: 'patterns',
    },
    out: {
      type: 'string',
      description: 'Where the files go',
      default: 'google/',
      valueHint: 'folder',
    },
    from: { type: 'string', description: 'Read the document from this file', valueHint: 'file' },
    augment: { type: 'boolean', description: "Also register the API, so that discover('drive:v3') is typed" },
  },
  async run({ args }): Promise<number> {
    checkValues(args, ['only', 'out', 'from'])
    const { from, augment = false } = args
    const ids = [...new Set(args._)]
    if (ids.length === 0 && from === undefined) throw new UsageError('which API? Name one, such as drive:v3')
    if (ids.length > 1 && from !== undefined) throw new UsageError('--from has the document of one API')
    const only = args.only === undefined ? undefined : patternsIn(args.only)
    const project = openProject(process.cwd())
    const lock = await project.readLock()
    const documents = await (from === undefined ? loadDocuments(ids) : readOne(from, ids[0]))
    const folder = folderPath(args.out)
    const plans = documents.map((document) => planOne(document, folder, only, augment))
    if (only) checkPatterns(only, plans, documents)
    await project.check(plans, lock)
    print(plans, await project.write(plans))
    return 0
  },
})

export default command

/** Of the patterns for several APIs the lock file keeps for each those that fit it. */
function planOne(
  document: LoadedDocument,
  folder: string,
  only: readonly string[] | undefined,
  augment: boolean,
): PlannedApi {
  const plan = planApi(document, folder, { only, augment })
  return only ? { ...plan, locked: { ...plan.locked, only: plan.generated.fitting } } : plan
}

function print(plans: readonly PlannedApi[], removed: readonly string[]): void {
  const steps = createSteps(process.stdout)
  for (const plan of plans) steps.done(plan.id, describeApi(plan))
  for (const path of removed) steps.done('removed', path)
  const { generated, locked } = plans[0]!
  steps.line(`\n  import ${generated.valueName} from './${locked.file.replace(/ts$/, 'js')}'`)
  steps.line(`  const ${locked.name.replace(/\W/g, '_')} = google.api(${generated.valueName})`)
}

async function readOne(from: string, id: string | undefined): Promise<LoadedDocument[]> {
  return [await readDocument(from, id)]
}

function patternsIn(only: string): string[] {
  const patterns = only.split(',').map((pattern) => pattern.trim())
  if (patterns.includes('')) throw new UsageError(`--only has an empty pattern: '${only}'`)
  return patterns
}

/** A folder as the lock file names it. */
function folderPath(out: string): string {
  const path = posix.normalize(out.replaceAll('\\', '/')).replace(/\/$/, '')
  if (posix.isAbsolute(path) || /^[A-Za-z]:/.test(path))
    throw new UsageError('--out must be a path from this folder, which has the lock file')
  return path === '.' ? '' : path
}

/** Each pattern must fit something, and each API must be left with something. */
function checkPatterns(
  only: readonly string[],
  plans: readonly PlannedApi[],
  documents: readonly LoadedDocument[],
): void {
  const paths = documents.flatMap(({ document }) => methodPaths(document))
  const known = [...paths, ...paths.map((path) => path.replace(/[^.]+$/, '*'))]
  for (const pattern of only) {
    if (!plans.some(({ generated }) => generated.fitting.includes(pattern)))
      throw new UsageError(`--only: no method is called '${pattern}'`, known, pattern)
  }
  const empty = plans.find(({ generated }) => generated.methods === 0)
  if (empty) throw new UsageError(`--only leaves nothing of ${empty.id}`)
}
