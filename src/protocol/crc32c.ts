import { fromBase64, toBase64 } from './base64.ts'

/**
 * CRC-32C (Castagnoli, RFC 3720 appendix B.4), incremental: pass the result back in to go on.
 *
 * ```ts
 * import { crc32c } from 'discokit/media'
 *
 * let crc = 0
 * for await (const chunk of chunks) crc = crc32c(chunk, crc)
 * ```
 *
 * Slicing by sixteen: four words and sixteen table look-ups advance the state by sixteen bytes, about four times the
 * speed of the byte-wise loop.
 */
export function crc32c(bytes: Uint8Array, previous = 0): number {
  const end = bytes.length
  let crc = ~previous
  let i = 0
  // Words begin at places that four divides.
  for (const head = Math.min(end, -bytes.byteOffset & 3); i < head; i++)
    crc = t0[(crc ^ bytes[i]!) & 255]! ^ (crc >>> 8)
  const rounds = LITTLE_ENDIAN ? ((end - i) >> 2) & ~3 : 0
  const words = rounds > 0 ? new Int32Array(bytes.buffer, bytes.byteOffset + i, rounds) : NONE
  for (let w = 0; w < rounds; w += 4) {
    const a = words[w]! ^ crc
    const b = words[w + 1]!
    const c = words[w + 2]!
    const d = words[w + 3]!
    crc =
      t15[a & 255]! ^
      t14[(a >>> 8) & 255]! ^
      t13[(a >>> 16) & 255]! ^
      t12[a >>> 24]! ^
      t11[b & 255]! ^
      t10[(b >>> 8) & 255]! ^
      t9[(b >>> 16) & 255]! ^
      t8[b >>> 24]! ^
      t7[c & 255]! ^
      t6[(c >>> 8) & 255]! ^
      t5[(c >>> 16) & 255]! ^
      t4[c >>> 24]! ^
      t3[d & 255]! ^
      t2[(d >>> 8) & 255]! ^
      t1[(d >>> 16) & 255]! ^
      t0[d >>> 24]!
  }
  for (i += rounds * 4; i < end; i++) crc = t0[(crc ^ bytes[i]!) & 255]! ^ (crc >>> 8)
  return ~crc >>> 0
}

/**
 * The CRC-32C of two pieces one after the other, from theirs and the length of the second in bytes. Pieces can so be
 * downloaded, uploaded or read side by side.
 *
 * ```ts
 * import { combineCrc32c, crc32c } from 'discokit/media'
 *
 * const [head, tail] = [new TextEncoder().encode('hello '), new TextEncoder().encode('world')]
 * const whole = combineCrc32c(crc32c(head), crc32c(tail), tail.length)
 * console.log(whole === crc32c(new TextEncoder().encode('hello world'))) // true
 * ```
 */
export function combineCrc32c(first: number, second: number, secondLength: number): number {
  // The first is moved on by as many zero bytes as the second has: times x to the power of the number of their bits.
  let power = ONE
  let square = ONE >>> 8 // x to the power of 8
  for (let rest = secondLength; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power = multiply(power, square)
    square = multiply(square, square)
  }
  return (multiply(first, power) ^ second) >>> 0
}

/** The product of two polynomials modulo that of CRC-32C. The highest bit stands for 1, the lowest for x to the 31. */
function multiply(a: number, b: number): number {
  let product = 0
  let shifted = b
  for (let bit = ONE; bit !== 0; bit >>>= 1) {
    if ((a & bit) !== 0) product ^= shifted
    shifted = shifted & 1 ? (shifted >>> 1) ^ REVERSED_POLYNOMIAL : shifted >>> 1
  }
  return product
}

const ONE = 0x80000000

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

const NONE = /* @__PURE__ */ new Int32Array(0)
const LITTLE_ENDIAN = /* @__PURE__ */ new Uint8Array(/* @__PURE__ */ Uint16Array.of(1).buffer)[0] === 1

/**
 * What a byte does to the state, for each of the sixteen places that it may stand at before the end. Constants of the
 * module, which engines fold into the loop: it is nearly twice as fast as with tables made at the first use.
 */
const [t0, t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, t11, t12, t13, t14, t15] = /* @__PURE__ */ makeTables()

type Tables = readonly [...FourTables, ...FourTables, ...FourTables, ...FourTables]
type FourTables = [Int32Array, Int32Array, Int32Array, Int32Array]

function makeTables(): Tables {
  const first = Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ REVERSED_POLYNOMIAL : crc >>> 1
    return crc
  })
  const made = [first]
  while (made.length < 16) made.push(made.at(-1)!.map((crc) => first[crc & 255]! ^ (crc >>> 8)))
  return made as unknown as Tables // there are sixteen
}
