import { type GeneratedApi, generateApi, type GenerateOptions } from '../../codegen/generate-api.ts'
import { ParseError } from '../../errors.ts'
import type { LoadedDocument } from './load-documents.ts'
import { hashDocument, hashText } from './lock-file.ts'
import type { PlannedFile } from './project.ts'

/** A file to be written and what was generated for it. */
export interface PlannedApi extends PlannedFile {
  readonly generated: GeneratedApi
}

/**
 * @param folder where the file goes, from where the lock file is, with `/` between folders
 * @throws {ParseError} for what is no document of an API.
 */
export function planApi(loaded: LoadedDocument, folder: string, options: GenerateOptions): PlannedApi {
  try {
    return plan(loaded, folder, options)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    const answer = { status: 200, contentType: 'application/json' }
    throw new ParseError(`the document of ${loaded.document.name} is nested too deep`, answer)
  }
}

function plan(
  { document, from }: LoadedDocument,
  folder: string,
  { only, augment }: GenerateOptions,
): PlannedApi {
  const generated = generateApi(document, { only, augment })
  const { name, version, revision } = document
  return {
    id: generated.id,
    text: generated.text,
    generated,
    locked: {
      name,
      version,
      ...(typeof revision === 'string' && { revision }),
      document: hashDocument(document),
      file: folder === '' ? generated.fileName : `${folder}/${generated.fileName}`,
      sha256: hashText(generated.text),
      ...(only && { only }),
      ...(augment && { augment }),
      ...(from !== undefined && { from }),
    },
  }
}

/** `google/drive.v3.ts, 64 methods, revision 20260901`. */
export function describeApi({ generated, locked }: PlannedApi): string {
  const { methods } = generated
  const revision = locked.revision === undefined ? '' : `, revision ${locked.revision}`
  return `${locked.file}, ${methods} ${methods === 1 ? 'method' : 'methods'}${revision}`
}
