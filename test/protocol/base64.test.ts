import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromBase64, toBase64, toBase64Url } from '../../src/protocol/base64.ts'
import { utf8 } from './chunks.ts'

/** RFC 4648 section 10. */
const RFC_VECTORS = [
  { text: '', base64: '' },
  { text: 'f', base64: 'Zg==' },
  { text: 'fo', base64: 'Zm8=' },
  { text: 'foo', base64: 'Zm9v' },
  { text: 'foob', base64: 'Zm9vYg==' },
  { text: 'fooba', base64: 'Zm9vYmE=' },
  { text: 'foobar', base64: 'Zm9vYmFy' },
]

/** All 64 characters of each alphabet in order (RFC 4648 sections 4 and 5). */
const LETTERS_AND_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

describe('toBase64', () => {
  test.each(RFC_VECTORS)('writes $text as $base64', ({ text, base64 }) => {
    expect(toBase64(utf8(text))).toBe(base64)
  })

  test('agrees with the platform on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
      }),
    )
  })

  test.each([0x7fff, 0x8000, 0x8001, 0x18000, 1_000_000])('writes %i bytes without a gap', (length) => {
    const bytes = Uint8Array.from({ length }, (_, i) => i * 7)
    expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
  })
})

describe('toBase64Url', () => {
  test.each(RFC_VECTORS)('writes $text as $base64 without padding', ({ text, base64 }) => {
    expect(toBase64Url(text)).toBe(base64.replaceAll('=', ''))
  })

  test('writes the vector of RFC 7515 appendix C', () => {
    expect(toBase64Url(Uint8Array.of(3, 236, 255, 224, 193))).toBe('A-z_4ME')
  })

  test('writes the header and claims of RFC 7515 appendix A.1', () => {
    expect(toBase64Url('{"typ":"JWT",\r\n "alg":"HS256"}')).toBe('eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9')
    expect(toBase64Url('{"iss":"joe",\r\n "exp":1300819380,\r\n "http://example.com/is_root":true}')).toBe(
      'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ',
    )
  })

  test('takes a text as its UTF-8 bytes', () => {
    expect(toBase64Url('Grüße, 世界 🌍')).toBe(toBase64Url(utf8('Grüße, 世界 🌍')))
  })

  test('agrees with the platform on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(toBase64Url(bytes)).toBe(Buffer.from(bytes).toString('base64url'))
      }),
    )
  })
})

describe('fromBase64', () => {
  test.each(RFC_VECTORS)('reads $base64 as $text, padded or not', ({ text, base64 }) => {
    expect(fromBase64(base64)).toEqual(utf8(text))
    expect(fromBase64(base64.replaceAll('=', ''))).toEqual(utf8(text))
  })

  test('reads both alphabets', () => {
    expect(fromBase64(`${LETTERS_AND_DIGITS}-_`)).toEqual(fromBase64(`${LETTERS_AND_DIGITS}+/`))
    expect(fromBase64('-_-_')).toEqual(Uint8Array.of(0xfb, 0xff, 0xbf))
  })

  test('gives back any bytes that toBase64 or toBase64Url wrote', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(fromBase64(toBase64(bytes))).toEqual(bytes)
        expect(fromBase64(toBase64Url(bytes))).toEqual(bytes)
      }),
      { numRuns: 500 },
    )
  })

  test.each([
    { text: 'Z', why: 'six bits are no byte' },
    { text: 'Zm9vY', why: 'six bits are left over' },
    { text: 'Z===', why: 'six bits are no byte, padded' },
    { text: 'Zg===', why: 'there is more padding than can be' },
    { text: '=Zg=', why: 'the padding is not at the end' },
    { text: 'Zg==Zg==', why: 'there is padding in the middle' },
    { text: 'Zm9v\n', why: 'there is a line end' },
    { text: 'Zm9v Zm9v', why: 'there is a space' },
    { text: ' Zm9v', why: 'there is a space in front' },
    { text: 'Zm9v\0', why: 'there is a control character' },
    { text: 'Zm9%', why: 'there is a percent sign' },
    { text: 'Zm.v', why: 'there is a dot, as between the parts of a JWT' },
    { text: 'Zm9ｖ', why: 'there is a full-width letter' },
    { text: '{"a":1}', why: 'it is JSON' },
  ])('throws a SyntaxError for $text because $why', ({ text }) => {
    expect(() => fromBase64(text)).toThrow(SyntaxError)
  })

  test('refuses a long run of padding without delay', { timeout: 5_000 }, () => {
    expect(() => fromBase64(`${'='.repeat(200_000)}A`)).toThrow(SyntaxError)
  })

  test('either gives bytes or throws a SyntaxError, for any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.oneof(fc.constantFrom(...'Zm9v+/-_='.split('')), fc.string()), maxLength: 12 }),
        (text) => {
          try {
            expect(fromBase64(text)).toBeInstanceOf(Uint8Array)
          } catch (error) {
            expect(error).toBeInstanceOf(SyntaxError)
          }
        },
      ),
      { numRuns: 1_000 },
    )
  })
})
