import { createHash } from 'node:crypto'
import { storage } from '#platform'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Emulator } from '../../../../src/emulator/index.ts'
import { at, bytesOf, openStorage, say, type Say, store, streamed, type Told } from '../../speak.ts'

let emulator: Emulator
beforeEach(async () => {
  emulator = await openStorage()
})
afterEach(() => emulator.close())

const UPLOAD = '/upload/storage/v1/b/box/o'

describe('uploadType=media', () => {
  test('stores the bytes under the name of the query, with the type of the request', async () => {
    const told = await say(emulator, `POST ${UPLOAD}?uploadType=media&name=f&contentEncoding=identity`, {
      headers: { 'content-type': 'image/png' },
      body: 'hello',
    })
    expect(told.json).toMatchObject({ name: 'f', contentType: 'image/png', contentEncoding: 'identity' })
    expect((await say(emulator, `GET ${at('f')}?alt=media`)).text).toBe('hello')
  })

  test('takes application/octet-stream for a type that is missing', async () => {
    const told = await say(emulator, `POST ${UPLOAD}?uploadType=media&name=f`, { body: 'x' })
    expect(told.json.contentType).toBe('application/octet-stream')
  })

  test('stores an empty object', async () => {
    for (const options of [{}, { body: '' }, { body: new Uint8Array() }, { body: streamed([], 0) }]) {
      const told = await say(emulator, `POST ${UPLOAD}?uploadType=media&name=f`, options)
      expect(told.json).toMatchObject({ size: '0', crc32c: 'AAAAAA==', md5Hash: '1B2M2Y8AsgTpgAmY7PhCfg==' })
    }
  })

  test('needs a name', async () => {
    for (const query of ['', '&name=']) {
      const told = await say(emulator, `POST ${UPLOAD}?uploadType=media${query}`, { body: 'x' })
      expect(told.json.error).toMatchObject({
        code: 400,
        errors: [{ reason: 'required', location: 'name' }],
      })
    }
  })

  test.each(['.', '..', 'a\nb', '.well-known/acme-challenge/x', 'x'.repeat(1025), 'ä'.repeat(513)])(
    'refuses the name %j',
    async (name) => {
      expect((await store(emulator, name)).json.error.errors[0].reason).toBe('invalid')
    },
  )

  test('knows the bucket', async () => {
    const told = await say(emulator, 'POST /upload/storage/v1/b/none/o?uploadType=media&name=f', {
      body: 'x',
    })
    expect(told.status).toBe(404)
  })

  test('computes checksums over many chunks and keeps bytes that are many', async () => {
    const content = bytesOf(3 * 1024 * 1024 + 17)
    const chunks = Array.from({ length: Math.ceil(content.length / 10_007) }, (_, i) =>
      content.subarray(i * 10_007, (i + 1) * 10_007),
    )
    const told = await store(emulator, 'big', streamed(chunks))
    expect(told.json).toMatchObject({
      size: String(content.length),
      md5Hash: createHash('md5').update(content).digest('base64'),
    })
    expect(Buffer.compare((await say(emulator, `GET ${at('big')}?alt=media`)).bytes, content)).toBe(0)
    const range = { headers: { range: 'bytes=1048570-2097160' } }
    const part = await say(emulator, `GET ${at('big')}?alt=media`, range)
    expect(Buffer.compare(part.bytes, content.subarray(1048570, 2097161))).toBe(0)
  })

  test('does not mind a sender that uses its buffer again', async () => {
    const buffer = new Uint8Array(4)
    async function* reused(): AsyncGenerator<Uint8Array> {
      for (let i = 0; i < 4; i++) yield buffer.fill(i)
    }
    await store(emulator, 'f', streamed(reused()))
    const { bytes } = await say(emulator, `GET ${at('f')}?alt=media`)
    expect([...bytes]).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3])
  })
})

describe('uploadType', () => {
  test('must be one of those there are, and the path that of uploads', async () => {
    expect((await say(emulator, `POST ${UPLOAD}?uploadType=x&name=f`)).status).toBe(400)
    for (const path of [UPLOAD, '/storage/v1/b/box/o?uploadType=media']) {
      const told = await say(emulator, `POST ${path}`, { body: 'x' })
      expect(told.json.error.errors[0].reason).toBe('wrongUrlForUpload')
    }
  })
})

describe('uploadType=multipart', () => {
  function multipart(
    parts: readonly (readonly [head: string, body: string])[],
    how: { type?: string; boundary?: string; end?: string; query?: Say['query'] } = {},
  ): Promise<Told> {
    const { type = 'multipart/related', boundary = 'b', end = '\r\n', query = {} } = how
    const text = parts.map(([head, body]) => `--${boundary}${end}${head}${end}${end}${body}${end}`).join('')
    const quoted = /[^\w-]/.test(boundary) ? `"${boundary}"` : boundary
    return say(emulator, `POST ${UPLOAD}`, {
      query: { uploadType: 'multipart', ...query },
      headers: { 'content-type': `${type}; boundary=${quoted}` },
      body: `${text}--${boundary}--${end}`,
    })
  }
  const json = 'Content-Type: application/json; charset=UTF-8'
  const text = 'Content-Type: text/x-test'

  test('stores metadata and media', async () => {
    const metadata = { name: 'grüße', cacheControl: 'no-store', metadata: { a: 'b' }, size: '99' }
    const told = await multipart([
      [json, JSON.stringify(metadata)],
      [text, 'hello'],
    ])
    expect(told.json).toMatchObject({
      ...metadata,
      size: '5',
      contentType: 'text/x-test',
      crc32c: 'mnG7TA==',
    })
  })

  test('prefers the content type and the name that are nearer to the caller', async () => {
    const told = await multipart(
      [
        [json, '{"name":"meta","contentType":"text/from-metadata"}'],
        ['Content-Transfer-Encoding: binary', 'x'],
      ],
      { query: { name: 'query' } },
    )
    expect(told.json).toMatchObject({ name: 'query', contentType: 'text/from-metadata' })
    const unnamed = await multipart([
      [json, '{}'],
      [text, 'x'],
    ])
    expect(unnamed.json.error.errors[0]).toMatchObject({ reason: 'required', location: 'name' })
  })

  test('refuses two content types that differ', async () => {
    const upload = (contentType: string): Promise<Told> =>
      multipart([
        [json, JSON.stringify({ name: 'f', contentType })],
        ['Content-Type: text/x-test;charset=utf-8', 'x'],
      ])
    const told = await upload('image/png')
    expect([told.status, told.json.error?.errors[0].reason]).toEqual([400, 'invalid'])
    expect(told.json.error.message).toContain('(image/png)')
    expect((await upload('Text/X-Test; charset=UTF-8')).status).toBe(200)
  })

  test('refuses metadata that is nested without end', async () => {
    const deep = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`
    for (const metadata of [`{"name":"f","metadata":${deep}}`, `{"name":"f","x":${'['.repeat(200_000)}`]) {
      const told = await multipart([
        [json, metadata],
        [text, 'x'],
      ])
      expect([told.status, told.json.error.code]).toEqual([400, 400])
    }
    await store(emulator, 'f')
    for (const line of [`PATCH ${at('f')}`, 'PATCH /storage/v1/b/box']) {
      expect((await say(emulator, line, { body: `{"metadata":${deep},"labels":${deep}}` })).status).toBe(400)
    }
  })

  test('takes what gcloud sends: bare line feeds, MIME headers, a boundary in single quotes', async () => {
    const boundary = '===============7330845974216740156=='
    const lines = [
      `--${boundary}`,
      'Content-Type: application/json',
      'MIME-Version: 1.0',
      '',
      '{"bucket": "box", "contentType": "text/plain", "name": "f"}',
      `--${boundary}`,
      'Content-Type: text/plain',
      'MIME-Version: 1.0',
      'Content-Transfer-Encoding: binary',
      '',
      'hello\r\n',
      `--${boundary}--`,
      '',
    ]
    const told = await say(emulator, `POST ${UPLOAD}?uploadType=multipart`, {
      headers: { 'content-type': `multipart/related; boundary='${boundary}'` },
      body: lines.join('\n'),
    })
    expect(told.json).toMatchObject({ name: 'f', size: '7', contentType: 'text/plain' })
    expect((await say(emulator, `GET ${at('f')}?alt=media`)).text).toBe('hello\r\n')
  })

  test.each<[string, { type?: string; boundary?: string; end?: string }]>([
    ['a quoted boundary', { boundary: '===============123==' }],
    ['bare line feeds', { end: '\n' }],
    ['form-data', { type: 'multipart/form-data' }],
    ['another case', { type: 'Multipart/Related' }],
  ])('takes %s', async (_, how) => {
    for (const media of ['', 'hello', 'a\r\n', '\r\n', '--', 'x--b', '\n--', '\r\n--=']) {
      const told = await multipart(
        [
          [json, '{"name":"f"}'],
          [`${text}${how.end ?? '\r\n'}Content-Transfer-Encoding: binary`, media],
        ],
        how,
      )
      expect([media, told.status]).toEqual([media, 200])
      expect((await say(emulator, `GET ${at('f')}?alt=media`)).text).toBe(media)
    }
  })

  test('takes the recipe for Python: form-data with two parts named file', async () => {
    const told = await multipart(
      [
        [`Content-Disposition: form-data; name="file"\r\nContent-Type: application/json`, '{"name":"f"}'],
        [
          `Content-Disposition: form-data; name="file"; filename="f.txt"\r\nContent-Type: text/plain`,
          'hello',
        ],
      ],
      { type: 'multipart/form-data' },
    )
    expect(told.json).toMatchObject({ name: 'f', size: '5', contentType: 'text/plain' })
  })

  const meta = [json, '{"name":"f"}'] as const
  const media = [text, 'x'] as const
  test.each([
    ['no part', []],
    ['one part', [meta]],
    ['three parts', [meta, media, media]],
    ['the media first', [media, meta]],
    ['metadata that is no object', [[json, '[]'], media]],
    ['metadata that is no JSON', [[json, '{'], media]],
  ] as const)('refuses %s with 400 and stores nothing', async (_, parts) => {
    const told = await multipart(parts)
    expect(told.status).toBe(400)
    expect((await say(emulator, `GET ${at('f')}`)).status).toBe(404)
  })

  test('says badRequest for a body of another shape', async () => {
    for (const [type, body] of [
      ['application/json', '{}'],
      ['multipart/related', '--b--'],
      ['multipart/related; boundary=b', 'no boundary'],
      ['multipart/related; boundary=b', `--b\r\n${json}\r\n\r\n{"name":"f"}\r\n--b\r\n\r\nno end`],
      ['multipart/related; boundary=b', `--b\r\n${json}\r\n\r\n{"name":"f"}\r\n--b\r\n${text}`],
    ] as const) {
      const told = await say(emulator, `POST ${UPLOAD}?uploadType=multipart`, {
        headers: { 'content-type': type },
        body,
      })
      expect([body, told.json.error?.errors[0].reason]).toEqual([body, 'badRequest'])
    }
    expect((await say(emulator, 'GET /storage/v1/b/box/o')).json).not.toHaveProperty('items')
  })

  test('refuses a transfer encoding that it would store as it is', async () => {
    const told = await multipart([meta, [`${text}\r\nContent-Transfer-Encoding: base64`, 'eA==']])
    expect(told.status).toBe(501)
  })
})

describe('checksums that are declared', () => {
  const good = { crc32c: 'mnG7TA==', md5: 'XUFAKrxLKna5cZ2REBfFkg==' }
  const bad = { crc32c: 'AAAAAA==', md5: '1B2M2Y8AsgTpgAmY7PhCfg==' }
  const simple = (headers: Record<string, string>): Promise<Told> =>
    say(emulator, `POST ${UPLOAD}?uploadType=media&name=f`, { headers, body: 'hello' })
  const multipart = (metadata: object): Promise<Told> =>
    say(emulator, `POST ${UPLOAD}?uploadType=multipart&name=f`, {
      headers: { 'content-type': 'multipart/related; boundary=b' },
      body: `--b\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(metadata)}\r\n--b\r\n\r\nhello\r\n--b--`,
    })

  test('and match are accepted', async () => {
    const hash = `crc32c=${good.crc32c},md5=${good.md5}`
    expect((await simple({ 'x-goog-hash': hash, 'content-md5': good.md5 })).status).toBe(200)
    expect((await multipart({ crc32c: good.crc32c, md5Hash: good.md5 })).status).toBe(200)
  })

  test('and do not match are refused with 400, and what was there before stays', async () => {
    await store(emulator, 'f', 'before')
    const crc32c = `Provided CRC32C "${bad.crc32c}" doesn't match calculated CRC32C "${good.crc32c}".`
    const md5 = `Provided MD5 hash "${bad.md5}" doesn't match calculated MD5 hash "${good.md5}".`
    for (const [attempt, message] of [
      [() => simple({ 'x-goog-hash': `crc32c=${bad.crc32c}` }), crc32c],
      [() => simple({ 'x-goog-hash': `md5=${bad.md5},crc32c=${good.crc32c}` }), md5],
      [() => simple({ 'content-md5': bad.md5 }), md5],
      [() => multipart({ crc32c: bad.crc32c }), crc32c],
      [() => multipart({ md5Hash: bad.md5 }), md5],
    ] as const) {
      const told = await attempt()
      expect([told.status, told.json.error.errors[0].reason]).toEqual([400, 'invalid'])
      expect(told.json.error.message).toBe(message)
      expect((await say(emulator, `GET ${at('f')}?alt=media`)).text).toBe('before')
    }
  })
})

describe('an upload whose body breaks off', () => {
  async function* breaking(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(2 * 1024 * 1024)
    throw new Error('the disk is gone')
  }

  test('has no answer but its own failure, and neither makes nor replaces an object', async () => {
    await expect(store(emulator, 'f', streamed(breaking()))).rejects.toThrow('the disk is gone')
    expect((await say(emulator, `GET ${at('f')}`)).status).toBe(404)
    await store(emulator, 'f', 'before')
    await expect(store(emulator, 'f', streamed(breaking()))).rejects.toThrow('the disk is gone')
    await expect(store(emulator, 'f', streamed([new Uint8Array(3)], 4))).rejects.toMatchObject({
      reason: 'BODY_LENGTH_MISMATCH',
    })
    expect((await say(emulator, `GET ${at('f')}?alt=media`)).text).toBe('before')
  })
})

test('a name with half of a surrogate pair is refused, and the list stays whole', async () => {
  const json = '{"name":"a\\ud800b"}'
  const told = await say(emulator, `POST ${UPLOAD}?uploadType=multipart`, {
    headers: { 'content-type': 'multipart/related; boundary=b' },
    body: `--b\r\nContent-Type: application/json\r\n\r\n${json}\r\n--b\r\n\r\nhello\r\n--b--`,
  })
  expect([told.status, told.json.error?.errors[0].reason]).toEqual([400, 'invalid'])
  expect((await say(emulator, 'GET /storage/v1/b/box/o')).status).toBe(200)
})

test('an upload or a change whose answer cannot be made leaves what was there before', async () => {
  let now = Date.now()
  await using other = await openStorage({ now: () => now })
  await store(other, 'f', 'before')
  now = 8.64e15 + 1 // beyond what a Date can hold
  expect((await store(other, 'f', 'after')).status).toBe(500)
  expect((await say(other, `PATCH ${at('f')}`, { body: { cacheControl: 'no-store' } })).status).toBe(500)
  now = Date.now()
  expect((await say(other, `GET ${at('f')}?alt=media`)).text).toBe('before')
  expect((await say(other, `GET ${at('f')}`)).json).toMatchObject({ metageneration: '1' })
})

test('a key to encrypt with is refused rather than passed over', async () => {
  for (const line of [`POST ${UPLOAD}?uploadType=media&name=f`, `GET ${at('f')}?alt=media`]) {
    const told = await say(emulator, line, { headers: { 'x-goog-encryption-key': 'c2VjcmV0' } })
    expect(told.status).toBe(501)
    expect(told.text).toContain('encryption')
  }
})

test('an object has the storage class of its bucket unless it names another', async () => {
  await say(emulator, 'PATCH /storage/v1/b/box', { body: { storageClass: 'NEARLINE' } })
  expect((await store(emulator, 'f')).json.storageClass).toBe('NEARLINE')
  const headers = { 'content-type': 'multipart/related; boundary=b' }
  const metadata = '{"name":"g","storageClass":"COLDLINE"}'
  const body = `--b\r\nContent-Type: application/json\r\n\r\n${metadata}\r\n--b\r\n\r\nhello\r\n--b--`
  const told = await say(emulator, `POST ${UPLOAD}?uploadType=multipart`, { headers, body })
  expect(told.json.storageClass).toBe('COLDLINE')
})

test('a disk that fails is answered 500, and nothing is stored', async () => {
  const spool = await storage.createSpool()
  spool.write = () => Promise.reject(new Error('no space left on device'))
  vi.spyOn(storage, 'createSpool').mockResolvedValueOnce(spool)
  const told = await store(emulator, 'f', 'x')
  expect(told.json.error).toMatchObject({ code: 500, message: expect.stringContaining('no space left') })
  expect((await say(emulator, `GET ${at('f')}`)).status).toBe(404)
})

test('an object that is replaced while it arrives is judged by what is there at the end', async () => {
  let rival = (): Promise<unknown> => store(emulator, 'f', 'rival')
  async function* slow(): AsyncGenerator<Uint8Array> {
    yield new TextEncoder().encode('late')
    await rival()
  }
  const late = await store(emulator, 'f', streamed(slow()), { ifGenerationMatch: '0' })
  expect(late.status).toBe(412)
  expect((await say(emulator, `GET ${at('f')}?alt=media`)).text).toBe('rival')
  rival = async () => {
    await say(emulator, `DELETE ${at('f')}`)
    await say(emulator, 'DELETE /storage/v1/b/box')
  }
  expect((await store(emulator, 'g', streamed(slow()))).status).toBe(404)
})
