import type { RestDescription } from '../discovery/document.ts'

/**
 * The documents that every emulator serves, loaded on demand. They hold the structure of Google's documents and
 * none of their prose; `scripts/write-starter-documents.ts` writes them.
 */
export async function starterDocuments(): Promise<RestDescription[]> {
  const modules = await Promise.all([
    import('./documents/storage.v1.json', { with: { type: 'json' } }),
    import('./documents/discovery.v1.json', { with: { type: 'json' } }),
  ])
  // The script that writes the files keeps to the members of RestDescription.
  return modules.map((module) => module.default as RestDescription)
}
