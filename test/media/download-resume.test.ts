import type { ServerResponse } from 'node:http'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { type Client, DataLossError, type Download, type DownloadProgress, type UntypedApi } from 'discokit'
import { file } from 'discokit/node'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { bytesOf, connectTo, failureOf, same } from './connection.ts'
import {
  type ContentServer,
  contentServer,
  headersOf,
  type Mishap,
  type ServedContent,
} from './content-server.ts'
import { useFolder } from './folder.ts'

const BYTES = bytesOf(700_000)
const LAST = BYTES.length - 1
const path = useFolder()

let server: ContentServer
let google: Client
let storage: UntypedApi
afterEach(async () => {
  await google.close()
  await server.close()
})

/** A download of a content from a server that meets its requests so. */
async function downloading(
  content: ServedContent,
  mishaps: Mishap[],
  options = {},
  client = {},
): Promise<Download> {
  server = await contentServer(content, ...mishaps)
  const connection = await connectTo(server.url, { retry: { baseDelayMs: 1 }, ...client })
  ;({ google, storage } = connection)
  return storage['objects'].get.download({ bucket: 'b', object: 'o' }, options)
}

const pinned = { bytes: BYTES, generation: '77' }
const tagged = { bytes: BYTES, etag: '"v1"' }

/** A first answer that breaks off, and others that are given by hand. */
const broken = (...others: Mishap[]): Mishap[] => [{ resetAfter: 300_000 }, ...others]

/** An answer with a status, headers and bytes of its own, beside those of the content. */
function by(
  status: number,
  headers: Record<string, string>,
  body: Uint8Array,
  of: ServedContent = pinned,
): Mishap {
  return (_: unknown, response: ServerResponse) => {
    response.writeHead(status, { ...headersOf(of), ...headers })
    response.end(body)
  }
}

describe.each([
  ['a generation', pinned],
  ['a strong ETag', tagged],
])('a download of a version with %s', (_, content) => {
  test.each([0, 1, 65_536, 262_143, 262_144, LAST, BYTES.length])(
    'goes on when the connection is reset after %i bytes',
    async (resetAfter) => {
      const download = await downloading(content, [{ resetAfter }])
      expect(same(await download.bytes(), BYTES)).toBe(true)
    },
  )

  test.each([0, 1, 65_536, 262_144, LAST])(
    'goes on when the connection is closed after %i bytes',
    async (closeAfter) => {
      const download = await downloading(content, [{ closeAfter }])
      expect(same(await download.bytes(), BYTES)).toBe(true)
    },
  )

  test('goes on as often as bytes come in between, and asks for each byte once', async () => {
    const mishaps = Array.from({ length: 30 }, (__, i) => ({ closeAfter: 1_000 * (i + 1) }))
    const download = await downloading(content, mishaps)
    expect(await download.to(file(path('a')))).toMatchObject({ length: BYTES.length, verified: true })
    expect(same(await readFile(path('a')), BYTES)).toBe(true)
    expect(server.requests).toHaveLength(31)
    expect(server.sent()).toBeLessThan(BYTES.length * 1.5) // what waits in memory when it breaks comes again
  })

  test('pins what it goes on with', async () => {
    const download = await downloading(content, broken())
    await download.bytes()
    const [first, second] = server.requests
    expect(first!.url).not.toContain('generation')
    expect(first!.headers).not.toHaveProperty('range')
    expect(second!.headers['range']).toMatch(/^bytes=\d+-$/)
    if ('generation' in content) expect(second!.url).toBe(`${first!.url}&generation=77`)
    else expect(second!.headers).toMatchObject({ 'if-match': '"v1"', 'if-range': '"v1"' })
  })

  test('is a DataLossError when it is another version by then', async () => {
    await writeFile(path('a'), 'old')
    const download = await downloading(content, broken())
    const onward = download.to(file(path('a')), {})
    const changing = vi.waitFor(() => expect(server.requests.length).toBeGreaterThan(0), { interval: 1 })
    await changing
    server.content = { bytes: bytesOf(800_000).fill(1), generation: '78', etag: '"v2"' }
    const failure = await failureOf(onward)
    expect(failure).toBeInstanceOf(DataLossError)
    expect(failure.message).toMatch(/^storage\.objects\.get: the content changed or was deleted while it was/)
    expect(await readdir(path())).toEqual(['a'])
    expect(await readFile(path('a'), 'utf8')).toBe('old')
  })

  test.each([404, 412])('is a DataLossError when the version is refused with %i', async (status) => {
    const download = await downloading(content, broken({ status }))
    expect(await failureOf(download.bytes())).toMatchObject({
      name: 'DataLossError',
      message: expect.stringContaining('changed or was deleted'),
    })
  })

  test('skips what it has when the server gives all of the same version', async () => {
    const download = await downloading(content, broken())
    server.mishaps.push(by(200, { 'content-length': String(BYTES.length) }, BYTES, content))
    expect(same(await download.bytes(), BYTES)).toBe(true)
  })
})

describe('a download that cannot be pinned', () => {
  test.each([
    ['nothing', { bytes: BYTES }],
    ['a weak ETag', { bytes: BYTES, etag: 'W/"v1"' }],
  ])('for it has %s fails when the answer breaks off', async (_, content) => {
    const download = await downloading(content, broken())
    expect(await failureOf(download.bytes())).toMatchObject({ name: 'TransportError', progress: 'answered' })
    expect(server.requests).toHaveLength(1)
  })

  test('begins anew while nothing of it has come', async () => {
    const download = await downloading({ bytes: BYTES }, [{ closeAfter: 0 }, 'reset', { resetAfter: 0 }])
    expect(same(await download.bytes(), BYTES)).toBe(true)
    expect(server.requests).toHaveLength(4)
  })
})

describe('an answer to a range that is not what was asked for is a DataLossError', () => {
  const rest = BYTES.subarray(300_000)
  const range = (first: number, last: number, total: number | string): Record<string, string> => ({
    'content-range': `bytes ${first}-${last}/${total}`,
  })

  test.each<[string, Mishap]>([
    ['206 from another byte', by(206, range(300_001, LAST, BYTES.length), rest.subarray(1))],
    ['206 from the beginning', by(206, range(0, LAST, BYTES.length), BYTES)],
    ['206 of another total', by(206, range(300_000, LAST, BYTES.length + 1), rest)],
    ['206 without a range', by(206, {}, rest)],
    [
      '206 of another generation',
      by(206, { ...range(300_000, LAST, BYTES.length), 'x-goog-generation': '78' }, rest),
    ],
    ['200 of another generation', by(200, { 'x-goog-generation': '78' }, BYTES)],
    ['200 of an unknown version', (_, response) => response.end(BYTES)],
    ['206 with more bytes', by(206, range(300_000, LAST, BYTES.length), bytesOf(400_001))],
    ['206 with other bytes', by(206, range(300_000, LAST, BYTES.length), new Uint8Array(400_000))],
    ['416 of a shorter content', by(416, { 'content-range': 'bytes */300000' }, Buffer.from('{}'))],
  ])('%s', async (_, mishap) => {
    await writeFile(path('a'), 'old')
    const download = await downloading(pinned, [exactly(300_000), mishap])
    expect(await failureOf(download.to(file(path('a'))))).toMatchObject({
      name: 'DataLossError',
      code: 'data_loss',
    })
    expect(await readdir(path())).toEqual(['a'])
    expect(await readFile(path('a'), 'utf8')).toBe('old')
  })

  const unversioned = (): Mishap[] => [
    exactly(300_000),
    (_, response) => {
      response.writeHead(206, range(300_000, LAST, BYTES.length)).end(rest)
    },
  ]
  const uncompared: ServedContent = { ...pinned, headers: { 'x-goog-hash': '' } }

  test.each<[string, ServedContent, object]>([
    ['where nothing is compared', uncompared, {}],
    ['where there is only an ETag', { ...uncompared, generation: undefined, etag: '"v1"' }, {}],
    ['where a range is wanted', pinned, { range: { first: 0 } }],
  ])('206 without a version, %s', async (_, content, options) => {
    const download = await downloading(content, unversioned(), options)
    expect(await failureOf(download.bytes())).toMatchObject({
      name: 'DataLossError',
      message: expect.stringContaining('changed or was deleted'),
    })
  })

  test('but not 206 without a version where the checksum tells', async () => {
    const download = await downloading(pinned, unversioned())
    expect(same(await download.bytes(), BYTES)).toBe(true)
  })

  /** Closes after so many bytes, which the client has by then. */
  function exactly(bytes: number): Mishap {
    return { closeAfter: bytes }
  }
})

describe('a 206 that nobody asked for', () => {
  const part = (range: string, body: Uint8Array, headers = {}): Mishap =>
    by(206, { 'content-range': range, ...headers }, body)

  test('is all of it where its range says so', async () => {
    const all = part(`bytes 0-${LAST}/${BYTES.length}`, BYTES)
    const download = await downloading(pinned, [all])
    expect(await download.to(file(path('a')))).toMatchObject({ length: BYTES.length, verified: true })
    expect(server.requests).toHaveLength(1)
  })

  test.each([{}, { resume: true }])('is a beginning, of which the rest is asked for: %j', async (options) => {
    const some = part(`bytes 0-99/${BYTES.length}`, BYTES.subarray(0, 100))
    const download = await downloading(pinned, [some])
    expect(await download.to(file(path('a')), options)).toMatchObject({ verified: true })
    expect(same(await readFile(path('a')), BYTES)).toBe(true)
    expect(server.requests.map(({ headers }) => headers.range)).toEqual([
      undefined,
      expect.stringMatching(/^bytes=100-/),
    ])
  })

  test('after a break may be less than the rest too', async () => {
    const some = part(`bytes 1000-1099/${BYTES.length}`, BYTES.subarray(1_000, 1_100))
    const download = await downloading(pinned, [{ closeAfter: 1_000 }, some])
    expect(same(await download.bytes(), BYTES)).toBe(true)
    expect(server.requests.at(-1)!.headers.range).toBe('bytes=1100-')
  })

  const elsewhere = `bytes 5-104/${BYTES.length}`
  test.each([
    ['another beginning', part(elsewhere, BYTES.subarray(5, 105))],
    ['no total', part('bytes 0-99/*', BYTES.subarray(0, 100))],
    ['no range', by(206, {}, BYTES)],
  ])('with %s is a DataLossError, and the old file stays', async (_, answer) => {
    await writeFile(path('a'), 'old')
    const download = await downloading(pinned, [answer])
    expect(await failureOf(download.to(file(path('a'))))).toMatchObject({ name: 'DataLossError' })
    expect(await readFile(path('a'), 'utf8')).toBe('old')
  })

  test('without a version is an error where it does not have all', async () => {
    const bare: Mishap = (_, response) => {
      response.writeHead(206, { 'content-range': 'bytes 0-99/1000' }).end(BYTES.subarray(0, 100))
    }
    const download = await downloading(pinned, [bare])
    expect(await failureOf(download.bytes())).toMatchObject({ reason: 'ANSWER_CUT_SHORT' })
  })
})

describe('the end of a content', () => {
  const endless = { ...pinned, length: false, headers: { 'x-goog-stored-content-length': '' } }

  test('is known by 416 when the length was not announced', async () => {
    const download = await downloading({ ...endless, bytes: bytesOf(10) }, [{ closeAfter: 10 }])
    expect(await download.to(file(path('a')))).toMatchObject({ length: 10, verified: true })
    expect(server.requests[1]!.headers['range']).toBe('bytes=10-')
  })

  test('is not taken from an answer in chunks that has no end', async () => {
    const download = await downloading(endless, [{ closeAfter: 500_000 }])
    expect(same(await download.bytes(), BYTES)).toBe(true)
  })

  test('is not taken from an answer with a malformed chunk', async () => {
    const malformed: Mishap = (_, response) => {
      const head = Object.entries({ ...headersOf(pinned), 'transfer-encoding': 'chunked' })
      const lines = head.map(([name, value]) => `${name}: ${value}\r\n`).join('')
      response.socket!.end(
        `HTTP/1.1 200 OK\r\n${lines}\r\n5\r\n${Buffer.from(BYTES.subarray(0, 5)).toString('latin1')}\r\nxyz\r\n`,
        'latin1',
      )
    }
    const download = await downloading(pinned, [malformed])
    expect(same(await download.bytes(), BYTES)).toBe(true)
  })

  test('of an answer that is as long as its connection is taken as it is, and so it says', async () => {
    const closing: Mishap = (_, response) => {
      response.socket!.end('HTTP/1.1 200 OK\r\ncontent-type: a/b\r\nconnection: close\r\n\r\nhello')
    }
    const download = await downloading(pinned, [closing])
    expect(await download.to(file(path('a')))).toMatchObject({ length: 5, verified: false })
  })

  test('that comes too early for the stored length is gone on from', async () => {
    const early = by(200, { connection: 'close' }, BYTES.subarray(0, 1_000))
    const download = await downloading(pinned, [early])
    expect(same(await download.bytes(), BYTES)).toBe(true)
  })

  test.each([
    ['CRC-32C', { 'x-goog-hash': 'crc32c=AAAAAA==' }],
    ['MD5', { 'x-goog-hash': 'md5=XUFAKrxLKna5cZ2REBfFkg==' }],
  ])('is an error when the first answer declared another %s', async (what, headers) => {
    const download = await downloading({ ...pinned, headers }, broken())
    expect(await failureOf(download.bytes())).toMatchObject({
      name: 'DataLossError',
      message: expect.stringContaining(what),
    })
  })
})

describe('the tries of a download', () => {
  test('are counted anew when bytes come, and end with the last failure', async () => {
    const download = await downloading(
      pinned,
      [
        'reset',
        { closeAfter: 10 },
        'reset',
        { status: 503 },
        { closeAfter: 0 },
        { closeAfter: 10 },
        'reset',
        'reset',
        'reset',
        'reset',
        'reset',
      ],
      { retry: { maxAttempts: 5 } },
    )
    expect(await failureOf(download.bytes())).toMatchObject({ name: 'TransportError', reason: 'ECONNRESET' })
    // Five of which the second gave bytes, three more of which none did, and four that follow those that did.
    expect(server.requests).toHaveLength(10)
  })

  test('are as many as the policy says when no byte comes', async () => {
    const mishaps = Array.from({ length: 20 }, (_, i): Mishap => (i % 2 ? 'reset' : { closeAfter: 0 }))
    const download = await downloading(pinned, mishaps, { retry: { maxAttempts: 7 } })
    expect(await failureOf(download.bytes())).toMatchObject({ name: 'TransportError' })
    expect(server.requests).toHaveLength(7)
  })

  test('take of the budget that all calls of the client share, unless bytes came', async () => {
    const mishaps = Array.from({ length: 200 }, (): Mishap => ({ closeAfter: 1 }))
    const download = await downloading(pinned, mishaps)
    expect(same(await download.bytes(), BYTES)).toBe(true)
    server.mishaps = Array.from({ length: 200 }, (): Mishap => 'reset')
    const retry = { maxAttempts: 100, maxDelayMs: 1 }
    const failure = await failureOf(
      storage['objects'].get.download({ bucket: 'b', object: 'o' }, { retry }).bytes(),
    )
    expect(failure).toMatchObject({ name: 'TransportError', retryBudgetExhausted: true })
    expect(server.requests.length - 201).toBeLessThanOrEqual(60)
  })

  test('are left to shouldRetry where there is one', async () => {
    const seen: unknown[] = []
    const shouldRetry = ({ error }: { error?: unknown }): boolean => seen.push(error) < 2
    const download = await downloading(pinned, [{ closeAfter: 5 }, { closeAfter: 5 }], {
      retry: { shouldRetry },
    })
    expect(await failureOf(download.bytes())).toBe(seen[1])
  })
})

describe('a connection that gives nothing', () => {
  const impatient = { stallTimeoutMs: 60 }

  test.each<Mishap>(['stall', { stallAfter: 0 }, { stallAfter: 65_536 }, { stallAfter: LAST }])(
    'is taken for broken: %j',
    async (mishap) => {
      const download = await downloading(pinned, [mishap], impatient)
      expect(same(await download.bytes(), BYTES)).toBe(true)
      await vi.waitFor(async () => expect(await server.connections()).toBeLessThanOrEqual(1))
    },
  )

  test.each<[string, Mishap]>([
    ['headers', 'stall'],
    ['body', { stallAfter: 0 }],
  ])('is a TimeoutError in the end, at the %s', async (phase, mishap) => {
    const download = await downloading(pinned, [mishap, mishap], { ...impatient, retry: { maxAttempts: 2 } })
    expect(await failureOf(download.bytes())).toMatchObject({
      name: 'TimeoutError',
      timeoutMs: 60,
      phase,
      message: expect.stringContaining('nothing came for 60 ms'),
    })
    expect(server.requests).toHaveLength(2)
  })

  test('is not one whose reader takes its time', async () => {
    const download = await downloading(pinned, [], impatient)
    const reader = (download.stream() as ReadableStream<Uint8Array>).getReader()
    let length = (await reader.read()).value!.length
    await new Promise((resolve) => setTimeout(resolve, 150))
    for (let next = await reader.read(); !next.done; next = await reader.read()) length += next.value.length
    expect(length).toBe(BYTES.length)
    expect(server.requests).toHaveLength(1)
  })

  test('ends with the time of the whole download', async () => {
    const stalls = Array.from({ length: 50 }, (): Mishap => 'stall')
    const download = await downloading(pinned, stalls, {
      stallTimeoutMs: 20,
      timeoutMs: 150,
      retry: { maxAttempts: 100 },
    })
    expect(await failureOf(download.bytes())).toMatchObject({ name: 'TimeoutError', timeoutMs: 150 })
  })
})

describe('the progress of a download', () => {
  test('tells the rate and the time that is left, by the clock of the client', async () => {
    let now = 0
    const clock = { now: () => (now += 50) }
    const seen: DownloadProgress[] = []
    const onProgress = (progress: DownloadProgress): void => void seen.push(progress)
    const download = await downloading(pinned, broken(), { onProgress }, { clock })
    await download.bytes()
    expect(seen[0]).toEqual({
      received: 0,
      total: BYTES.length,
      bytesPerSecond: undefined,
      remainingMs: undefined,
    })
    expect(seen.at(-1)).toMatchObject({ received: BYTES.length, remainingMs: 0 })
    const middle = seen[5]!
    expect(middle.bytesPerSecond).toBeGreaterThan(0)
    expect(middle.remainingMs).toBeCloseTo(
      ((BYTES.length - middle.received) / middle.bytesPerSecond!) * 1_000,
      5,
    )
    expect(seen.every(({ received }, i) => i === 0 || received > seen[i - 1]!.received)).toBe(true)
  })
})
