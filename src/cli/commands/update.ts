import { posix } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { defineCommand } from 'citty'
import { type Change, compareApis } from '../../codegen/compare-apis.ts'
import { loadDocuments, type LoadedDocument, readDocument } from '../apis/load-documents.ts'
import { LOCK_FILE, type LockedApi, type LockFile, NO_APIS } from '../apis/lock-file.ts'
import { describeApi, planApi, type PlannedApi } from '../apis/plan-api.ts'
import { openProject, type Project } from '../apis/project.ts'
import type { AnyCommand } from '../commands.ts'
import { UsageError } from '../flags.ts'
import { createSteps, plainText, type Steps } from '../output.ts'

/** `discokit update`: what changed in the APIs of the lock file, and then their files anew. */
const command: AnyCommand = defineCommand({
  meta: {
    name: 'update',
    description:
      'Shows what changed in the APIs since they were added, then writes their files anew; asks before it does, on a terminal',
  },
  args: {
    api: { type: 'positional', description: 'APIs such as drive:v3; default: all', required: false },
    'dry-run': { type: 'boolean', description: 'Show what changed and write nothing' },
    yes: { type: 'boolean', alias: 'y', description: 'Write without asking' },
  },
  async run({ args }): Promise<number> {
    const project = openProject(process.cwd())
    const lock = await project.readLock()
    const ids = chooseIds(lock, args._)
    const steps = createSteps(process.stdout)
    const updates = await Promise.all(ids.map((id) => findUpdate(project, id, lock.apis[id]!)))
    const changed = updates.filter(({ before, plan }) => before !== plan.text)
    await project.check(
      changed.map(({ plan }) => plan),
      lock,
    )
    for (const update of updates) show(update, steps)
    if (args['dry-run'] === true) return 0
    if (changed.length > 0 && args.yes !== true && !(await mayWrite())) return 0
    await project.write(updates.map(({ plan }) => plan))
    for (const { plan } of changed) steps.done(plan.id, describeApi(plan))
    return 0
  },
})

export default command

interface Update {
  readonly id: string
  readonly locked: LockedApi
  /** The text of the file, if it is there. */
  readonly before: string | undefined
  readonly plan: PlannedApi
}

/** @throws {UsageError} for an API that the lock file does not name. */
function chooseIds({ apis }: LockFile, given: readonly string[]): readonly string[] {
  const known = Object.keys(apis)
  if (known.length === 0) throw new UsageError(NO_APIS)
  const wanted = given.map((id) =>
    known.includes(id) ? id : (known.find((each) => each.startsWith(`${id}:`)) ?? id),
  )
  const strange = wanted.find((id) => !known.includes(id))
  if (strange !== undefined) throw new UsageError(`${LOCK_FILE} has no '${strange}'`, known, strange)
  return given.length === 0 ? known : [...new Set(wanted)]
}

async function findUpdate(project: Project, id: string, locked: LockedApi): Promise<Update> {
  const { from, only, augment } = locked
  const document: LoadedDocument =
    from === undefined ? (await loadDocuments([id]))[0]! : await readDocument(from, id)
  const folder = posix.dirname(locked.file)
  const plan = planApi(document, folder === '.' ? '' : folder, { only, augment })
  if (plan.generated.methods === 0)
    throw new UsageError(`nothing is left of ${id} with --only ${(only ?? []).join()}; add it anew`)
  return { id, locked, before: await project.read(locked.file), plan }
}

function show({ id, locked, before, plan }: Update, steps: Steps): void {
  for (const pattern of missing(plan))
    steps.line(plainText(`${id}  no method is called '${pattern}' any more`))
  if (before === plan.text) return steps.done(id, 'nothing has changed')
  const revisions = [locked.revision, plan.locked.revision].map((revision) => revision ?? 'unknown')
  steps.line(`${id}  revision ${[...new Set(revisions)].join(' → ')}`)
  if (before === undefined) return steps.line(`  ${locked.file} is not there`)
  const changes = compareApis(before, plan.text)
  for (const change of changes) steps.line(plainText(`  ${describe(change)}`))
  if (changes.length === 0) steps.line('  only its prose')
}

/** Patterns that nothing fits; they stay, for it may come back. */
function missing({ generated, locked }: PlannedApi): readonly string[] {
  return (locked.only ?? []).filter((pattern) => !generated.fitting.includes(pattern))
}

const SIGNS = { added: '+', removed: '-', changed: '~' } as const

function describe({ kind, what, name, detail }: Change): string {
  return `${SIGNS[kind]} ${what.padEnd(9)} ${name}${detail === undefined ? '' : `: ${detail}`}`
}

/** Asks where somebody can answer. */
async function mayWrite(): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return true
  const lines = createInterface({ input: process.stdin, output: process.stdout })
  const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('no')))
  const answer = await Promise.race([lines.question('\nWrite these changes? [Y/n] '), ended])
  lines.close()
  return /^\s*(y(es)?)?\s*$/i.test(answer)
}
