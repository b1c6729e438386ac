import { originOf } from '../transport/origin.ts'
import type { DocumentCache } from './document-cache.ts'
import { openDocumentCache } from '#platform'

/** The cache for what an address gives; undefined for none. */
export type ChooseCache = (url: string) => Promise<DocumentCache | undefined>

/**
 * The cache that a client was given, or the runtime's own. The latter is not for addresses of this machine, where
 * emulators come and go, nor for a client with a transport of its own, which may answer anything.
 */
export function chooseCache(option: DocumentCache | false | undefined, ownTransport: boolean): ChooseCache {
  if (option !== undefined) return async () => option || undefined
  if (ownTransport) return async () => undefined
  let opened: Promise<DocumentCache | undefined> | undefined
  return async (url) => {
    const { loopback = true } = originOf(url) ?? {}
    return loopback ? undefined : (opened ??= openDocumentCache().catch(() => undefined))
  }
}
