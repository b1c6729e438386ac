import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { multipart } from 'discokit/media'
import { postPolicy, type PostPolicy, type PostPolicyOptions } from 'discokit/storage'
import { say, type Told } from './speak.ts'

let emulator: Emulator
let headers: Record<string, string>
beforeEach(async () => {
  emulator = await createEmulator()
  headers = { authorization: `Bearer ${emulator.accessToken()}` }
  await say(emulator, 'POST /storage/v1/b?project=p', { headers, body: { name: 'box' } })
})
afterEach(() => emulator.close())

function policy(options: Partial<PostPolicyOptions> = {}): Promise<PostPolicy> {
  return postPolicy({
    signer: emulator.serviceAccount(),
    bucket: 'box',
    object: 'a.txt',
    expiresMs: 60_000,
    clock: emulator.clock,
    endpoint: emulator.url,
    ...options,
  })
}

/** Posts the form as a page does; the file comes last unless there is none. */
function post(
  { url, fields }: PostPolicy,
  change: Readonly<Record<string, string | undefined>> = {},
  file: string | null = 'hello',
): Promise<Told> {
  const sent = Object.entries({ ...fields, ...change }).filter(([, value]) => value !== undefined)
  const form = multipart({
    kind: 'form-data',
    parts: [
      ...sent.map(([name, value]) => ({ name, body: value! })),
      ...(file === null ? [] : [{ name: 'file', fileName: 'a.txt', contentType: 'text/plain', body: file }]),
    ],
  })
  const path = url.replace(/^https?:\/\/[^/]+/, '')
  const told = { ...emulator, url: new URL(url).origin, handle: emulator.handle }
  return say(told, `POST ${path}`, { headers: { 'content-type': form.contentType }, body: form })
}

const stored = async (): Promise<{ name: string }[]> =>
  (await say(emulator, 'GET /storage/v1/b/box/o', { headers })).json.items ?? []

const failureOf = ({ status, text }: Told): (number | string | undefined)[] => [
  status,
  /<Code>(\w+)<\/Code>/.exec(text)?.[1],
  /<Details>(.*)<\/Details>/s.exec(text)?.[1]?.replaceAll('&#34;', '"'),
]

describe('a form', () => {
  test('uploads a file with the fields that its policy names', async () => {
    const made = await policy({
      fields: { 'Content-Type': 'image/png', 'cache-control': 'no-store', 'x-goog-meta-who': 'Zoë' },
      conditions: [
        ['content-length-range', 5, 5],
        ['starts-with', '$x-goog-meta-when', '20'],
      ],
    })
    expect(made.url).toBe(`${emulator.url}/box/`)
    const told = await post(made, { 'x-goog-meta-when': '2026', 'x-ignore-me': 'anything' })
    expect([told.status, told.text]).toEqual([204, ''])
    expect(await stored()).toMatchObject([
      {
        name: 'a.txt',
        size: '5',
        crc32c: 'mnG7TA==',
        contentType: 'image/png',
        cacheControl: 'no-store',
        metadata: { who: 'Zoë', when: '2026' },
      },
    ])
  })

  test.each([
    ['200', 200, ''],
    ['201', 201, '<Bucket>box</Bucket><Key>a &#60;b&#62;</Key>'],
    ['204', 204, ''],
    ['302', 204, ''],
  ])('answers %s as it is asked to', async (asked, status, text) => {
    const told = await post(await policy({ object: 'a <b>', fields: { success_action_status: asked } }))
    expect([told.status, told.text.includes(text)]).toEqual([status, true])
    expect(told.headers['location']).toBe(`${emulator.url}/box/a%20%3Cb%3E`)
  })

  test('leads back to a page', async () => {
    const fields = { success_action_redirect: 'https://app.example.com/done?x=1' }
    const told = await post(await policy({ fields }))
    expect(told.status).toBe(303)
    const to = new URL(told.headers['location']!)
    expect(to.origin + to.pathname).toBe('https://app.example.com/done')
    expect([...to.searchParams]).toEqual([
      ['x', '1'],
      ['bucket', 'box'],
      ['key', 'a.txt'],
      ['etag', '"5d41402abc4b2a76b9719d911017c592"'],
    ])
  })

  test('goes to any host of the bucket, signed by any key', async () => {
    const signer = await emulator.hmacKey()
    const google = { endpoint: undefined, hostname: 'storage.googleapis.com' }
    for (const place of [google, { ...google, style: 'virtual-hosted' as const }]) {
      expect((await post(await policy({ ...place, signer }))).status).toBe(204)
    }
    expect(await stored()).toHaveLength(1)
  })

  test.each<
    [
      what: string,
      options: Partial<PostPolicyOptions>,
      change: Record<string, string | undefined>,
      why: unknown[],
    ]
  >([
    ['too little', { conditions: [['content-length-range', 6, 9]] }, {}, [400, 'EntityTooSmall', undefined]],
    ['too much', { conditions: [['content-length-range', 0, 4]] }, {}, [400, 'EntityTooLarge', undefined]],
    [
      'another name',
      {},
      { key: 'b.txt' },
      [403, 'AccessDenied', 'Invalid according to Policy: Policy Condition failed: {"key":"a.txt"}'],
    ],
    [
      'another type',
      { conditions: [['starts-with', '$content-type', 'image/']] },
      { 'content-type': 'text/html' },
      [
        403,
        'AccessDenied',
        'Invalid according to Policy: Policy Condition failed: ["starts-with","$content-type","image/"]',
      ],
    ],
    [
      'a field too few',
      { fields: { 'cache-control': 'no-store' } },
      { 'cache-control': undefined },
      [
        403,
        'AccessDenied',
        'Invalid according to Policy: Policy Condition failed: {"cache-control":"no-store"}',
      ],
    ],
    [
      'a field too many',
      {},
      { 'cache-control': 'no-store' },
      [
        403,
        'AccessDenied',
        'Invalid according to Policy: Policy did not reference these fields: cache-control',
      ],
    ],
    [
      'the policy of another bucket',
      { bucket: 'bax' },
      {},
      [403, 'AccessDenied', 'Invalid according to Policy: Policy Condition failed: {"bucket":"bax"}'],
    ],
    ['no key', {}, { key: undefined }, [400, 'MalformedPOSTRequest', 'The form has no field key.']],
    [
      'a policy that says more',
      {},
      { policy: btoa('{"expiration":"2100-01-01T00:00:00Z","conditions":[]}') },
      [403, 'SignatureDoesNotMatch', expect.stringContaining('does not match the signature you provided')],
    ],
    [
      'no policy',
      {},
      { policy: undefined },
      [403, 'AccessDenied', expect.stringContaining('Anonymous caller')],
    ],
    [
      'a signature of nobody',
      {},
      {
        'x-goog-credential': `ada@example.com/20260101/auto/storage/goog4_request`,
        'x-goog-date': '20260101T000000Z',
      },
      [403, 'InvalidSecurity', undefined],
    ],
  ])('with %s is refused, and nothing stays', async (_, options, change, why) => {
    const made = await policy(options)
    expect(failureOf(await post({ ...made, url: `${emulator.url}/box/` }, change))).toEqual(why)
    expect(await stored()).toEqual([])
  })

  test('is refused when its policy has expired', async () => {
    const made = await policy()
    emulator.clock.advance(61_000)
    const told = await post(made)
    expect(failureOf(told).slice(0, 2)).toEqual([400, 'InvalidPolicyDocument'])
    expect(failureOf(told)[2]).toMatch(/^Policy expired at /)
  })

  test('without a file, with a field twice, or cut off is none', async () => {
    const made = await policy()
    expect(failureOf(await post(made, {}, null))).toEqual([
      400,
      'MalformedPOSTRequest',
      'The form has no field file.',
    ])
    expect(failureOf(await post(made, { Key: 'b.txt' }))).toEqual([
      400,
      'MalformedPOSTRequest',
      'The field key is there twice.',
    ])
    const cut = await say(emulator, 'POST /box/', {
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      body: `--b\r\nContent-Disposition: form-data; name="key"\r\n\r\na`,
    })
    expect(failureOf(cut).slice(0, 2)).toEqual([400, 'MalformedPOSTRequest'])
  })
})
