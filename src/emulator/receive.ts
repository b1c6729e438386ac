import { storage } from '#platform'
import { toBase64 } from '../protocol/base64.ts'
import { crc32c, formatCrc32c } from '../protocol/crc32c.ts'

/** Bytes at rest, as the platform's spool gives them. */
export type SpooledBytes = Awaited<ReturnType<Awaited<ReturnType<typeof storage.createSpool>>['finish']>>

/** Bytes that arrived whole, and their checksums in base64. */
export interface ReceivedBytes {
  readonly bytes: SpooledBytes
  readonly crc32c: string
  /** Undefined where the runtime has no MD5. */
  readonly md5Hash: string | undefined
}

/** Stores bytes while they arrive, and computes their checksums on the way. Nothing stays behind when they break off. */
export async function receive(chunks: AsyncIterable<Uint8Array>): Promise<ReceivedBytes> {
  const spool = await storage.createSpool()
  const md5 = storage.createMd5()
  let crc = 0
  try {
    for await (const chunk of chunks) {
      crc = crc32c(chunk, crc)
      md5?.update(chunk)
      await spool.write(chunk)
    }
    const bytes = await spool.finish()
    return { bytes, crc32c: formatCrc32c(crc), md5Hash: md5 && toBase64(md5.digest()) }
  } catch (error) {
    await spool.discard()
    throw error
  }
}
