import { codecs } from '#platform'
import { toBase64 } from '../protocol/base64.ts'
import { formatCrc32c } from '../protocol/crc32c.ts'
import type { GoogHash } from '../protocol/goog-hash.ts'
import { fastestCrc32c } from './checksum.ts'
import { lost } from './download-loss.ts'

/** Compares bytes with the checksum that the server declares of them. */
export interface ContentCheck {
  /** @param declared so that an MD5 is made only where there is nothing else */
  update(chunk: Uint8Array, declared: GoogHash): void
  /** In Google's form. */
  crc32c(): string
  /**
   * Whether there was something to compare with.
   * @throws {DataLossError} when it is another checksum.
   */
  compare(declared: GoogHash): boolean
}

export async function contentCheck(id: string): Promise<ContentCheck> {
  const checksum = await fastestCrc32c()
  let crc = 0
  let md5: ReturnType<typeof codecs.createMd5>
  let begun = false
  return {
    update(chunk, declared) {
      crc = checksum(chunk, crc)
      if (!begun && declared.crc32c === undefined && declared.md5 !== undefined) md5 = codecs.createMd5()
      begun = true
      md5?.update(chunk)
    },
    crc32c: () => formatCrc32c(crc),
    compare(declared) {
      if (declared.crc32c !== undefined) return same(id, 'CRC-32C', declared.crc32c, formatCrc32c(crc))
      if (declared.md5 === undefined) return false
      if (!begun) md5 = codecs.createMd5() // of nothing
      return md5 !== undefined && same(id, 'MD5', declared.md5, toBase64(md5.digest()))
    },
  }
}

/** @throws {DataLossError} unless they are the same. */
export function same(id: string, what: string, declared: string, actual: string): boolean {
  if (declared !== actual) throw lost(id, what, declared, actual)
  return true
}
