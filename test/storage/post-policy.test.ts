import { describe, expect, test } from 'vitest'
import { ValidationError } from 'discokit'
import { postPolicy } from 'discokit/storage'

const key = { accessId: 'GOOG1EEXAMPLE', secret: 'c2VjcmV0' }
const clock = { now: () => Date.parse('2026-11-20T12:34:56.789Z') }
const sign = (options: object = {}): ReturnType<typeof postPolicy> =>
  postPolicy({
    signer: key,
    bucket: 'photos',
    object: 'a.jpg',
    expiresMs: 60_000,
    clock,
    ...options,
  })

describe('postPolicy', () => {
  test('demands the fields, then the conditions, then what it adds, and of fields to be ignored nothing', async () => {
    const { fields } = await sign({
      fields: { 'x-ignore-me': '1', 'content-type': 'image/jpeg', acl: undefined },
      conditions: [['starts-with', '$x-goog-meta-a', ''], { 'cache-control': 'no-store' }, ['eq', '$b', 'c']],
    })
    expect(atob(fields['policy']!)).toBe(
      '{"conditions":[{"content-type":"image/jpeg"},["starts-with","$x-goog-meta-a",""],{"cache-control":"no-store"},' +
        '["eq","$b","c"],{"bucket":"photos"},{"key":"a.jpg"},{"x-goog-date":"20261120T123456Z"},' +
        '{"x-goog-credential":"GOOG1EEXAMPLE/20261120/auto/storage/goog4_request"},' +
        '{"x-goog-algorithm":"GOOG4-HMAC-SHA256"}],"expiration":"2026-11-20T12:35:56Z"}',
    )
    expect(Object.keys(fields)).toEqual([
      'x-ignore-me',
      'content-type',
      'key',
      'x-goog-date',
      'x-goog-credential',
      'x-goog-algorithm',
      'policy',
      'x-goog-signature',
    ])
  })

  test('is written in ASCII, characters beyond the first plane as two', async () => {
    const { fields } = await sign({ object: '日/😀"\\\n' })
    expect(fields['key']).toBe('日/😀"\\\n')
    expect(atob(fields['policy']!)).toContain(String.raw`{"key":"\u65e5/\ud83d\ude00\"\\\n"}`)
  })

  test.each<[options: object, path: string, message: string]>([
    [{ object: '' }, 'object', 'must be the name of an object'],
    [{ fields: { Policy: 'x' } }, 'fields.Policy', 'is added by the policy'],
    [{ fields: { a: 1 } }, 'fields.a', 'must be text'],
    [{ fields: { 'a"b': '1' } }, 'fields.a"b', 'has characters that no form can send'],
    [{ conditions: {} }, 'conditions', 'must be a list'],
    [
      { conditions: [['content-length-range', 5, 4]] },
      'conditions[0]',
      'must have two numbers of bytes, the smaller one first',
    ],
    [
      { conditions: [['ends-with', '$a', 'b']] },
      'conditions[0]',
      "must begin with 'eq', 'starts-with' or 'content-length-range'",
    ],
    [
      { conditions: [['starts-with', 'a', 'b']] },
      'conditions[0]',
      "must name a field as '$content-type', and what it is or begins with",
    ],
    [
      { conditions: [{ a: '1', b: '2' }] },
      'conditions[0]',
      "must be { field: value }, ['starts-with', '$field', value] or ['content-length-range', least, most]",
    ],
  ])('refuses %j', async (options, path, message) => {
    const failure = await sign(options).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ValidationError)
    expect((failure as ValidationError).problems).toMatchObject([{ path, message }])
  })

  test('takes names that stand in no path', async () => {
    expect((await sign({ object: 'a/../b' })).fields['key']).toBe('a/../b')
  })
})
