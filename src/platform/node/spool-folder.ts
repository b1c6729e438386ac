import type { FileHandle } from 'node:fs/promises'

/** Opens a new file of this process's spool folder for writing. The first one makes the folder. */
export async function openSpoolFile(): Promise<{ path: string; handle: FileHandle }> {
  const { join } = process.getBuiltinModule('node:path')
  const name = `${(opened += 1)}`
  files.add(name)
  try {
    const path = join(await spoolFolder(), name)
    return { path, handle: await process.getBuiltinModule('node:fs').promises.open(path, 'wx', 0o600) }
  } catch (error) {
    files.delete(name)
    throw error
  }
}

/** Removes a file, and the folder with the last one. Removing a file twice does nothing. */
export async function removeSpoolFile(path: string): Promise<void> {
  const { rm } = process.getBuiltinModule('node:fs').promises
  await rm(path, { force: true })
  files.delete(process.getBuiltinModule('node:path').basename(path))
  if (files.size > 0 || !folder) return
  const emptied = folder
  folder = undefined
  const emptyPath = await emptied
  await rm(emptyPath, { recursive: true, force: true })
  made.delete(emptyPath)
}

let opened = 0
let folder: Promise<string> | undefined
/** Names of the files that have not been removed. */
const files = new Set<string>()
/** Folders that exist now, so that none outlives the process. */
const made = new Set<string>()
let watchesExit = false

/** The folder, readable by this user only: mkdtemp makes it with mode 0700. */
function spoolFolder(): Promise<string> {
  if (folder) return folder
  const making = makeFolder()
  folder = making
  making.catch(() => {
    if (folder === making) folder = undefined
  })
  return making
}

async function makeFolder(): Promise<string> {
  const fs = process.getBuiltinModule('node:fs')
  const { join } = process.getBuiltinModule('node:path')
  const path = await fs.promises.mkdtemp(join(process.getBuiltinModule('node:os').tmpdir(), 'discokit-'))
  made.add(path)
  if (!watchesExit) {
    watchesExit = true
    process.on('exit', () => made.forEach((each) => fs.rmSync(each, { recursive: true, force: true })))
  }
  return path
}
