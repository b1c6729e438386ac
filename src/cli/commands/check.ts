import { defineCommand } from 'citty'
import { hashText, LOCK_FILE, type LockFile, NO_APIS } from '../apis/lock-file.ts'
import { openProject, type Project } from '../apis/project.ts'
import type { AnyCommand } from '../commands.ts'
import { UsageError } from '../flags.ts'
import { createSteps, plainText } from '../output.ts'

/** `discokit check`: fails when the files and the lock file differ. No network. */
const command: AnyCommand = defineCommand({
  meta: {
    name: 'check',
    description: `Tells whether the files of discokit add are as ${LOCK_FILE} says; for continuous integration`,
  },
  async run({ args }): Promise<number> {
    const [extra] = args._
    if (extra !== undefined) throw new UsageError(`discokit check takes no '${extra}'`)
    const project = openProject(process.cwd())
    const lock = await project.readLock()
    const count = Object.keys(lock.apis).length
    if (count === 0) throw new UsageError(NO_APIS)
    const problems = await findProblems(project, lock)
    for (const problem of problems) process.stderr.write(`discokit: ${plainText(problem)}\n`)
    if (problems.length > 0) return 1
    createSteps(process.stdout).done('checked', `${count} ${count === 1 ? 'API' : 'APIs'} as in ${LOCK_FILE}`)
    return 0
  },
})

export default command

async function findProblems(project: Project, { apis }: LockFile): Promise<string[]> {
  const locked = Object.entries(apis)
  const differing = await Promise.all(
    locked.map(async ([id, { file, sha256 }]) => {
      const text = await project.read(file)
      if (text === undefined) return [`${file} is not there; discokit update ${id} writes it`]
      return hashText(text) === sha256
        ? []
        : [`${file} is not as it was written; delete it, then discokit update ${id} writes it`]
    }),
  )
  const files = locked.map(([, { file }]) => file)
  const others = (await project.ours(files)).filter((file) => !files.includes(file))
  return [
    ...differing.flat(),
    ...others.map((file) => `${file} is not in ${LOCK_FILE}; add its API or delete it`),
  ]
}
