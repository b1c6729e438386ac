import type { DocumentCache } from '../discovery/document-cache.ts'

/**
 * A cache of discovery documents in a folder, made when first needed, that only this user can read. It holds 64
 * documents and 128 MiB at most; those that were not used for the longest time go first. Processes may share it.
 * Files that are not this user's own, and links, count as missing.
 *
 * ```ts
 * import { createClient } from 'discokit'
 * import { diskCache } from 'discokit/node'
 *
 * const google = createClient({ cache: diskCache('.cache/discovery') })
 * ```
 */
export function diskCache(folder: string): DocumentCache {
  let cache: Promise<DocumentCache> | undefined
  const open = (): Promise<DocumentCache> =>
    (cache ??= import('../platform/node/disk-cache.ts').then((module) => module.createDiskCache(folder)))
  return {
    get: async (key) => (await open()).get(key),
    set: async (key, document) => (await open()).set(key, document),
  }
}
