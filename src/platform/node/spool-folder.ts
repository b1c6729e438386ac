import type { FileHandle } from 'node:fs/promises'

/** A file without a name for anybody else: it is written and read through its handle. */
export interface SpoolFile {
  readonly handle: FileHandle
  /** Gives its space back. To be called once, when nobody reads any more. */
  remove(): Promise<void>
}

/**
 * Opens a new file in a new folder that only this user can read: mkdtemp makes it with mode 0700. Where the system
 * lets an open file lose its name, folder and name go at once, so that nothing stays behind however the process ends.
 * On Windows they go with `remove` or when the process exits.
 */
export async function openSpoolFile(): Promise<SpoolFile> {
  const { promises, rmSync } = process.getBuiltinModule('node:fs')
  const { join } = process.getBuiltinModule('node:path')
  const folder = await promises.mkdtemp(join(process.getBuiltinModule('node:os').tmpdir(), 'discokit-'))
  const removeFolder = (): Promise<void> => promises.rm(folder, { recursive: true, force: true })
  try {
    const handle = await promises.open(join(folder, 'spool'), 'wx+', 0o600)
    if (process.platform !== 'win32') {
      await removeFolder().catch(async (error: unknown) => {
        await handle.close()
        throw error
      })
      return { handle, remove: () => handle.close() }
    }
    const onExit = (): void => rmSync(folder, { recursive: true, force: true })
    process.once('exit', onExit)
    const remove = async (): Promise<void> => {
      await handle.close()
      await removeFolder()
      process.off('exit', onExit)
    }
    return { handle, remove }
  } catch (error) {
    await removeFolder().catch(() => {})
    throw error
  }
}
