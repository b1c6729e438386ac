import { createHmac } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import { ValidationError } from 'discokit'
import { serviceAccount } from 'discokit/auth'
import { signedUrl } from 'discokit/storage'

const key = { accessId: 'GOOG1EEXAMPLE', secret: 'c2VjcmV0' }
const clock = { now: () => Date.parse('2026-11-20T12:34:56.789Z') }
const sign = (options: object = {}): Promise<string> =>
  signedUrl({
    signer: key,
    bucket: 'photos',
    object: 'a b/c.jpg',
    expiresMs: 90_500,
    clock,
    ...options,
  })

describe('signedUrl', () => {
  test('signs with an HMAC key of the day', async () => {
    const query =
      'X-Goog-Algorithm=GOOG4-HMAC-SHA256&X-Goog-Credential=GOOG1EEXAMPLE%2F20261120%2Fauto%2Fstorage%2Fgoog4_request' +
      '&X-Goog-Date=20261120T123456Z&X-Goog-Expires=90&X-Goog-SignedHeaders=host'
    // Of what the documentation calls the canonical request, by `sha256sum`.
    const toSign = [
      'GOOG4-HMAC-SHA256',
      '20261120T123456Z',
      '20261120/auto/storage/goog4_request',
      '53bbea214817e8161f9a1ceca91ef95e6126f06e6f702656952de360c760bd22',
    ]
    const url = await sign()
    expect(url.split('&X-Goog-Signature=')[0]).toBe(
      `https://storage.googleapis.com/photos/a%20b/c.jpg?${query}`,
    )
    const parts = ['20261120', 'auto', 'storage', 'goog4_request', toSign.join('\n')]
    const signature = parts.reduce(
      (secret, part) => createHmac('sha256', secret).update(part).digest(),
      Buffer.from(`GOOG4${key.secret}`),
    )
    expect(url.split('&X-Goog-Signature=')[1]).toBe(signature.toString('hex'))
  })

  test('leads to an emulator that the environment names', async () => {
    vi.stubEnv('DISCOKIT_EMULATOR', 'http://127.0.0.1:9090')
    expect(await sign()).toMatch(/^http:\/\/127\.0\.0\.1:9090\/photos\/a%20b\/c\.jpg\?/)
    expect(await sign({ endpoint: 'https://storage.example.com/' })).toMatch(
      /^https:\/\/storage\.example\.com\/photos/,
    )
    vi.stubEnv('STORAGE_EMULATOR_HOST', 'localhost:4443')
    expect(await sign({ style: 'virtual-hosted' })).toMatch(/^https:\/\/photos\.localhost:4443\/a%20b/)
    vi.stubEnv('STORAGE_EMULATOR_HOST', '')
    vi.stubEnv('DISCOKIT_EMULATOR', 'https://example.com')
    await expect(sign()).rejects.toMatchObject({ problems: [{ path: 'DISCOKIT_EMULATOR' }] })
  })

  test('does not change with headers and parameters that are undefined', async () => {
    const given = { headers: { 'content-type': undefined }, query: { generation: undefined } }
    expect(await sign(given)).toBe(await sign())
  })

  test.each<[options: object, path: string, message: string]>([
    [{ method: 'PATCH' }, 'method', 'must be one of GET, HEAD, PUT, POST, DELETE'],
    [{ bucket: 'a/b' }, 'bucket', 'must be the name of a bucket'],
    [{ bucket: undefined }, 'bucket', 'must be the name of a bucket'],
    [{ object: '' }, 'object', 'must be the name of an object'],
    [{ object: 'a/../b' }, 'object', "has a part '.' or '..', which no address can keep"],
    [{ object: '\ud800' }, 'object', 'has half a character, which UTF-8 cannot say'],
    [{ object: 'é'.repeat(513) }, 'object', 'has more than 1,024 bytes'],
    [
      { expiresMs: 999 },
      'expiresMs',
      'must be a number of milliseconds from a second to seven days (604,800,000)',
    ],
    [
      { expiresMs: 604_800_001 },
      'expiresMs',
      'must be a number of milliseconds from a second to seven days (604,800,000)',
    ],
    [
      { expiresMs: '60' },
      'expiresMs',
      'must be a number of milliseconds from a second to seven days (604,800,000)',
    ],
    [{ headers: { 'a b': 'x' } }, 'headers.a b', 'is not the name of a header'],
    [{ headers: { Host: 'x' } }, 'headers.Host', 'is made of the address'],
    [{ headers: { a: 'x\r\ny: z' } }, 'headers.a', 'must be text that a header may have'],
    [{ headers: { a: '1', A: '2' } }, 'headers.A', 'is given twice'],
    [{ query: { 'x-goog-signature': '1' } }, 'query.x-goog-signature', 'is added by the signature'],
    [{ query: { a: {} } }, 'query.a', 'must be text, a number or a boolean'],
    [{ contentSha256: 'abc' }, 'contentSha256', 'must be 64 hexadecimal digits in lower case'],
    [{ style: 'host' }, 'style', "must be 'path' or 'virtual-hosted'"],
    [{ boundHost: 'cdn.example.com', endpoint: 'x' }, 'endpoint', 'has no meaning beside a boundHost'],
    [{ hostname: 'a/b' }, 'hostname', 'must be a host or an address without a path'],
    [{ hostname: 'a@b' }, 'hostname', 'must be a host or an address without a path'],
    [{ universeDomain: 'example.com/#' }, 'universeDomain', 'must be a host or an address without a path'],
    [
      { signer: {} },
      'signer',
      'must be serviceAccount(…), impersonated(…), { email, signer } or { accessId, secret }',
    ],
    [
      { signer: undefined },
      'signer',
      'must be serviceAccount(…), impersonated(…), { email, signer } or { accessId, secret }',
    ],
    [{ signer: { ...key, secret: '' } }, 'signer', 'has no secret'],
    [
      {
        signer: {
          email: 'a@example.com',
          signer: { algorithm: 'ES256', sign: async (data: Uint8Array) => data },
        },
      },
      'signer',
      'signs with another algorithm than RS256, which is the one that Cloud Storage takes',
    ],
    [{ expires: 5 }, 'expires', 'is not an option'],
  ])('refuses %j', async (options, path, message) => {
    const failure = await sign(options).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ValidationError)
    expect((failure as ValidationError).problems).toMatchObject([{ path, message }])
    expect(JSON.stringify(failure)).not.toContain(key.secret)
  })

  test('refuses a service account whose signer is of another kind', async () => {
    const signer = { algorithm: 'PS256' as const, sign: async (data: Uint8Array) => data }
    const account = serviceAccount({ signer, email: 'robot@p.iam.gserviceaccount.com' })
    await expect(sign({ signer: account })).rejects.toMatchObject({ problems: [{ path: 'signer' }] })
  })

  test('tells of all that is wrong at once', async () => {
    const failure = await sign({ method: 'X', object: '', expiresMs: 0 }).catch((error: unknown) => error)
    expect((failure as ValidationError).problems.map(({ path }) => path)).toEqual([
      'method',
      'object',
      'expiresMs',
    ])
  })
})
