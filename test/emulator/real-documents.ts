import { readdir, readFile } from 'node:fs/promises'
import type { RestDescription } from '../../src/discovery/document.ts'

const FOLDER = new URL('../../../shared/discovery/', import.meta.url)

/** Google's own documents, where this machine has them beside the repository; otherwise none, and a reason. */
export async function realDocuments(): Promise<RestDescription[]> {
  const names = await readdir(FOLDER).catch(() => [])
  if (names.length === 0)
    process.stderr.write(`skipped: there are no discovery documents in ${FOLDER.pathname}\n`)
  const documents = names.filter((name) => /^[^_].*\.json$/.test(name))
  return Promise.all(
    documents.map(
      async (name) => JSON.parse(await readFile(new URL(name, FOLDER), 'utf8')) as RestDescription,
    ),
  )
}
