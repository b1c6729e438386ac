import { join } from 'node:path'
import type { FolderPlace, TransferFolder } from '../storage/transfer/folder.ts'
import { file } from './file.ts'
import { walkFolder } from './folder-files.ts'
import { placeFinder } from './folder-place.ts'

/** How a folder is read and written. */
export interface FolderOptions {
  /** Whether links to files and folders are followed when it is read. Default false: they are left out. */
  readonly followLinks?: boolean
  /** Whether `a` and `A` are two files in it. Default: as the system usually has it, false on Windows and macOS. */
  readonly caseSensitive?: boolean
}

/**
 * A folder, to upload or to download to. It is read one folder after the other, in the order of the names. Downloads make the
 * folders that they need; none goes through a link, or over one.
 *
 * ```ts
 * import { folder } from 'discokit/node'
 * import { createTransfer } from 'discokit/storage'
 *
 * await createTransfer(google).upload(folder('photos'), { bucket, prefix: 'photos/' })
 * ```
 */
export function folder(path: string, options: FolderOptions = {}): TransferFolder {
  const { followLinks = false, caseSensitive = !/^(win32|darwin)$/.test(process.platform) } = options
  const find = placeFinder(path, caseSensitive)
  return {
    files: () => walkFolder(path, followLinks),
    async place(name): Promise<FolderPlace> {
      const parts = await find(name)
      const place = file(join(path, ...parts.names))
      return { ...place, current: () => (parts.isThere() ? place : undefined) }
    },
    ...(!caseSensitive && { keyOf: foldName }),
  }
}

/** Systems that do not tell cases apart do not tell ways to write an accent apart either. */
function foldName(name: string): string {
  return name.normalize('NFC').toLowerCase().normalize('NFC')
}
