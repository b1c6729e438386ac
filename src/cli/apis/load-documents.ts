import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { createClient, type RestDescription } from 'discokit'
import { ValidationError } from '../../errors.ts'
import { UsageError } from '../flags.ts'

/** A document of an API and where it was found. */
export interface LoadedDocument {
  readonly document: RestDescription
  /** The file that it was read from, with `/` between folders. */
  readonly from?: string
}

/** The documents of APIs by their ids, `drive:v3` or `drive` for the preferred version, from the cache or from Google. */
export async function loadDocuments(ids: readonly string[]): Promise<LoadedDocument[]> {
  const google = createClient()
  try {
    return await Promise.all(
      ids.map(async (id) => {
        const api = await google.discover(id)
        return { document: (await api['$load']()) as RestDescription }
      }),
    )
  } finally {
    await google.close()
  }
}

/** A document from a file. @param id what it must be that of, if anything */
export async function readDocument(from: string, id?: string): Promise<LoadedDocument> {
  const text = await readFile(from, 'utf8').catch((error: { code?: string }) => {
    throw new UsageError(`the document ${from} cannot be read (${error.code ?? 'unknown'})`)
  })
  const document = parse(text.replace(/^\ufeff/, ''), from)
  const found = `${document.name}:${document.version}`
  if (id !== undefined && id !== found && id !== document.name)
    throw refused(from, `describes ${found}; asked for was ${id}`)
  return { document, from: relative('.', from).replaceAll('\\', '/') }
}

function parse(text: string, from: string): RestDescription {
  try {
    const document = JSON.parse(text) as RestDescription | null
    if ([document?.name, document?.version, document?.rootUrl].every((fact) => typeof fact === 'string'))
      return document!
  } catch {
    // No JSON at all.
  }
  throw refused(from, 'is not a discovery document')
}

function refused(path: string, message: string): ValidationError {
  return new ValidationError('the document cannot be used', [{ path, message }])
}
