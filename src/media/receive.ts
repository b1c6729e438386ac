import { DataLossError } from '../errors.ts'
import { crc32c, formatCrc32c } from '../protocol/crc32c.ts'
import { parseGoogHash } from '../protocol/goog-hash.ts'
import type { HttpHeaders, HttpResponse } from '../protocol/http.ts'
import type { DownloadSteps, DownloadSummary } from './download.ts'

/** The bytes of a download, compared with what the server says of them. */
export async function* receive(
  steps: DownloadSteps,
  { headers, body, status }: HttpResponse,
  reuse: boolean,
): AsyncGenerator<Uint8Array, DownloadSummary, undefined> {
  try {
    const total = encoded(headers) ? undefined : asLength(headers['content-length'])
    const declared =
      status === 200 && checksumApplies(headers) ? parseGoogHash(headers['x-goog-hash']).crc32c : undefined
    let received = 0
    let crc = 0
    steps.onProgress?.({ received, total })
    for await (const chunk of reuse && body.open ? body.open({ reuse }) : body) {
      crc = crc32c(chunk, crc)
      received += chunk.length
      yield chunk
      steps.onProgress?.({ received, total })
    }
    const actual = formatCrc32c(crc)
    if (total !== undefined && received !== total)
      throw lost(steps.id, 'length', String(total), String(received))
    if (declared !== undefined && declared !== actual) throw lost(steps.id, 'CRC-32C', declared, actual)
    return {
      length: received,
      contentType: headers['content-type'],
      crc32c: actual,
      verified: declared !== undefined,
    }
  } finally {
    steps.finish()
  }
}

/** The checksum is that of the stored bytes; a server that inflated them on the way sends others. */
function checksumApplies(headers: HttpHeaders): boolean {
  const stored = headers['x-goog-stored-content-encoding'] ?? 'identity'
  return stored === 'identity' || stored === (headers['content-encoding'] ?? 'identity')
}

function encoded(headers: HttpHeaders): boolean {
  return (headers['content-encoding'] ?? 'identity') !== 'identity'
}

function asLength(header: string | undefined): number | undefined {
  return header !== undefined && /^\d+$/.test(header) ? Number(header) : undefined
}

function lost(id: string, what: string, expected: string, actual: string): DataLossError {
  return new DataLossError(
    `${id}: the bytes that came are not those that were stored: ${what} ${actual}, not ${expected}`,
    {
      expected,
      actual,
    },
  )
}
