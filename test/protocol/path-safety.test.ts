import { createClient, type PreparedRequest, type RestDescription, ValidationError } from 'discokit'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { say } from '../documents/say.ts'

/** The forms of paths that documents have: one value or several, slashes kept or not, at the end or before more. */
const templates = [
  'b/{x}/o/{y}',
  'items/{x}',
  '{x}',
  'items/{x}:cancel',
  'v1/{+x}',
  'v1/{+x}/members',
  'v1/{+x}:setIamPolicy',
  'v1/{+x}/invoke/{+y}',
  'v1/{+x}/versions/{y}',
  '{+x}',
] as const

const document: RestDescription = {
  name: 'paths',
  version: 'v1',
  rootUrl: 'https://paths.googleapis.com/',
  servicePath: 'base/',
  methods: Object.fromEntries(
    templates.map((path, i) => [
      `m${i}`,
      {
        id: `paths.m${i}`,
        path,
        httpMethod: 'DELETE',
        parameters: {
          ...Object.fromEntries(
            [...path.matchAll(/\{\+?(\w)\}/g)].map(([, name]) => [
              name!,
              { type: 'string', location: 'path', required: true },
            ]),
          ),
          q: { type: 'string', location: 'query' },
        },
      },
    ]),
  ),
}

// oxfmt-ignore
const DANGEROUS = [
  '.', '..', '/', '\\', '%2e', '%2E', '%2e%2e', '.%2e', '%2f', '%2F', '%5c', '%252e', '%', '%zz', '%00',
  '?', '#', ';', '@', ':', '//', '&', '=', '+', ' ', '\t', '\n', '\r', '\0', '\u007f', '\u0085',
  '\ud800', '\udc00', '．', '。', '／', '＼', '\u2024', '\u200b', '\ufeff', '\u202e', 'e\u0301', '🌍',
  'https://', 'user@host', '{x}', '{+x}', ':cancel', '..;', 'a', 'projects',
]
const value = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.array(fc.constantFrom(...DANGEROUS), { maxLength: 6 }).map((all) => all.join('')),
  },
  {
    weight: 3,
    arbitrary: fc.array(fc.constantFrom(...DANGEROUS), { maxLength: 5 }).map((all) => all.join('/')),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 10 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary-ascii', maxLength: 10 }) },
  // Any UTF-16 units at all, paired or not.
  {
    weight: 1,
    arbitrary: fc
      .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 6 })
      .map((units) => String.fromCharCode(...units)),
  },
)

const RUNS = 120_000
const SEED = 20_261_120
const origin = 'https://paths.googleapis.com'

describe('no value leaves the path that it was put in', () => {
  const api =
    createClient().api<Readonly<Record<string, { prepare(parameters: object): PreparedRequest }>>>(document)

  test(`${RUNS.toLocaleString('en')} inputs`, { timeout: 120_000 }, () => {
    let written = 0
    let refused = 0
    fc.assert(
      fc.property(fc.nat({ max: templates.length - 1 }), value, value, fc.option(value), (i, x, y, q) => {
        const template = templates[i]!
        const given = { x, ...(template.includes('y}') && { y }), ...(q !== null && { q }) }
        let request: PreparedRequest
        try {
          request = api[`m${i}`]!.prepare(given)
        } catch (error) {
          refused++
          expect(error).toBeInstanceOf(ValidationError)
          // Nothing is refused for being unusual: only what no address can hold.
          const held =
            isHeld(x, template.includes('{+x}')) && isHeld(given.y ?? 'y', template.includes('{+y}'))
          expect(held && (q === null || !hasLoneSurrogate(q))).toBe(false)
          return
        }
        written++
        const path = `/base/${template.replaceAll(/\{(\+?)(\w)\}/g, (_, plus: string, name) =>
          encode(name === 'x' ? x : y, plus !== ''),
        )}`
        const search = q === null ? '' : `?q=${encodeURIComponent(q).replaceAll("'", '%27')}`
        const parsed = new URL(request.url)
        const seen = [request.url, parsed.origin, parsed.pathname, parsed.search, parsed.hash]
        // Address parsers encode the apostrophe in a query, where it means the same.
        const meant = [origin + path + search, origin, path, search.replaceAll("'", '%27'), '']
        // One comparison of texts: a hundred thousand of lists would take long.
        expect(seen.join('\n')).toBe(meant.join('\n'))
      }),
      { numRuns: RUNS, seed: SEED },
    )
    say(`${written + refused} inputs with the seed ${SEED}: ${written} in their place, ${refused} refused`)
    expect(written + refused).toBe(RUNS)
    expect(Math.min(written, refused)).toBeGreaterThan(10_000)
  })
})

/** Whether a value can stand in a path and be the same after an address parser has read it. */
function isHeld(text: string, multi: boolean): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  if (/[\u0000-\u001f\u007f-\u009f]/.test(text) || hasLoneSurrogate(text)) return false
  return (multi ? text.split('/') : [text]).every((part) => !['', '.', '..'].includes(part))
}

function hasLoneSurrogate(text: string): boolean {
  return /\p{Surrogate}/u.test(text)
}

/** Percent-encodes each byte of the UTF-8 form that is not an unreserved character. */
function encode(text: string, slashesStay: boolean): string {
  return Array.from(new TextEncoder().encode(text), (byte) => {
    const character = String.fromCharCode(byte)
    return /[\w.~-]/.test(character) || (slashesStay && character === '/')
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }).join('')
}
