import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { collect } from '../../src/protocol/http-body.ts'
import { encodeMultipart } from '../../src/protocol/multipart-encode.ts'
import { splitMultipart } from '../../src/protocol/multipart-split.ts'

const pieces = fc.constantFrom('a', '\r\n', '\n', '\r', '-', '--', '--x', '--b', '--by', ': ', 'ü')
const content = fc
  .array(pieces, { maxLength: 12 })
  .map((texts) => texts.join(''))
  .filter((text) => !/(^|\n)--b(--|[ \t]*\r?\n|[ \t]*\r?$)/.test(text))

describe('splitMultipart', () => {
  test('gives the parts that were written', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(content, { minLength: 1, maxLength: 6 }), async (contents) => {
        const parts = contents.map((body) => ({ headers: { a: 'b' }, body }))
        const text = new TextDecoder().decode(await collect(encodeMultipart(parts, 'b').open()))
        expect(splitMultipart(text, 'b', 6)).toEqual({
          parts: contents.map((body) => `a: b\r\n\r\n${body}`),
          complete: true,
        })
      }),
      { numRuns: 500 },
    )
  })

  test('gives those that came whole when the text is cut anywhere', () => {
    const text = '--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n'
    for (let length = 0; length < text.length; length++) {
      const cut = text.slice(0, length)
      const parts = ['\r\none', '\r\ntwo'].slice(0, Number(length >= 17) + Number(length >= 29))
      if (length < 5) expect(() => splitMultipart(cut, 'b', 2)).toThrow(SyntaxError)
      else expect(splitMultipart(cut, 'b', 2)).toEqual({ parts, complete: parts.length === 2 })
    }
  })

  test.each([
    ['lines that end in LF', '--b\n\nx\r\n--b--', ['\nx\r']],
    ['something before and after', 'hello\r\n--b\r\n\r\nx\r\n--b--\r\nbye', ['\r\nx']],
    ['space after a boundary', '--b \t\r\n\r\nx\r\n--b--', ['\r\nx']],
    ['a longer boundary in it', '--b\r\n\r\nx\r\n--bb\r\n--b--', ['\r\nx\r\n--bb']],
    ['nothing in it', '--b--', []],
  ])('takes a body with %s', (_, text, parts) => {
    expect(splitMultipart(text, 'b', 9)).toEqual({ parts, complete: true })
  })

  test.each(['', 'x', '--', '--b', '--bb\r\n', 'x--b\r\n'])('refuses %j', (text) => {
    expect(() => splitMultipart(text, 'b', 9)).toThrow('no boundary line')
  })

  test('refuses more parts than were allowed', () => {
    const text = `${'--b\r\n\r\nx\r\n'.repeat(3)}--b--`
    expect(splitMultipart(text, 'b', 3).parts).toHaveLength(3)
    expect(() => splitMultipart(text, 'b', 2)).toThrow('more than 2 parts')
  })

  test('takes time in proportion to the text, however many near boundaries are in it', () => {
    const time = (count: number): number => {
      const text = `--b\r\n\r\n${'\r\n--bx'.repeat(count)}\r\n--b--`
      const started = performance.now()
      expect(splitMultipart(text, 'b', 1).complete).toBe(true)
      return performance.now() - started
    }
    time(10_000)
    expect(time(400_000)).toBeLessThan(2_000)
  })
})
