import {
  AuthError,
  DataLossError,
  GoogleApiError,
  ParseError,
  SessionLostError,
  TransportError,
  type MediaInput,
} from 'discokit'
import { memoryUploadStore } from 'discokit/media'
import { describe, expect, test } from 'vitest'
import { crc32c, formatCrc32c } from '../../../src/protocol/crc32c.ts'
import { answer } from '../../client/answers.ts'
import { bytesOf, failureOf, pieces, same } from '../connection.ts'
import { type Arrived, begun, done, type Doing, ORIGIN, scripted, SESSION, stored } from './scripted.ts'

const K = 262_144
const BYTES = bytesOf(4 * K + 100)
const SIZE = BYTES.length
const CRC = formatCrc32c(crc32c(BYTES))
const target = { bucket: 'b', name: 'a' }

interface RunOptions {
  readonly media?: MediaInput
  readonly options?: object
  readonly upload?: object
  readonly client?: object
}

/** Uploads in a session to a server that follows a script, to its end. */
async function run(
  script: readonly (Doing | ((arrived: Arrived) => Doing))[],
  { media = BYTES, options = {}, upload = {}, client = {} }: RunOptions = {},
): Promise<{ arrived: Arrived[]; result?: any; failure?: any }> {
  const { arrived, storage, left } = await scripted(script, client)
  const call = storage['objects'].insert(
    { ...target, media },
    { upload: { kind: 'resumable', ...upload }, ...options },
  )
  const outcome = await Promise.resolve(call).then(
    (result: unknown) => ({ result }),
    (failure: unknown) => ({ failure }),
  )
  expect(left()).toBe(0)
  return { arrived, ...outcome }
}

const ranges = (arrived: readonly Arrived[]): unknown[] =>
  arrived.map(({ method, headers }) => headers['content-range'] ?? method)

describe('a session', () => {
  test('begins with the metadata, and the last bytes declare the checksum', async () => {
    const { storage, arrived } = await scripted([
      begun(),
      stored(4 * K),
      done({ size: String(SIZE), crc32c: CRC }),
    ])
    const body = { name: 'a', contentType: 'image/png' }
    const options = { upload: { kind: 'resumable' }, headers: { 'x-goog-encryption-algorithm': 'AES256' } }
    await storage['objects'].insert({ bucket: 'b', body, ifGenerationMatch: '7', media: BYTES }, options)
    const [start, first, last] = arrived
    expect(start).toMatchObject({
      method: 'POST',
      url: `${ORIGIN}/resumable/upload/storage/v1/b/b/o?uploadType=resumable&ifGenerationMatch=7`,
      headers: {
        'content-type': 'application/json; charset=UTF-8',
        'x-upload-content-type': 'image/png',
        'x-upload-content-length': String(SIZE),
        'x-goog-encryption-algorithm': 'AES256',
      },
    })
    expect(JSON.parse(String(start!.bytes))).toEqual(body)
    expect(first).toMatchObject({
      method: 'PUT',
      url: SESSION,
      headers: {
        'content-range': `bytes 0-${4 * K - 1}/${SIZE}`,
        'content-type': 'image/png',
        'x-goog-encryption-algorithm': 'AES256',
      },
    })
    expect(first!.headers).not.toHaveProperty('x-goog-hash')
    expect(first!.headers).not.toHaveProperty('x-upload-content-length')
    expect(last!.headers).toMatchObject({
      'content-range': `bytes ${4 * K}-${SIZE - 1}/${SIZE}`,
      'x-goog-hash': `crc32c=${CRC}`,
    })
    expect(same(Buffer.concat([first!.bytes, last!.bytes]), BYTES)).toBe(true)
  })

  test('without a checksum is one request for everything', async () => {
    const { arrived, result } = await run([begun(), done()], { upload: { checksum: false } })
    expect(result).toEqual({ name: 'a' })
    expect(ranges(arrived)).toEqual(['POST', `bytes 0-${SIZE - 1}/${SIZE}`])
    expect(same(arrived[1]!.bytes, BYTES)).toBe(true)
  })

  test('of nothing', async () => {
    const { arrived } = await run([begun(), done({ size: '0', crc32c: 'AAAAAA==' })], { media: '' })
    expect(ranges(arrived)).toEqual(['POST', 'bytes */0'])
    expect(arrived[1]!.headers['x-goog-hash']).toBe('crc32c=AAAAAA==')
    expect(arrived[1]!.bytes).toHaveLength(0)
  })

  test('of a stream goes in chunks, of which one is held', async () => {
    let given = 0
    async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
      for await (const piece of pieces(BYTES, 50_000)) {
        given += piece.length
        yield piece
      }
    }
    const before: number[] = []
    const watched =
      (doing: Doing) =>
      (_: Arrived): Doing => {
        before.push(given)
        return doing
      }
    const { arrived } = await run(
      [
        begun(),
        watched(stored(K)),
        watched(stored(2 * K)),
        watched(stored(3 * K)),
        watched(stored(4 * K)),
        done(),
      ],
      { media: source(), upload: { chunkBytes: K } },
    )
    expect(ranges(arrived).slice(1)).toEqual([
      `bytes 0-${K - 1}/*`,
      `bytes ${K}-${2 * K - 1}/*`,
      `bytes ${2 * K}-${3 * K - 1}/*`,
      `bytes ${3 * K}-${4 * K - 1}/*`,
      `bytes ${4 * K}-${SIZE - 1}/${SIZE}`,
    ])
    for (const [i, so] of before.entries()) expect(so).toBeLessThanOrEqual((i + 1) * K + 50_000)
    expect(arrived.at(-1)!.headers['x-goog-hash']).toBe(`crc32c=${CRC}`)
    expect(same(Buffer.concat(arrived.slice(1).map(({ bytes }) => bytes)), BYTES)).toBe(true)
  })

  test('of a stream that ends at the end of a chunk says so with that chunk', async () => {
    const media = pieces(BYTES.subarray(0, 2 * K), 10_000)
    const { arrived } = await run([begun(), stored(K), done()], { media, upload: { chunkBytes: K } })
    expect(ranges(arrived).slice(1)).toEqual([`bytes 0-${K - 1}/*`, `bytes ${K}-${2 * K - 1}/${2 * K}`])
  })

  test('of a stream of one byte at a time holds no more for that', async () => {
    async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
      for (let i = 0; i < 300_000; i++) yield BYTES.subarray(i, i + 1)
    }
    const { arrived } = await run([begun(), stored(K), done()], {
      media: source(),
      upload: { chunkBytes: K },
    })
    expect(same(Buffer.concat(arrived.slice(1).map(({ bytes }) => bytes)), BYTES.subarray(0, 300_000))).toBe(
      true,
    )
  })

  test('sends what the server did not keep of a chunk, in a whole chunk', async () => {
    const { arrived } = await run([begun(), stored(K), stored(3 * K), done()], {
      media: pieces(BYTES, 9_999),
      upload: { chunkBytes: 2 * K },
    })
    expect(ranges(arrived).slice(1)).toEqual([
      `bytes 0-${2 * K - 1}/*`,
      `bytes ${K}-${3 * K - 1}/*`,
      `bytes ${3 * K}-${SIZE - 1}/${SIZE}`,
    ])
    expect(same(arrived[2]!.bytes, BYTES.subarray(K, 3 * K))).toBe(true)
  })

  test('in the other dialect', async () => {
    const active = { 'x-goog-upload-status': 'active' }
    const { arrived, result } = await run(
      [
        answer(200, '', {
          ...active,
          'x-goog-upload-url': SESSION,
          'x-goog-upload-chunk-granularity': String(2 * K),
        }),
        { breakAfter: 3 * K },
        answer(200, '', { ...active, 'x-goog-upload-size-received': String(2 * K) }),
        answer(200, { name: 'a' }, { 'x-goog-upload-status': 'final' }),
      ],
      { upload: { dialect: 'goog-upload', checksum: false } },
    )
    expect(result).toEqual({ name: 'a' })
    expect(arrived.map(({ method, headers }) => [method, headers['x-goog-upload-command']])).toEqual([
      ['POST', 'start'],
      ['POST', 'upload, finalize'],
      ['POST', 'query'],
      ['POST', 'upload, finalize'],
    ])
    expect(arrived[3]!.headers['x-goog-upload-offset']).toBe(String(2 * K))
    expect(same(arrived[3]!.bytes, BYTES.subarray(2 * K))).toBe(true)
  })

  test('takes 308 in the form that fetch can read', async () => {
    const { arrived } = await run([
      begun(),
      answer(200, '', { 'x-http-status-code-override': '308', range: `bytes=0-${4 * K - 1}` }),
      done(),
    ])
    expect(arrived[1]!.headers['x-guploader-no-308']).toBe('yes')
    expect(arrived).toHaveLength(3)
  })
})

describe('after a doubt', () => {
  const whole = { upload: { checksum: false } }

  test.each([0, 1, K - 1, K, 3 * K + 5, SIZE])(
    'a reset after %i bytes: asks, and goes on',
    async (breakAfter) => {
      const kept = Math.floor(breakAfter / K) * K
      const { arrived, result } = await run([begun(), { breakAfter }, stored(kept), done()], whole)
      expect(result).toEqual({ name: 'a' })
      expect(ranges(arrived)).toEqual([
        'POST',
        `bytes 0-${SIZE - 1}/${SIZE}`,
        `bytes */${SIZE}`,
        `bytes ${kept}-${SIZE - 1}/${SIZE}`,
      ])
      expect(arrived[2]!.bytes).toHaveLength(0)
      expect(same(arrived[3]!.bytes, BYTES.subarray(kept))).toBe(true)
    },
  )

  test.each([408, 429, 500, 502, 503, 504])('%i: asks, and goes on', async (status) => {
    const { arrived } = await run([begun(), answer(status), stored(K), done()], whole)
    expect(same(arrived[3]!.bytes, BYTES.subarray(K))).toBe(true)
  })

  test('a start that got no answer is repeated', async () => {
    const { arrived } = await run([{ breakAfter: 0 }, answer(503), begun(), done()], whole)
    expect(ranges(arrived)).toEqual(['POST', 'POST', 'POST', `bytes 0-${SIZE - 1}/${SIZE}`])
  })

  test('the final answer was lost: the question finds the end, and nothing is sent twice', async () => {
    const { arrived, result } = await run([begun(), { breakAfter: SIZE }, done({ name: 'there' })], whole)
    expect(result).toEqual({ name: 'there' })
    expect(arrived).toHaveLength(3)
  })

  test('tries are counted from the last progress', async () => {
    const script = [
      begun(),
      ...[1, 2, 3, 4].flatMap((i) => [{ breakAfter: K }, answer(503), stored(i * K)]),
      done(),
    ]
    const { result } = await run(script, { ...whole, client: { retry: { baseDelayMs: 1, maxAttempts: 3 } } })
    expect(result).toEqual({ name: 'a' })
  })

  test('when the last bytes are lost and nobody can be asked, it may have been stored', async () => {
    const whole = { media: 'abc', client: { retry: { baseDelayMs: 1, maxAttempts: 3 } } }
    const script = [begun(), { breakAfter: 9 }, answer(503), answer(503)]
    const { failure } = await run(script, whole)
    expect(failure).toMatchObject({ name: 'MaybeAppliedError', request: { id: 'storage.objects.insert' } })
    expect(failure.message).toContain('all bytes were sent')
    // Asked, the server said that it has not got them; or a precondition makes it safe to send them again.
    const missing = await run([begun(), { breakAfter: 9 }, stored(0), answer(503), answer(503)], whole)
    expect(missing.failure).toMatchObject({ name: 'GoogleApiError', status: 503 })
    const safe = await run(script, {
      ...whole,
      options: { retry: { idempotent: true, baseDelayMs: 1, maxAttempts: 3 } },
    })
    expect(safe.failure).toMatchObject({ name: 'GoogleApiError', status: 503 })
  })

  test('chunks of a function of unknown length end where it ends', async () => {
    const media = { open: (offset: number) => pieces(BYTES.subarray(offset), 100_000) }
    const script = [begun(), stored(2 * K), stored(4 * K), done()]
    const { arrived } = await run(script, { media, upload: { chunkBytes: 2 * K } })
    expect(ranges(arrived).slice(1)).toEqual([
      `bytes 0-${2 * K - 1}/*`,
      `bytes ${2 * K}-${4 * K - 1}/*`,
      `bytes ${4 * K}-${SIZE - 1}/${SIZE}`,
    ])
  })

  test('without progress the tries come to an end', async () => {
    const client = { retry: { baseDelayMs: 1, maxAttempts: 3 } }
    const answered = await run(
      [begun(), answer(503), answer(503), answer(503, { error: { message: 'no' } })],
      {
        ...whole,
        client,
      },
    )
    expect(answered.failure).toBeInstanceOf(GoogleApiError)
    expect(answered.failure).toMatchObject({ status: 503, serverMessage: 'no', retryable: true })
    const broken = await run([begun(), { breakAfter: 9 }, { breakAfter: 0 }, { breakAfter: 0 }], {
      ...whole,
      client,
    })
    expect(broken.failure).toBeInstanceOf(TransportError)
    const never = await run([begun(), { breakAfter: 9 }], { ...whole, options: { retry: false } })
    expect(never.failure).toBeInstanceOf(TransportError)
    const kept = await run([begun(), stored(0), stored(0), stored(0), stored(0), stored(0)], {
      ...whole,
      client,
    })
    expect(kept.failure).toMatchObject({ reason: 'NOTHING_STORED' })
  })

  test('a wait that the deadline would cut is not begun', async () => {
    const { failure } = await run([begun(), answer(503, '', { 'retry-after': '3600' })], {
      ...whole,
      options: { timeoutMs: 60_000 },
    })
    expect(failure).toMatchObject({ status: 503, retryAfterMs: 3_600_000 })
  })

  test('the same bytes count once in the checksum', async () => {
    const { arrived, result } = await run([
      begun(),
      { breakAfter: 3 * K },
      stored(K),
      { breakAfter: 2 * K },
      stored(2 * K),
      stored(4 * K),
      done({ size: String(SIZE), crc32c: CRC }),
    ])
    expect(result).toMatchObject({ crc32c: CRC })
    expect(arrived.at(-1)!.headers['x-goog-hash']).toBe(`crc32c=${CRC}`)
  })
})

describe('a server that loses bytes', () => {
  const chunks = { upload: { chunkBytes: K } }
  const cancel = (): Doing => answer(499)

  test('a range that shrinks', async () => {
    const { failure, arrived } = await run([begun(), stored(K), stored(K - 1), cancel], chunks)
    expect(failure).toBeInstanceOf(DataLossError)
    expect(failure).toMatchObject({ expected: String(K), actual: String(K - 1) })
    expect(arrived.at(-1)).toMatchObject({ method: 'DELETE', url: SESSION })
  })

  test('a range beyond what was sent, asked for twice', async () => {
    const { failure } = await run([begun(), stored(2 * K), stored(2 * K), cancel], chunks)
    expect(failure).toBeInstanceOf(DataLossError)
    expect(failure).toMatchObject({ expected: String(K), actual: String(2 * K) })
  })

  test('complete too early', async () => {
    const { failure } = await run([begun(), done({ size: String(K) }), cancel], chunks)
    expect(failure).toBeInstanceOf(DataLossError)
  })

  describe('with a store', () => {
    const early = async (...script: Doing[]): Promise<{ result?: any; failure?: any; arrived: Arrived[] }> =>
      run([begun(), ...script], { upload: { store: memoryUploadStore(), chunkBytes: K } })

    test('complete too early is asked about, and believed when the answer shows the whole', async () => {
      for (const metadata of [{ size: String(SIZE) }, { crc32c: CRC }]) {
        const { result, arrived } = await early(done(), done(metadata))
        expect(result).toEqual(metadata)
        expect(ranges(arrived).at(-1)).toBe(`bytes */${SIZE}`)
      }
    })

    test('complete too early, by a mistake, goes on', async () => {
      const { result, arrived } = await early(
        done(),
        stored(K),
        stored(2 * K),
        stored(3 * K),
        stored(4 * K),
        done(),
      )
      expect(result).toEqual({ name: 'a' })
      expect(same(Buffer.concat(arrived.slice(1).map(({ bytes }) => bytes)), BYTES)).toBe(true)
    })

    test.each<[string, Doing[]]>([
      ['complete too early', [done(), done(), cancel()]],
      ['complete too early, in no metadata', [done(), answer(200, 'OK'), cancel()]],
      ['more than was sent', [stored(4 * K), done(), cancel()]],
    ])('%s, when nothing shows the whole', async (_, script) => {
      const { failure, arrived } = await early(...script)
      expect(failure).toBeInstanceOf(DataLossError)
      expect(failure.message).toMatch(/shows neither size nor checksum/)
      expect(arrived.at(-1)!.method).toBe('DELETE')
    })
  })

  test.each([
    ['another checksum', { size: String(SIZE), crc32c: 'AAAAAA==' }],
    ['another size', { size: String(SIZE - 1), crc32c: CRC }],
    ['another size of something with an MD5', { size: '3', md5Checksum: 'x' }],
  ])('%s in the answer', async (_, metadata) => {
    const { failure } = await run([begun(), stored(4 * K), done(metadata), cancel])
    expect(failure).toBeInstanceOf(DataLossError)
    expect(failure.message).toMatch(/what the server stored is not what was sent/)
    const unchecked = await run([begun(), done({ ...metadata, size: String(SIZE) })], {
      upload: { checksum: false },
    })
    expect(unchecked.result).toBeDefined()
  })

  test('a checksum of the caller that the server refuses is no damage', async () => {
    const message = `Provided CRC32C "AAAAAA==" doesn't match calculated CRC32C "${CRC}".`
    const refusal = answer(400, { error: { code: 400, message, errors: [{ reason: 'invalid' }] } })
    const { storage, left } = await scripted([begun(), stored(4 * K), refusal])
    const body = { name: 'a', crc32c: 'AAAAAA==' }
    const upload = { kind: 'resumable' }
    const failure = await failureOf(
      storage['objects'].insert({ bucket: 'b', body, media: BYTES }, { upload }),
    )
    expect(failure).toBeInstanceOf(GoogleApiError)
    expect(failure.message).toContain(message)
    expect(left()).toBe(0)
  })

  test('a declared checksum that the server refuses', async () => {
    const message = `Provided CRC32C "${CRC}" doesn't match calculated CRC32C "AAAAAA==".`
    const refusal = answer(400, { error: { code: 400, message, errors: [{ reason: 'invalid' }] } })
    const { failure } = await run([begun(), stored(4 * K), refusal, cancel])
    expect(failure).toBeInstanceOf(DataLossError)
    expect(failure.message).toMatch(/nothing was stored/)
  })
})

describe('a session that is lost', () => {
  const whole = { upload: { checksum: false } }

  test.each([404, 410])('%i begins anew, once', async (status) => {
    const { arrived, result } = await run(
      [begun(), { breakAfter: K }, answer(status), begun(), done()],
      whole,
    )
    expect(result).toEqual({ name: 'a' })
    expect(same(arrived.at(-1)!.bytes, BYTES)).toBe(true)
    const { failure } = await run([begun(), answer(status), begun(), answer(status)], whole)
    expect(failure).toBeInstanceOf(SessionLostError)
    expect(failure).toMatchObject({ code: 'session_lost', status })
  })

  test('whose content can be read once is an error, unless all of it is still held', async () => {
    const upload = { chunkBytes: K }
    const held = await run([begun(), answer(404), begun(), stored(K), stored(2 * K), done()], {
      media: pieces(BYTES.subarray(0, 2 * K + 5), 30_000),
      upload,
    })
    expect(held.result).toEqual({ name: 'a' })
    const { failure } = await run([begun(), stored(K), answer(410)], { media: pieces(BYTES, 30_000), upload })
    expect(failure).toBeInstanceOf(SessionLostError)
    expect(failure).toMatchObject({ status: 410, acknowledged: K })
  })

  test('after everything was sent, and the new one meets a precondition: nobody knows', async () => {
    const { failure } = await run([begun(), { breakAfter: SIZE }, answer(404), answer(412)], whole)
    expect(failure).toMatchObject({ name: 'MaybeAppliedError' })
    const media = { length: SIZE, open: (offset: number) => pieces(BYTES.subarray(offset), 50_000) }
    const plain = await run([begun(), { breakAfter: K }, answer(404), answer(412)], { ...whole, media })
    expect(plain.failure).toMatchObject({ name: 'PreconditionFailedError', status: 412 })
  })
})

describe('a refusal', () => {
  test.each([400, 403, 412, 413, 501])('%i ends the upload with its error', async (status) => {
    const refusal = answer(status, { error: { code: status, message: 'no', errors: [{ reason: 'why' }] } })
    for (const script of [[refusal], [begun(), refusal]]) {
      const { failure } = await run(script)
      expect(failure).toBeInstanceOf(GoogleApiError)
      expect(failure).toMatchObject({ status, reason: 'why' })
    }
  })

  test.each([
    ['without an address', answer(200)],
    ['with an address that is none', begun('https://')],
    [
      'with an unusable granularity',
      answer(200, '', { 'x-goog-upload-url': SESSION, 'x-goog-upload-chunk-granularity': '0' }),
    ],
  ])('a beginning %s is an error', async (_, first) => {
    const dialect = 'x-goog-upload-url' in first.headers ? 'goog-upload' : 'content-range'
    const { failure } = await run([first], { upload: { dialect } })
    expect(failure).toBeInstanceOf(ParseError)
  })

  test('an unreadable Range is an error', async () => {
    const { failure } = await run([begun(), answer(308, '', { range: 'bytes=5-9' })])
    expect(failure).toBeInstanceOf(ParseError)
  })

  test.each([
    'https://evil.example/upload?upload_id=1',
    'http://storage.googleapis.com/upload?upload_id=1',
    'https://storage.googleapis.com.evil.example/x',
    'https://ada@storage.googleapis.com/x',
    'file:///etc/passwd',
  ])('a session at %s is not asked', async (url) => {
    const { failure, arrived } = await run([begun(url)])
    expect(failure).toBeInstanceOf(AuthError)
    expect(failure).toMatchObject({ reason: 'origin_not_allowed' })
    expect(failure.message).not.toContain('upload_id')
    expect(arrived).toHaveLength(1)
  })

  test('an address without an origin is below the one that was asked', async () => {
    const { arrived } = await run([begun('/somewhere?upload_id=1'), stored(4 * K), done()])
    expect(arrived[1]!.url).toBe(`${ORIGIN}/somewhere?upload_id=1`)
  })
})

describe('the address of a session', () => {
  const secret = /SeSsIoN|secret-in-path/
  const echo = (status: number) => (): Doing =>
    answer(
      status,
      {
        error: { code: status, message: `see ${SESSION} SeSsIoN-SeCrEt-123`, errors: [{ reason: SESSION }] },
      },
      { 'x-guploader-uploadid': 'SeSsIoN-SeCrEt-123', 'retry-after': SESSION },
    )
  const everything = (failure: any): string =>
    [failure.message, failure.stack, JSON.stringify(failure), JSON.stringify(failure.cause ?? {})].join()

  test.each<[string, (Doing | (() => Doing))[]]>([
    ['a refusal', [begun(), echo(400)]],
    ['an unknown session', [begun(), echo(404), begun(), echo(404)]],
    ['a failing server', [begun(), echo(503), echo(503), echo(503)]],
    ['a broken connection', [begun(), { breakAfter: 3 }, { breakAfter: 3 }, { breakAfter: 3 }]],
    ['a path that tells', [begun(`${ORIGIN}/secret-in-path/x`), answer(400, `${ORIGIN}/secret-in-path/x`)]],
    [
      'a part of a path',
      [
        begun(`${ORIGIN}/a/secret-in-path?b=1`),
        answer(400, 'secret-in-path', { 'x-guploader-uploadid': 'secret-in-path' }),
      ],
    ],
    ['an unreadable answer', [begun(), answer(308, '', { range: SESSION })]],
    ['lost bytes', [begun(), stored(4 * K), stored(1), answer(499)]],
  ])('is not in the error of %s', async (_, script) => {
    const { failure } = await run(script, { client: { retry: { baseDelayMs: 1, maxAttempts: 3 } } })
    expect(failure).toBeInstanceOf(Error)
    expect(everything(failure)).not.toMatch(secret)
  })
})

describe('content that changes', () => {
  test.each([
    ['ends early', SIZE - 1],
    ['goes on', SIZE + 1],
  ])('a stream that %s is an error, and the session is given up', async (_, length) => {
    const media = { content: pieces(bytesOf(length), 100_000), length: SIZE }
    const { failure, arrived } = await run([begun(), answer(499)], { media })
    expect(failure).toBeInstanceOf(DataLossError)
    expect(failure).toMatchObject({ expected: String(SIZE) })
    expect(arrived.at(-1)!.method).toBe('DELETE')
  })

  test.each([
    ['shorter', -1],
    ['longer', 1],
  ])('a source that is %s when it is opened again', async (_, difference) => {
    let opened = 0
    const media = {
      length: SIZE,
      open: (offset: number) =>
        pieces(bytesOf(SIZE + (opened++ === 0 ? 0 : difference)).subarray(offset), 100_000),
    }
    const { failure } = await run(
      [begun(), { breakAfter: 2 * K }, stored(K), { breakAfter: SIZE }, answer(499)],
      {
        media,
        upload: { checksum: false },
      },
    )
    expect(failure).toBeInstanceOf(DataLossError)
  })

  test('with the same length is noticed by its checksum', async () => {
    let opened = 0
    const media = {
      length: SIZE,
      open: (offset: number) =>
        pieces((opened++ === 0 ? BYTES : new Uint8Array(SIZE)).subarray(offset), 100_000),
    }
    const taken: Buffer[] = []
    const take =
      (doing: Doing) =>
      ({ bytes }: Arrived): Doing => {
        taken.push(bytes)
        return doing
      }
    const { failure } = await run(
      [
        begun(),
        { breakAfter: 3 * K },
        stored(K),
        take(stored(4 * K)),
        take(
          done({
            size: String(SIZE),
            crc32c: formatCrc32c(crc32c(new Uint8Array(SIZE - K), crc32c(BYTES.subarray(0, K)))),
          }),
        ),
        answer(499),
      ],
      { media },
    )
    expect(failure).toBeInstanceOf(DataLossError)
  })

  test('a source that fails ends the upload with its error', async () => {
    const wrong = new Error('the disk is on fire')
    async function* failing(): AsyncGenerator<Uint8Array, void, undefined> {
      yield BYTES.subarray(0, K + 1)
      throw wrong
    }
    expect((await run([begun()], { media: failing(), upload: { chunkBytes: 2 * K } })).failure).toBe(wrong)
    const opened = await scripted([begun(), { breakAfter: 2 * K }])
    const media = { length: SIZE, open: () => failing() }
    const call = opened.storage['objects'].insert(
      { ...target, media },
      { upload: { kind: 'resumable', checksum: false } },
    )
    expect(await failureOf(call)).toBe(wrong)
  })
})
