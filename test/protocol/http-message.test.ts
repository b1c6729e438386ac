import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decodeEmbeddedRequest,
  decodeEmbeddedResponse,
  decodePart,
  encodeEmbeddedRequest,
  encodeEmbeddedResponse,
} from '../../src/protocol/http-message.ts'

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/).map((text) => `x-${text}`)
const value = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/)
const headers = fc.dictionary(name, value, { maxKeys: 8 })
const body = fc.string({ unit: 'binary' })

describe('a request inside another message', () => {
  test('is read as it was written', () => {
    const method = fc.constantFrom('GET', 'POST', 'PATCH', 'DELETE')
    const target = fc.stringMatching(/^\/[!-~]{0,40}$/)
    fc.assert(
      fc.property(method, target, headers, fc.option(body, { nil: undefined }), (...given) => {
        const [, , sentHeaders, sentBody] = given
        const read = decodeEmbeddedRequest(encodeEmbeddedRequest(...given))
        expect([read.method, read.target, read.body]).toEqual([given[0], given[1], sentBody ?? ''])
        const length = sentBody === undefined ? {} : { 'content-length': String(Buffer.byteLength(sentBody)) }
        expect(read.headers.toHeaders()).toEqual({ ...sentHeaders, ...length })
      }),
    )
  })

  test.each([
    ['no method', ' /a HTTP/1.1\r\n\r\n'],
    ['no path', 'GET HTTP/1.1\r\n\r\n'],
    ['a path that begins elsewhere', 'GET a/b HTTP/1.1\r\n\r\n'],
    ['a space in the path', 'GET /a b HTTP/1.1\r\n\r\n'],
    ['another version', 'GET /a HTTP/3\r\n\r\n'],
    ['no line end', 'GET /a HTTP/1.1'],
    ['no end of its headers', 'GET /a HTTP/1.1\r\na: b\r\n'],
    ['a line feed before its first line', '\nGET /a HTTP/1.1\r\n\r\n'],
  ])('with %s is refused', (_, message) => {
    expect(() => decodeEmbeddedRequest(message)).toThrow(SyntaxError)
  })

  test('may have a whole address, and lines that end in LF', () => {
    const { target, body } = decodeEmbeddedRequest('GET https://a.example/b?c HTTP/1.1\nA: b\n\n{}')
    expect([target, body]).toEqual(['https://a.example/b?c', '{}'])
  })
})

describe('an answer inside another message', () => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 599 }), headers, body, (status, sentHeaders, text) => {
        const read = decodeEmbeddedResponse(encodeEmbeddedResponse(status, sentHeaders, text))
        expect([read.status, read.body]).toEqual([status, text])
        expect(read.headers.toHeaders()).toEqual({
          ...sentHeaders,
          'content-length': String(Buffer.byteLength(text)),
        })
      }),
    )
  })

  test('is read or refused, whatever it is, and never otherwise', () => {
    const pieces = fc.constantFrom(
      'HTTP/1.1 200 OK',
      '\r\n',
      '\n',
      ':',
      ' ',
      'a: b',
      'content-length: 3',
      'x',
      '\r',
      '',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (texts) => {
        try {
          expect(decodeEmbeddedResponse(texts.join('')).status).toBe(200)
        } catch (error) {
          expect(error).toBeInstanceOf(SyntaxError)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('may be followed by blank space, which is cut off by its length in bytes', () => {
    const read = (text: string): string => decodeEmbeddedResponse(`HTTP/1.1 200 OK\r\n${text}`).body
    expect(read('Content-Length: 4\r\n\r\n"ü"\r\n\r\n')).toBe('"ü"')
    expect(read('Content-Length: 2\r\n\r\nab\r\n')).toBe('ab')
    expect(() => read('Content-Length: 5\r\n\r\n"ü"')).toThrow('shorter')
    expect(() => read('Content-Length: 2\r\n\r\n"ü"')).toThrow('longer')
    // Some senders count characters; it is whole all the same.
    expect(read('Content-Length: 3\r\n\r\n"ü"')).toBe('"ü"')
  })

  test('gives headers by name, repeated ones together', () => {
    const lines = 'Vary: A\r\nX-Vary: no\r\nVARY:  B \r\nconstructor: c\r\nVar: no\r\n__proto__: d\r\n'
    const { headers } = decodeEmbeddedResponse(`HTTP/1.1 200\r\n${lines}\r\n`)
    expect(headers.get('vary')).toBe('A, B')
    expect(headers.get('absent')).toBeUndefined()
    expect(Object.entries(headers.toHeaders())).toEqual([
      ['vary', 'A, B'],
      ['x-vary', 'no'],
      ['constructor', 'c'],
      ['var', 'no'],
      ['__proto__', 'd'],
    ])
  })
})

describe('a part of a multipart body', () => {
  test('may have no headers', () => {
    const { headers, body } = decodePart('\r\nHTTP/1.1 200 OK\r\n\r\n')
    expect(headers.toHeaders()).toEqual({})
    expect(body).toBe('HTTP/1.1 200 OK\r\n\r\n')
  })

  test('has an end to them', () => {
    for (const part of ['', 'a: b', 'a: b\r\n', 'a: b\r\n\n', 'no colon\r\n\r\n']) {
      expect(() => decodePart(part)).toThrow(SyntaxError)
    }
  })
})
