import type { UploadState, UploadStore } from '../media/upload-store.ts'

/**
 * Keeps the states of unfinished uploads in a folder, made when first needed, that only this user can read. A state is
 * written beside its place, brought to disk and then renamed, so a crash leaves the old one or the new one. Files that are
 * not this user's own, links, and what is no state count as missing.
 *
 * ```ts
 * import { file, fileUploadStore } from 'discokit/node'
 *
 * const store = fileUploadStore('.uploads')
 * await storage.objects.insert({ bucket, name: 'v.mp4', media: file('v.mp4') }, { upload: { store } })
 * ```
 */
export function fileUploadStore(folder: string): UploadStore {
  let opened: Promise<UploadStore> | undefined
  const open = (): Promise<UploadStore> =>
    (opened ??= import('./upload-files.ts').then(({ openUploadFiles }) => openUploadFiles(folder)))
  return {
    get: async (key) => (await open()).get(key),
    set: async (key: string, state: UploadState) => (await open()).set(key, state),
    delete: async (key) => (await open()).delete(key),
  }
}
