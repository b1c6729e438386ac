import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  headerParameter,
  isHeaderName,
  isHeaderValue,
  isMediaType,
  quoted,
} from '../../src/protocol/header-value.ts'

/** Everything that may stand in a header value: tabs and visible ASCII. */
const headerText = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\t', '"', '\\', ';', '='),
    fc.string({ minLength: 1, maxLength: 1, unit: 'grapheme-ascii' }),
  ),
})

describe('isHeaderValue', () => {
  test.each([
    '',
    'bytes 0-99/200',
    'Bearer ya29.a0',
    ' leading and trailing ',
    'a\tb',
    '"quoted; \\" value"',
    '~!@#$%^&*()',
  ])('accepts %j', (text) => {
    expect(isHeaderValue(text)).toBe(true)
  })

  test.each([
    'a\r\nx-injected: 1',
    'a\nb',
    'a\rb',
    'a\n',
    '\0',
    '\u007f',
    '\u001b[0m',
    'é',
    'Grüße',
    '\u2028',
    '世界',
    '\ud800',
  ])('refuses %j', (text) => {
    expect(isHeaderValue(text)).toBe(false)
  })
})

describe('isHeaderName', () => {
  test.each(['accept', 'X-Goog-Hash', 'x-goog-meta-a_b.c', "!#$%&'*+-.^_`|~0Z"])('accepts %j', (text) => {
    expect(isHeaderName(text)).toBe(true)
  })

  test.each([
    '',
    ' ',
    'a b',
    'a:',
    ':authority',
    'a\r\nb',
    'a\n',
    'a/b',
    'a(b)',
    'a"b',
    'a=b',
    'a,b',
    'a;b',
    '[a]',
    '{a}',
    'é',
  ])('refuses %j', (text) => {
    expect(isHeaderName(text)).toBe(false)
  })
})

describe('isMediaType', () => {
  test.each([
    'image/png',
    'application/json; charset=UTF-8',
    'text/plain;charset=utf-8',
    'text/plain \t;\t charset="utf-8"; format=flowed',
    'application/vnd.google-apps.document',
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    'image/svg+xml',
    'multipart/related; boundary="===============42=="',
    'text/plain; title="a \\"quoted\\" \\\\ title"',
    'text/plain; title=""',
    '*/*',
  ])('accepts %j', (text) => {
    expect(isMediaType(text)).toBe(true)
  })

  test.each([
    '',
    'image',
    'image/',
    '/png',
    'image/png/x',
    'image /png',
    ' image/png',
    'image/png ',
    'image/png;',
    'image/png; charset',
    'image/png; charset=',
    'image/png; =utf-8',
    'image/png; charset=utf 8',
    'image/png; charset = utf-8',
    'image/png charset=utf-8',
    'text/plain; title="open',
    'text/plain; title="a"b',
    'text/plain; title="a\\"',
    'image/png\r\nx-injected: 1',
    'image/png\n',
    'text/plain; title="a\r\nb"',
    'text/plain; title="é"',
    'image/png, image/gif',
  ])('refuses %j', (text) => {
    expect(isMediaType(text)).toBe(false)
  })

  test('accepts any header text as a quoted parameter', () => {
    fc.assert(fc.property(headerText, (text) => isMediaType(`text/plain; title=${quoted(text)}`)))
  })

  test('accepts nothing that could not be a header value', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'a/;=" \t\r\n\\é'.split('')) }), (text) => {
        expect(!isMediaType(text) || isHeaderValue(text)).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('headerParameter', () => {
  test.each([
    { header: 'multipart/related; boundary=foo_bar_baz', value: 'foo_bar_baz' },
    { header: 'multipart/related;boundary=foo', value: 'foo' },
    { header: 'multipart/related ; \t boundary=foo ; type=x', value: 'foo' },
    { header: 'multipart/related; BOUNDARY=Foo', value: 'Foo' },
    { header: 'multipart/related; boundary="foo"', value: 'foo' },
    {
      header: 'multipart/related; boundary="===============8742514861359412280=="',
      value: '===============8742514861359412280==',
    },
    { header: 'multipart/related; boundary="a b"', value: 'a b' },
    { header: 'multipart/related; boundary="a;b"; type=x', value: 'a;b' },
    { header: 'multipart/related; boundary="a\\"b\\\\c\\d"', value: 'a"b\\cd' },
    { header: 'multipart/related; boundary=""', value: '' },
    { header: 'multipart/related; type="application/json"; boundary=foo', value: 'foo' },
    { header: 'multipart/related; start="; boundary=wrong"; boundary=right', value: 'right' },
    { header: 'multipart/related; start="\\"; boundary=wrong"; boundary=right', value: 'right' },
    { header: 'multipart/related; x-boundary=wrong; boundary=right', value: 'right' },
    { header: 'multipart/related; boundary=first; boundary=second', value: 'first' },
    { header: "multipart/related; boundary='token'", value: "'token'" },
  ])('finds $value in $header', ({ header, value }) => {
    expect(headerParameter(header, 'boundary')).toBe(value)
  })

  test('finds the boundary that gcloud and gsutil put in single quotes', () => {
    const header = "multipart/related; boundary='===============8742514861359412280=='"
    expect(headerParameter(header, 'boundary')).toBe('===============8742514861359412280==')
  })

  test.each([
    undefined,
    '',
    'boundary=foo',
    'multipart/related',
    'multipart/related;',
    'multipart/related; boundary',
    'multipart/related; boundary=',
    'multipart/related; boundary=;',
    'multipart/related; boundary = foo',
    'multipart/related; boundary="foo',
    'multipart/related; boundary="foo\\"',
    'multipart/related boundary=foo',
    'multipart/related; boundary*=foo',
    'multipart/related; start="; boundary=wrong"',
  ])('finds none in %j', (header) => {
    expect(headerParameter(header, 'boundary')).toBeUndefined()
  })

  test('gives back any quoted text, whatever the parameters before it hold', () => {
    fc.assert(
      fc.property(headerText, headerText, (before, value) => {
        const header = `multipart/related; start=${quoted(before)}; boundary=${quoted(value)}`
        expect(headerParameter(header, 'boundary')).toBe(value)
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('quoted', () => {
  test.each([
    { value: '', text: '""' },
    { value: 'foo', text: '"foo"' },
    { value: 'a b;c', text: '"a b;c"' },
    { value: 'say "hi"', text: '"say \\"hi\\""' },
    { value: 'C:\\', text: '"C:\\\\"' },
    { value: "it's", text: '"it\'s"' },
  ])('writes $text', ({ value, text }) => {
    expect(quoted(value)).toBe(text)
  })
})
