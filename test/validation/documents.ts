import { existsSync, readFileSync, readdirSync } from 'node:fs'
import type { RestDescription } from '../../src/discovery/document.ts'

/** Real documents beside the repository, where somebody has put them. */
const FOLDER = new URL('../../../shared/discovery/', import.meta.url)

export const noDocuments: string | undefined = existsSync(FOLDER)
  ? undefined
  : 'no discovery documents in ../shared/discovery'
if (noDocuments !== undefined) process.stderr.write(`Tests are skipped: ${noDocuments}\n`)

/** A document by the name of its file, such as `sheets-v4`. */
export function realDocument(name: string): RestDescription {
  return JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as RestDescription
}

export function realDocumentNames(): string[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json') && !file.startsWith('_'))
  return files.map((file) => file.slice(0, -'.json'.length))
}
