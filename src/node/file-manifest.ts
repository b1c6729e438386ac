import type { TransferManifest, TransferRecord } from '../storage/transfer/manifest.ts'
import { appendLines, readLines } from './line-file.ts'

/**
 * A manifest of transfers in a file, made when first needed: one JSON object in each line, added at the end and brought to disk
 * before the file counts as done. A line that a crash cut off is passed over. Several transfers may have one file, one after the
 * other. Delete it to begin anew.
 *
 * ```ts
 * import { fileManifest, folder } from 'discokit/node'
 * import { createTransfer } from 'discokit/storage'
 *
 * const transfer = createTransfer(google, { manifest: fileManifest('photos.jsonl') })
 * await transfer.upload(folder('photos'), { bucket })
 * ```
 */
export function fileManifest(path: string): TransferManifest {
  const lines = appendLines(path)
  return {
    async *read() {
      for await (const line of readLines(path)) {
        const record = parseRecord(line)
        if (record) yield record
      }
    },
    append: (record) => lines.append(JSON.stringify(record)),
    close: () => lines.close(),
  }
}

/** The file may have been written by anybody. */
function parseRecord(line: string): TransferRecord | undefined {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const record = value as Partial<Record<keyof TransferRecord, unknown>>
  const known =
    record.version === 1 &&
    (record.direction === 'upload' || record.direction === 'download') &&
    (record.outcome === 'done' || record.outcome === 'failed') &&
    [record.bucket, record.object].every((member) => typeof member === 'string') &&
    [record.generation, record.crc32c, record.fingerprint, record.error].every(
      (member) => member === undefined || typeof member === 'string',
    ) &&
    (record.size === undefined || Number.isSafeInteger(record.size))
  return known ? (value as TransferRecord) : undefined // every member was looked at
}
