import type { CachedDocument, DocumentCache } from 'discokit'

/** A cache in memory that tells what it was asked. */
export interface MemoryCache extends DocumentCache {
  readonly documents: Map<string, CachedDocument>
  readonly reads: string[]
  readonly writes: string[]
}

export function memoryCache(): MemoryCache {
  const documents = new Map<string, CachedDocument>()
  const reads: string[] = []
  const writes: string[] = []
  return {
    documents,
    reads,
    writes,
    async get(key) {
      reads.push(key)
      return documents.get(key)
    },
    async set(key, document) {
      writes.push(key)
      documents.set(key, document)
    },
  }
}
