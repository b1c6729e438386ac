import { fromBase64, toBase64 } from './base64.ts'

/**
 * CRC-32C (Castagnoli, RFC 3720 appendix B.4), incremental: pass the result back in to go on.
 *
 * ```ts
 * let crc = 0
 * for await (const chunk of chunks) crc = crc32c(chunk, crc)
 * ```
 *
 * Slicing by sixteen: sixteen table look-ups advance the state by sixteen bytes, about three times the speed
 * of the byte-wise loop.
 */
export function crc32c(bytes: Uint8Array, previous = 0): number {
  const t = (tables ??= makeTables())
  const end = bytes.length
  let crc = ~previous
  let i = 0
  // The bytes are read one by one, so alignment and byte order do not matter.
  for (const last = end - 16; i <= last; i += 16) {
    crc =
      t[3840 + ((bytes[i]! ^ crc) & 255)]! ^
      t[3584 + ((bytes[i + 1]! ^ (crc >>> 8)) & 255)]! ^
      t[3328 + ((bytes[i + 2]! ^ (crc >>> 16)) & 255)]! ^
      t[3072 + (bytes[i + 3]! ^ (crc >>> 24))]! ^
      t[2816 + bytes[i + 4]!]! ^
      t[2560 + bytes[i + 5]!]! ^
      t[2304 + bytes[i + 6]!]! ^
      t[2048 + bytes[i + 7]!]! ^
      t[1792 + bytes[i + 8]!]! ^
      t[1536 + bytes[i + 9]!]! ^
      t[1280 + bytes[i + 10]!]! ^
      t[1024 + bytes[i + 11]!]! ^
      t[768 + bytes[i + 12]!]! ^
      t[512 + bytes[i + 13]!]! ^
      t[256 + bytes[i + 14]!]! ^
      t[bytes[i + 15]!]!
  }
  for (; i < end; i++) crc = t[(crc ^ bytes[i]!) & 255]! ^ (crc >>> 8)
  return ~crc >>> 0
}

/** A checksum as Google writes it: four bytes, most significant first, in base64. */
export function formatCrc32c(crc: number): string {
  return toBase64(Uint8Array.of(crc >>> 24, crc >>> 16, crc >>> 8, crc))
}

/** The number of a checksum in Google's form, or undefined when the text is not one. */
export function parseCrc32c(text: string): number | undefined {
  if (!/^[A-Za-z0-9+/_-]{6}(==)?$/.test(text)) return undefined
  const [a, b, c, d] = fromBase64(text)
  return ((a! << 24) | (b! << 16) | (c! << 8) | d!) >>> 0
}

/** 0x1EDC6F41 with its bits in reverse order. */
const REVERSED_POLYNOMIAL = 0x82f63b78

let tables: Int32Array | undefined

function makeTables(): Int32Array {
  const table = new Int32Array(16 * 256)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ REVERSED_POLYNOMIAL : crc >>> 1
    table[byte] = crc
  }
  for (let i = 256; i < table.length; i++) {
    const previous = table[i - 256]!
    table[i] = table[previous & 255]! ^ (previous >>> 8)
  }
  return table
}
