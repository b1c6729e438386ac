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
  const receiver = await createReceiver()
  try {
    for await (const chunk of chunks) await receiver.write(chunk)
    return await receiver.finish()
  } catch (error) {
    await receiver.discard()
    throw error
  }
}

/** Bytes that arrive, be it in several requests. Ends with `finish` or `discard`. */
export interface Receiver {
  /** The chunk may be used again afterwards. One call at a time. */
  write(chunk: Uint8Array): Promise<void>
  finish(): Promise<ReceivedBytes>
  discard(): Promise<void>
}

export async function createReceiver(): Promise<Receiver> {
  const spool = await storage.createSpool()
  const md5 = storage.createMd5()
  let crc = 0
  return {
    write: (chunk) => {
      crc = crc32c(chunk, crc)
      md5?.update(chunk)
      return spool.write(chunk)
    },
    finish: async () => ({
      bytes: await spool.finish(),
      crc32c: formatCrc32c(crc),
      md5Hash: md5 && toBase64(md5.digest()),
    }),
    discard: () => spool.discard(),
  }
}
