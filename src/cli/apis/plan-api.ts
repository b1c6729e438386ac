import { type GeneratedApi, generateApi, type GenerateOptions } from '../../codegen/generate-api.ts'
import type { LoadedDocument } from './load-documents.ts'
import { hashDocument, hashText, type LockedApi } from './lock-file.ts'

/** A file to be written and what the lock file will say of it. */
export interface PlannedApi {
  readonly generated: GeneratedApi
  readonly locked: LockedApi
}

/** @param folder where the file goes, from where the lock file is, with `/` between folders */
export function planApi(
  { document, from }: LoadedDocument,
  folder: string,
  { only, augment }: GenerateOptions,
): PlannedApi {
  const generated = generateApi(document, { only, augment })
  const { name, version, revision } = document
  const locked: LockedApi = {
    name,
    version,
    ...(typeof revision === 'string' && { revision }),
    document: hashDocument(document),
    file: folder === '' ? generated.fileName : `${folder}/${generated.fileName}`,
    sha256: hashText(generated.text),
    ...(only && { only: generated.fitting }),
    ...(augment && { augment }),
    ...(from !== undefined && { from }),
  }
  return { generated, locked }
}

/** `drive:v3  google/drive.v3.ts  64 methods, revision 20260901`. */
export function describeApi({ generated, locked }: PlannedApi): string {
  const { methods } = generated
  const revision = locked.revision === undefined ? '' : `, revision ${locked.revision}`
  return `${locked.file}, ${methods} ${methods === 1 ? 'method' : 'methods'}${revision}`
}
