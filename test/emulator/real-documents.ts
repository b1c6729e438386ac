import { readdir, readFile } from 'node:fs/promises'
import type { RestDescription } from '../../src/discovery/document.ts'

const FOLDER = new URL('../../../shared/discovery/', import.meta.url)

export const NO_DOCUMENTS = "Google's own documents are not in ../shared/discovery"

/** Google's own documents, where somebody put them beside the repository; otherwise none. */
export async function realDocuments(): Promise<RestDescription[]> {
  const names = await readdir(FOLDER).catch(() => [])
  const documents = names.filter((name) => /^[^_].*\.json$/.test(name))
  return Promise.all(
    documents.map(
      async (name) => JSON.parse(await readFile(new URL(name, FOLDER), 'utf8')) as RestDescription,
    ),
  )
}
