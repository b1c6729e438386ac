import { posix } from 'node:path'
import { defineCommand } from 'citty'
import { methodPaths } from '../../discovery/method-paths.ts'
import { loadDocuments, type LoadedDocument, readDocument } from '../apis/load-documents.ts'
import type { LockFile } from '../apis/lock-file.ts'
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
      description: 'Where the files go; default: where they are, or google/',
      valueHint: 'folder',
    },
    from: { type: 'string', description: 'Read the document from this file', valueHint: 'file' },
    augment: { type: 'boolean', description: "Also register the API, so that discover('drive:v3') is typed" },
  },
  async run({ args }): Promise<number> {
    checkValues(args, ['only', 'out', 'from'])
    const { from, out, augment } = args
    const ids = [...new Set(args._)]
    if (ids.length === 0 && from === undefined) throw new UsageError('which API? Name one, such as drive:v3')
    if (ids.length > 1 && from !== undefined) throw new UsageError('--from has the document of one API')
    const only = args.only === undefined ? undefined : patternsIn(args.only)
    const project = openProject(process.cwd())
    const lock = await project.readLock()
    const documents = await (from === undefined ? loadDocuments(ids) : readOne(from, ids[0]))
    const given: GivenOptions = { only, augment, ...(out !== undefined && { folder: folderPath(out) }) }
    const plans = documents.map((document) => planOne(document, given, lock))
    if (only) checkPatterns(only, plans, documents)
    await project.check(plans, lock)
    print(plans, await project.write(plans))
    warnOfEmulators(plans, documents)
    return 0
  },
})

export default command

/** What the command line says; what it does not say stays as it was for an API that is there. */
interface GivenOptions {
  readonly folder?: string
  readonly only: readonly string[] | undefined
  readonly augment: boolean | undefined
}

/** Of the patterns for several APIs the lock file keeps for each those that fit it. */
function planOne(loaded: LoadedDocument, given: GivenOptions, { apis }: LockFile): PlannedApi {
  const { name, version } = loaded.document
  const before = apis[`${name}:${version}`]
  const kept = before && posix.dirname(before.file).replace(/^\.$/, '')
  const { folder = kept ?? 'google', only = before?.only, augment = before?.augment ?? false } = given
  const plan = planApi(loaded, folder, { only, augment })
  return only ? { ...plan, locked: { ...plan.locked, only: plan.generated.fitting } } : plan
}

function print(plans: readonly PlannedApi[], removed: readonly string[]): void {
  const steps = createSteps(process.stdout)
  for (const plan of plans) steps.done(plan.id, describeApi(plan))
  for (const path of removed) steps.done('removed', path)
  steps.line('')
  for (const { id, generated, locked } of plans) {
    const path = locked.file.replace(/ts$/, 'js').replace(/^(?!\.)/, './')
    steps.line(`  import ${generated.valueName} from '${path}'`)
    steps.line(`  const ${locked.name.replace(/\W/g, '_')} = google.api(${generated.valueName})`)
    if (locked.augment)
      steps.line(`  // or discover('${id}'), in programs whose tsconfig.json includes the file`)
  }
}

/** What an emulator serves is for its own clients: the file would call it for ever. */
function warnOfEmulators(plans: readonly PlannedApi[], documents: readonly LoadedDocument[]): void {
  plans.forEach(({ id }, i) => {
    const { rootUrl } = documents[i]!.document
    if (/^https?:\/\/(localhost|127\.|\[::1\])/.test(rootUrl))
      process.stderr.write(
        `discokit: ${id} is that of the server at ${rootUrl}, and its file calls that alone; unset DISCOKIT_EMULATOR to have Google's\n`,
      )
  })
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
