import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { combineCrc32c, crc32c, formatCrc32c, parseCrc32c } from '../../src/protocol/crc32c.ts'
import { chunkSizes, cut, utf8 } from './chunks.ts'

/** Google's form of the checksum of a text: Cloud Storage documentation and measured answers. */
const GOOGLE_VECTORS = [
  { text: '', base64: 'AAAAAA==' },
  { text: 'hello', base64: 'mnG7TA==' },
  { text: 'hello world', base64: 'yZRlqg==' },
  { text: '123456789', base64: '4waSgw==' },
  { text: 'a'.repeat(262_144), base64: '374w4A==' },
]

/** RFC 3720 appendix B.4, and the check value and well-known texts of the CRC catalogues. */
const CRC_VECTORS: { name: string; bytes: Uint8Array; crc: number }[] = [
  { name: '32 zeros', bytes: new Uint8Array(32), crc: 0x8a9136aa },
  { name: '32 bytes of ones', bytes: new Uint8Array(32).fill(0xff), crc: 0x62a8ab43 },
  { name: '32 rising bytes', bytes: Uint8Array.from({ length: 32 }, (_, i) => i), crc: 0x46dd794e },
  { name: '32 falling bytes', bytes: Uint8Array.from({ length: 32 }, (_, i) => 31 - i), crc: 0x113fdb5c },
  { name: 'an iSCSI read command', bytes: iscsiReadCommand(), crc: 0xd9963a56 },
  { name: '"a"', bytes: utf8('a'), crc: 0xc1d04330 },
  { name: '"abc"', bytes: utf8('abc'), crc: 0x364b3fb7 },
  { name: '"message digest"', bytes: utf8('message digest'), crc: 0x02bd79d0 },
  { name: 'the alphabet', bytes: utf8('abcdefghijklmnopqrstuvwxyz'), crc: 0x9ee6ef25 },
  { name: 'a pangram', bytes: utf8('The quick brown fox jumps over the lazy dog'), crc: 0x22620404 },
]

/** Up to a few rounds of the sixteen-byte loop with every length of rest. */
const someBytes = fc.uint8Array({ maxLength: 200 })
const someCrc = fc.integer({ min: 0, max: 0xffffffff })

describe('crc32c', () => {
  test.each(CRC_VECTORS)('gives the published checksum of $name', ({ bytes, crc }) => {
    expect(crc32c(bytes)).toBe(crc)
  })

  test('agrees with a bitwise implementation on any bytes and any state', () => {
    fc.assert(
      fc.property(someBytes, someCrc, (bytes, previous) => {
        expect(crc32c(bytes, previous)).toBe(bitwiseCrc32c(bytes, previous))
      }),
      { numRuns: 1_000 },
    )
  })

  test('gives the same for any chunking as for the whole', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), chunkSizes, (bytes, sizes) => {
        expect(cut(bytes, sizes).reduce((crc, piece) => crc32c(piece, crc), 0)).toBe(crc32c(bytes))
      }),
      { numRuns: 500 },
    )
  })

  test('does not depend on where the bytes lie in their buffer', () => {
    const pangram = CRC_VECTORS.at(-1)!
    for (let offset = 0; offset < 20; offset++) {
      const buffer = new Uint8Array(100).fill(0xaa)
      buffer.set(pangram.bytes, offset)
      expect(crc32c(buffer.subarray(offset, offset + pangram.bytes.length))).toBe(pangram.crc)
    }
  })

  test('leaves the state alone when there are no bytes', () => {
    fc.assert(fc.property(someCrc, (crc) => crc32c(new Uint8Array(0), crc) === crc))
  })

  test('notices every change of one byte', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 100 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (bytes, position, change) => {
          const changed = bytes.map((byte, i) => (i === position % bytes.length ? byte ^ change : byte))
          expect(crc32c(changed)).not.toBe(crc32c(bytes))
        },
      ),
    )
  })
})

describe('combineCrc32c', () => {
  test('gives the checksum of both pieces one after the other', () => {
    fc.assert(
      fc.property(someBytes, someBytes, (a, b) => {
        const whole = crc32c(Uint8Array.of(...a, ...b))
        expect(combineCrc32c(crc32c(a), crc32c(b), b.length)).toBe(whole)
      }),
      { numRuns: 500 },
    )
  })

  test('does not mind in which order three pieces are put together', () => {
    fc.assert(
      fc.property(someCrc, someCrc, someCrc, fc.maxSafeNat(), fc.nat(), (a, b, c, lengthB, lengthC) => {
        const length = Math.min(lengthB, Number.MAX_SAFE_INTEGER - lengthC)
        expect(combineCrc32c(combineCrc32c(a, b, length), c, lengthC)).toBe(
          combineCrc32c(a, combineCrc32c(b, c, lengthC), length + lengthC),
        )
      }),
    )
  })

  test('goes on over more bytes than can be counted in 32 bits', () => {
    let crc = crc32c(new Uint8Array(1_048_576))
    for (let length = 1_048_576; length < 2 ** 33; length *= 2) crc = combineCrc32c(crc, crc, length)
    expect(crc).toBe(crcOfZeros(2 ** 33))
  })

  test.each(GOOGLE_VECTORS)('gives $base64 of its pieces', ({ text, base64 }) => {
    const bytes = utf8(text)
    for (const at of [0, 1, bytes.length >> 1, bytes.length]) {
      const [a, b] = [bytes.subarray(0, at), bytes.subarray(at)]
      expect(formatCrc32c(combineCrc32c(crc32c(a), crc32c(b), b.length))).toBe(base64)
    }
  })
})

describe('formatCrc32c', () => {
  test.each(GOOGLE_VECTORS)('writes $base64', ({ text, base64 }) => {
    expect(formatCrc32c(crc32c(utf8(text)))).toBe(base64)
  })
})

describe('parseCrc32c', () => {
  test.each(GOOGLE_VECTORS)('reads $base64', ({ text, base64 }) => {
    expect(parseCrc32c(base64)).toBe(crc32c(utf8(text)))
  })

  test('reads back every checksum that formatCrc32c writes', () => {
    fc.assert(fc.property(someCrc, (crc) => parseCrc32c(formatCrc32c(crc)) === crc))
  })

  test.each([
    { text: '_____w', crc: 0xffffffff },
    { text: '-_-_-w==', crc: 0xfbffbffb },
    { text: '4waSgw', crc: 0xe3069283 },
  ])('reads $text, in the URL alphabet or without padding', ({ text, crc }) => {
    expect(parseCrc32c(text)).toBe(crc)
  })

  test.each([
    '',
    '==',
    '4waSg===',
    '4waSgw=',
    '4waSgw===',
    '4waSgw== ',
    ' 4waSgw==',
    '4waSgw==\n',
    '4waS gw==',
    '4waSg!==',
    '4waSgwAA',
    'e3069283',
    '3808858755',
    'crc32c=4waSgw==',
  ])('gives undefined for %j', (text) => {
    expect(parseCrc32c(text)).toBeUndefined()
  })
})

/** The definition: one bit at a time, without tables. */
function bitwiseCrc32c(bytes: Uint8Array, previous = 0): number {
  let crc = ~previous
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  }
  return ~crc >>> 0
}

/** By squaring a matrix over single bits, as the definition of a power has it. */
function crcOfZeros(length: number): number {
  const apply = (matrix: readonly number[], state: number): number =>
    matrix.reduce((sum, column, bit) => ((state >>> bit) & 1 ? sum ^ column : sum), 0) >>> 0
  // A zero byte: what the bitwise definition makes of each single bit of the state.
  let zero = Array.from({ length: 32 }, (_, bit) => ~bitwiseCrc32c(new Uint8Array(1), ~(1 << bit)) >>> 0)
  let state = 0xffffffff
  for (let rest = length; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) state = apply(zero, state)
    zero = zero.map((column) => apply(zero, column))
  }
  return ~state >>> 0
}

function iscsiReadCommand(): Uint8Array {
  const bytes = new Uint8Array(48)
  bytes.set([0x01, 0xc0], 0)
  bytes.set([0x14], 16)
  bytes.set([0x04, 0x00], 22)
  bytes.set([0x14], 27)
  bytes.set([0x18, 0x28], 31)
  bytes.set([0x02], 40)
  return bytes
}
