import { type Client, type Download, ValidationError } from 'discokit'
import { afterEach, describe, expect, test } from 'vitest'
import { bytesOf, connectTo, failureOf, same } from './connection.ts'
import {
  type ContentServer,
  contentServer,
  headersOf,
  type Mishap,
  type ServedContent,
} from './content-server.ts'

const BYTES = bytesOf(100_000)
const pinned: ServedContent = { bytes: BYTES, generation: '7' }

let server: ContentServer
let google: Client
afterEach(async () => {
  await google.close()
  await server.close()
})

async function downloading(options: object, content = pinned, ...mishaps: Mishap[]): Promise<Download> {
  server = await contentServer(content, ...mishaps)
  const connection = await connectTo(server.url)
  google = connection.google
  return connection.storage.objects.get.download({ bucket: 'b', object: 'o' }, options)
}

const RANGES: [object, string, Uint8Array][] = [
  [{ first: 0, last: 9 }, 'bytes=0-9', BYTES.subarray(0, 10)],
  [{ first: 99_990 }, 'bytes=99990-', BYTES.subarray(99_990)],
  [{ last: 9 }, 'bytes=0-9', BYTES.subarray(0, 10)],
  [{ first: 5, last: 5 }, 'bytes=5-5', BYTES.subarray(5, 6)],
  [{ first: 90_000, last: 200_000 }, 'bytes=90000-200000', BYTES.subarray(90_000)],
  [{ lastBytes: 10 }, 'bytes=-10', BYTES.subarray(-10)],
  [{ lastBytes: 200_000 }, 'bytes=-200000', BYTES],
  [{}, 'bytes=0-', BYTES],
]

describe('a range of a content', () => {
  test.each(RANGES)('%j is asked for and given', async (range, header, expected) => {
    const download = await downloading({ range })
    expect(same(await download.bytes(), expected)).toBe(true)
    expect(server.requests.map(({ headers }) => headers['range'])).toEqual([header])
  })

  test.each(RANGES)('%j is cut out where the server gives no ranges', async (range, _, expected) => {
    const download = await downloading({ range }, { ...pinned, ranges: false })
    expect(same(await download.bytes(), expected)).toBe(true)
  })

  test.each(RANGES.slice(0, 3))(
    '%j is cut out of what has no announced length',
    async (range, _, expected) => {
      const headers = { 'x-goog-stored-content-length': '' }
      const download = await downloading({ range }, { ...pinned, ranges: false, length: false, headers })
      expect(same(await download.bytes(), expected)).toBe(true)
    },
  )

  test.each([
    [{ first: 10_000, last: 89_999 }, 'bytes=60000-89999', BYTES.subarray(10_000, 90_000)],
    [{ lastBytes: 80_000 }, 'bytes=70000-99999', BYTES.subarray(20_000)],
    [{ first: 10_000 }, 'bytes=60000-99999', BYTES.subarray(10_000)],
  ])('%j is gone on with', async (range, header, expected) => {
    const download = await downloading({ range, retry: { baseDelayMs: 1 } }, pinned, { closeAfter: 50_000 })
    expect(same(await download.bytes(), expected)).toBe(true)
    expect(server.requests[1]!.headers['range']).toBe(header)
  })

  test('in the headers of the call is gone on with too', async () => {
    const options = { headers: { Range: 'bytes=10000-89999' }, retry: { baseDelayMs: 1 } }
    const download = await downloading(options, pinned, { closeAfter: 50_000 })
    expect(same(await download.bytes(), BYTES.subarray(10_000, 90_000))).toBe(true)
    expect(server.requests.map(({ headers }) => headers['range'])).toEqual([
      'bytes=10000-89999',
      'bytes=60000-89999',
    ])
  })

  test('of which the server gives less is asked for until it is whole', async () => {
    const less: Mishap = (_, response) => {
      response.writeHead(206, { ...headersOf(pinned), 'content-range': 'bytes 0-99/100000' })
      response.end(BYTES.subarray(0, 100))
    }
    const download = await downloading({ range: { first: 0, last: 999 } }, pinned, less)
    expect(same(await download.bytes(), BYTES.subarray(0, 1_000))).toBe(true)
  })

  test.each([
    ['begins elsewhere', 'bytes 1-10/100000'],
    ['is longer', 'bytes 0-10/100000'],
    ['is not to be understood', 'bytes 0-9'],
  ])('is a DataLossError when what comes %s', async (_, range) => {
    const wrong: Mishap = (__, response) => {
      response.writeHead(206, { ...headersOf(pinned), 'content-range': range })
      response.end(BYTES.subarray(0, 11))
    }
    const download = await downloading({ range: { first: 0, last: 9 } }, pinned, wrong)
    expect(await failureOf(download.bytes())).toMatchObject({ name: 'DataLossError' })
  })

  test('past the end is the error 416', async () => {
    const download = await downloading({ range: { first: 100_000 } })
    expect(await failureOf(download.bytes())).toMatchObject({ name: 'GoogleApiError', status: 416 })
  })

  test.each<[unknown, string]>([
    [{ first: -1 }, 'range'],
    [{ first: 1.5 }, 'range'],
    [{ first: '1' }, 'range'],
    [{ first: 5, last: 4 }, 'range'],
    [{ lastBytes: 0 }, 'range'],
    [{ lastBytes: 5, first: 1 }, 'range'],
    [{ start: 1 }, 'range'],
    ['bytes=0-1', 'range'],
    [null, 'range'],
  ])('%j is refused before anything is sent', async (range, where) => {
    const download = await downloading({ range })
    const failure = await failureOf(download.bytes())
    expect(failure).toBeInstanceOf(ValidationError)
    expect(failure.problems).toMatchObject([{ path: where }])
    expect(server.requests).toEqual([])
  })
})

test.each([
  [{ decompress: 'no' }, 'decompress'],
  [{ stallTimeoutMs: 0 }, 'stallTimeoutMs'],
  [{ stallTimeoutMs: '5' }, 'stallTimeoutMs'],
  [{ range: { first: 0 }, headers: { Range: 'bytes=0-1' } }, 'headers.range'],
  [{ timeoutMs: -1 }, 'timeoutMs'],
  [{ signal: 1 }, 'signal'],
  [{ retry: { tries: 1 } }, 'retry.tries'],
  [{ stallTimeout: 1 }, 'stallTimeout'],
])('the options %j are refused before anything is sent', async (options, where) => {
  const download = await downloading(options)
  const failure = await failureOf(download.bytes())
  expect(failure).toBeInstanceOf(ValidationError)
  expect(failure.problems).toMatchObject([{ path: where }])
  expect(server.requests).toEqual([])
})
