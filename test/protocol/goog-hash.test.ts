import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toBase64 } from '../../src/protocol/base64.ts'
import { formatGoogHash, parseGoogHash } from '../../src/protocol/goog-hash.ts'

/** The example of the Cloud Storage reference. */
const CRC32C = 'n03x6A=='
const MD5 = 'Ojk9c3dhfxgoKVVHYwFbHQ=='

const digest = (length: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map(toBase64)

describe('parseGoogHash', () => {
  test.each([
    { header: `crc32c=${CRC32C},md5=${MD5}`, hash: { crc32c: CRC32C, md5: MD5 } },
    { header: `md5=${MD5},crc32c=${CRC32C}`, hash: { crc32c: CRC32C, md5: MD5 } },
    { header: `crc32c=${CRC32C}, md5=${MD5}`, hash: { crc32c: CRC32C, md5: MD5 } },
    { header: ` crc32c = ${CRC32C} ,\tmd5 = ${MD5} `, hash: { crc32c: CRC32C, md5: MD5 } },
    { header: `CRC32C=${CRC32C},Md5=${MD5}`, hash: { crc32c: CRC32C, md5: MD5 } },
    { header: `crc32c=${CRC32C}`, hash: { crc32c: CRC32C } },
    { header: `md5=${MD5}`, hash: { md5: MD5 } },
    { header: `sha256=abc=,crc32c=${CRC32C}`, hash: { crc32c: CRC32C } },
    { header: `,,crc32c=${CRC32C},`, hash: { crc32c: CRC32C } },
  ])('reads $header', ({ header, hash }) => {
    expect(parseGoogHash(header)).toEqual(hash)
  })

  test.each([
    undefined,
    '',
    ',',
    '=',
    '=md5',
    'crc32c',
    'crc32cX',
    'md5,crc32c',
    'md5:',
    CRC32C,
    'crc32=AAAAAA==',
    'xmd5=AAAA',
    '__proto__=x',
  ])('finds no checksum in %j', (header) => {
    expect(parseGoogHash(header)).toEqual({})
  })

  test('reads back what formatGoogHash writes', () => {
    fc.assert(
      fc.property(fc.record({ crc32c: digest(4), md5: digest(16) }, { requiredKeys: [] }), (hash) => {
        expect(parseGoogHash(formatGoogHash(hash))).toEqual(hash)
      }),
    )
  })
})

describe('formatGoogHash', () => {
  test.each([
    { hash: { md5: MD5, crc32c: CRC32C }, header: `crc32c=${CRC32C},md5=${MD5}` },
    { hash: { crc32c: CRC32C }, header: `crc32c=${CRC32C}` },
    { hash: { md5: MD5 }, header: `md5=${MD5}` },
    { hash: {}, header: '' },
  ])('writes $header', ({ hash, header }) => {
    expect(formatGoogHash(hash)).toBe(header)
  })
})
