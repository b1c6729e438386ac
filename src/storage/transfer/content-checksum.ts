import { fastestCrc32c } from '../../media/checksum.ts'
import { formatCrc32c } from '../../protocol/crc32c.ts'
import type { MediaSource } from '../../request/media-input.ts'
import type { WebAbortSignal } from '../../web-types.ts'

/** The CRC-32C of a content in Google's form. */
export async function contentChecksum(source: MediaSource, signal: WebAbortSignal): Promise<string> {
  const checksum = await fastestCrc32c()
  let crc = 0
  for await (const chunk of source.open({ reuse: true })) {
    signal.throwIfAborted()
    crc = checksum(chunk, crc)
  }
  return formatCrc32c(crc)
}
