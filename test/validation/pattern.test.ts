import * as fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { compileAutomaton } from '../../src/validation/pattern-automaton.ts'
import { backtrackingCost } from '../../src/validation/pattern-cost.ts'
import { parsePattern } from '../../src/validation/pattern-syntax.ts'
import { compilePattern } from '../../src/validation/pattern.ts'
import { documentNames, needDocuments, readDocument } from '../documents/documents.ts'

describe('a pattern', () => {
  test.each<[string, string[], string[]]>([
    ['a|b', ['a', 'b'], ['', 'ab', 'xa', 'bx']],
    ['^a|b$', ['a', 'b'], ['ab', 'ax', 'xb']],
    ['[0-9]+', ['1', '12'], ['', '1a', 'a1', '1\n', '١']],
    ['^projects/[^/]+$', ['projects/a', 'projects/é'], ['projects/', 'projects/a/b', 'projects/a/']],
    ['(?i)(url:|origin:)?http(s)?://.*', ['http://x', 'ORIGIN:HttpS://'], ['ftp://x', 'http:/']],
    ['.{2}', ['ab', '🌍é'], ['a', '🌍', 'abc', 'a\n']],
    ['[0-9]{0,3}?', ['', '123'], ['1234']],
    ['a{2}b{1,}', ['aab', 'aabbb'], ['ab', 'aa', 'aaab']],
    ['(?<year>\\d{4})\\.\\x41\\u0042\\u{43}\\t', ['2026.ABC\t'], ['2026xABC\t', '2026.ABC']],
    ['[\\]a-]*', [']a-', ''], ['b']],
    ['\\p{Lu}+', ['ÄB'], ['ä']],
    ['', [''], ['a']],
    [`${'('.repeat(900)}a${')'.repeat(900)}`, ['a'], ['']],
    [`${'('.repeat(300)}a${'+)'.repeat(300)}`, ['a', 'aa'], ['', 'b']],
    ['a^b|c', ['c'], ['ab', 'a^b']],
  ])('%s means the whole text', (pattern, good, bad) => {
    const matches = compilePattern(pattern)!
    expect(good.filter((text) => !matches(text))).toEqual([])
    expect(bad.filter((text) => matches(text))).toEqual([])
  })

  test.each([
    '(a)\\1',
    '(?<x>a)\\k<x>',
    '(?=a)a',
    'a(?!b)',
    '(?<=a)b',
    '(?<!a)b',
    '\\ba',
    'a\\B',
    'a)|(b',
    '(',
    '[',
    'a**',
    '(?P<name>a)',
    '(?i:a)',
    '\\A',
    '\\',
    'a{2,1}',
    '[[:alpha:]]',
    'a'.repeat(2001),
    '('.repeat(1500),
    '(?:.*){9}[ab]{1000}',
    '(){1000000000}(a|a){2}{2}',
    '(a|a){1000000000}',
  ])('%s is not checked', (pattern) => {
    expect(compilePattern(pattern)).toBeUndefined()
  })

  test('that is no text is not checked', () => {
    for (const value of [1, null, {}, ['a']]) expect(compilePattern(value as string)).toBeUndefined()
  })

  test('is not held against a text longer than a hundred thousand characters', () => {
    expect(compilePattern('a*')!('b'.repeat(100_000))).toBe(false)
    expect(compilePattern('a*')!('b'.repeat(100_001))).toBe(true)
  })

  test('is told the same of a text each time', () => {
    const matches = compilePattern('(a|aa)*b')!
    expect(['ab', 'ab', 'a', 'a', 'ab', 'aab', 'ab'].map(matches)).toEqual([
      true,
      true,
      false,
      false,
      true,
      true,
      true,
    ])
  })

  test('is compiled again when very many have been', () => {
    const first = compilePattern('first')
    expect(compilePattern('first')).toBe(first)
    for (let i = 0; i < 1001; i++) compilePattern(`p${i}`)
    expect(compilePattern('first')).not.toBe(first)
    expect(compilePattern('first')!('first')).toBe(true)
  })
})

/** What makes an engine that goes back take for ever. */
const HOSTILE = [
  '^(a+)+$',
  '(a|a)*b',
  '(.*)*x',
  '^(([a-z])+.)+[A-Z]([a-z])+$',
  '(x+x+)+y',
  '.*.*.*.*=.*',
  '(a?){25}a{25}',
  '(|)'.repeat(30),
  '(?:$|){30}a',
  '(a|b|ab)*c',
  '(a|aa)+b',
  '([a-zA-Z0-9]+)*@',
  '(\\d*\\w*)*-',
  'a*a*a*b',
  '(a*?)*?b',
  '(?i)(A+)+b',
  '(x{0}){1000000000}',
  '.*a.{0,200}',
]

describe('time', () => {
  test('does not run away on hostile patterns and long texts', () => {
    const texts = ['a', 'x', 'é'].map((unit) => unit.repeat(50_000 / unit.length))
    const start = performance.now()
    for (const pattern of HOSTILE) {
      const matches = compilePattern(pattern)!
      for (const text of texts) {
        matches(text)
        expect(matches(`${text}\n`), pattern).toBe(false)
      }
    }
    // Going back, one of them would need longer than anybody lives.
    expect(performance.now() - start).toBeLessThan(20_000)
  })

  test.each(['a+', '[^/]+/[^/]+', '(a|b)*c', '[0-9]+[smh]?', '(ga:.+)?', '\\(.*\\)', 'x(,x)*', '(a[^b]*b)*'])(
    '%s goes to the native engine',
    (pattern) => {
      expect(backtrackingCost(parsePattern(pattern, 'u'))).toBeLessThan(3)
    },
  )

  test.each(HOSTILE.slice(0, 6))('%s goes to the automaton', (pattern) => {
    expect(backtrackingCost(parsePattern(pattern, 'u'))).toBe(Infinity)
  })
})

/** Patterns of all that is supported, over few characters, so that parts of them overlap. */
const patterns = fc.letrec<{ pattern: string }>((tie) => ({
  pattern: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\w', '\\n', 'é', '', '^', '$', '\\u{1F30D}'),
    fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => a + b),
    fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `(?:${a}|${b})`),
    fc
      .tuple(
        tie('pattern'),
        fc.constantFrom('*', '+', '?', '*?', '+?', '??', '{0}', '{2}', '{1,}', '{0,2}', '{1,3}?'),
      )
      .map(([a, sign]) => `(${a})${sign}`),
  ),
})).pattern
const texts = fc.string({ unit: fc.constantFrom('a', 'b', 'a', 'é', '\n', '🌍'), maxLength: 9 })

test('the automaton, the native engine and what is chosen agree on every small pattern', () => {
  fc.assert(
    fc.property(patterns, fc.array(texts, { minLength: 8, maxLength: 8 }), (pattern, samples) => {
      const native = new RegExp(`^(?:${pattern})$`, 'u')
      const automaton = compileAutomaton(parsePattern(pattern, 'u'))
      const chosen = compilePattern(pattern)!
      for (const text of samples) {
        const expected = native.test(text)
        expect([automaton(text), chosen(text)], JSON.stringify(text)).toEqual([expected, expected])
      }
    }),
    { numRuns: 2000 },
  )
})

describe('the patterns of real documents', () => {
  beforeEach(needDocuments)

  test('are all checked, nearly all by the native engine, as it would', () => {
    const all = new Set<string>()
    for (const name of documentNames) collectPatterns(readDocument(name), all)
    expect(all.size).toBeGreaterThan(600)
    let followed = 0
    for (const pattern of all) {
      const source = pattern.replace('(?i)', '')
      const flags = source === pattern ? 'u' : 'iu'
      const native = new RegExp(`^(?:${source})$`, flags)
      const matches = compilePattern(pattern)!
      const parsed = parsePattern(source, flags)
      const automaton = compileAutomaton(parsed)
      if (backtrackingCost(parsed) > 1000) followed++
      const good = fc.sample(fc.stringMatching(new RegExp(native.source, flags.replace('i', ''))), {
        numRuns: 3,
        seed: 1,
      })
      expect(good.every((text) => native.test(text))).toBe(true)
      for (const text of good.flatMap(mutants)) {
        const expected = native.test(text)
        expect([matches(text), automaton(text)], `${pattern} ${JSON.stringify(text)}`).toEqual([
          expected,
          expected,
        ])
      }
    }
    expect(followed).toBeLessThan(all.size / 50)
  })
})

/** A text and some that are nearly it. */
function mutants(text: string): string[] {
  const middle = text.length >> 1
  return [
    text,
    `${text}\n`,
    `${text}/`,
    ` ${text}`,
    text.slice(1),
    text.slice(0, -1),
    text + text,
    text.toUpperCase(),
    `${text.slice(0, middle)}é${text.slice(middle)}`,
    text.slice(0, middle) + text.slice(middle + 1),
    text.replaceAll('/', ''),
    '',
  ]
}

function collectPatterns(node: unknown, found: Set<string>): void {
  if (typeof node !== 'object' || node === null) return
  for (const [name, value] of Object.entries(node)) {
    if (name === 'pattern' && typeof value === 'string') found.add(value)
    else collectPatterns(value, found)
  }
}
