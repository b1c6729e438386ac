import type { RestDescription } from '../discovery/document.ts'

/**
 * The documents that every emulator serves, loaded on demand. They hold the structure of Google's documents and
 * none of their prose; `scripts/write-starter-documents.ts` writes them.
 */
export async function starterDocuments(): Promise<readonly RestDescription[]> {
  const { documents } = await import('./documents/index.ts')
  return documents
}
