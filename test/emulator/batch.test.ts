import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RestDescription } from '../../src/discovery/document.ts'
import { createEmulator, type Emulator } from '../../src/emulator/index.ts'
import { notes } from '../client/notes-document.ts'
import { obtainToken, openStorage, READ_ONLY, say, store, type Told } from './speak.ts'

let emulator: Emulator
beforeEach(async () => {
  emulator = await openStorage()
})
afterEach(() => emulator.close())

const type = 'multipart/mixed; boundary=b'
const part = (message: string, headers = 'Content-Type: application/http\r\n'): string =>
  `--b\r\n${headers}\r\n${message}\r\n`
const get = (path: string): string => `GET ${path} HTTP/1.1\r\n\r\n`

function batch(
  parts: readonly string[],
  path = '/batch/storage/v1',
  headers: Record<string, string> = {},
): Promise<Told> {
  return say(emulator, `POST ${path}`, {
    headers: { 'content-type': type, ...headers },
    body: `${parts.join('')}--b--\r\n`,
  })
}

/** The status of each part of an answer. */
const statuses = ({ text }: Told): number[] =>
  [...text.matchAll(/^HTTP\/1\.1 (\d+) /gm)].map(([, status]) => Number(status))

describe('a batch request', () => {
  test('is answered part by part, with the ids that were given', async () => {
    const told = await batch([
      part(get('/storage/v1/b/box?fields=name'), 'Content-Type: application/http\r\nContent-ID: <one+1>\r\n'),
      part(get('/storage/v1/b/nothing')),
    ])
    const boundary = /^multipart\/mixed; boundary=(batch_\S+)$/.exec(told.headers['content-type']!)![1]!
    const [before, first, second, end] = told.text.split(`--${boundary}`)
    expect([before, end]).toEqual(['', '--\r\n'])
    expect(first).toMatch(
      /^\r\nContent-Type: application\/http\r\nContent-ID: <response-one\+1>\r\n\r\nHTTP\/1\.1 200 OK\r\n[\s\S]*content-length: 14\r\n\r\n\{"name":"box"\}\r\n$/,
    )
    expect(second).toMatch(/^\r\nContent-Type: application\/http\r\n\r\nHTTP\/1\.1 404 Not Found\r\n/)
  })

  test('is in the journal with each of its parts', async () => {
    await batch([part(get('/storage/v1/b/box')), part(get('/storage/v1/b/nothing'))])
    expect(
      emulator.journal.exchanges
        .slice(-3)
        .map(({ method, path, status, methodId }) => [method, path, status, methodId]),
    ).toEqual([
      ['GET', '/storage/v1/b/box', 200, 'storage.buckets.get'],
      ['GET', '/storage/v1/b/nothing', 404, 'storage.buckets.get'],
      ['POST', '/batch/storage/v1', 200, 'batch'],
    ])
  })

  test('may be written as libraries of other languages do', async () => {
    const body =
      '--===1==\nContent-Type: application/http\nMIME-Version: 1.0\nContent-Transfer-Encoding: binary\n' +
      'Content-ID: <uuid+ 1>\n\nGET https://storage.googleapis.com/storage/v1/b/box HTTP/1.1\n' +
      'Content-Type: application/json\nMIME-Version: 1.0\n\n\n--===1==--'
    const told = await say(emulator, 'POST /storage.googleapis.com/batch/storage/v1', {
      headers: { 'content-type': 'multipart/mixed; boundary="===1=="' },
      body,
    })
    expect(statuses(told)).toEqual([200])
    expect(told.text).toContain('Content-ID: <response-uuid+ 1>')
  })

  test('gives its headers to the parts that have none of their own', async () => {
    await using strict = await createEmulator()
    const body = `${part(get('/storage/v1/b/box'))}${part(
      'GET /storage/v1/b/box HTTP/1.1\r\nAuthorization: Bearer wrong\r\n\r\n',
    )}--b--`
    const authorization = `Bearer ${await obtainToken(strict, READ_ONLY)}`
    const told = await say(strict, 'POST /batch/storage/v1', {
      headers: { 'content-type': type, authorization },
      body,
    })
    expect(statuses(told)).toEqual([404, 401])
    expect(JSON.stringify(strict.journal.exchanges)).not.toContain(authorization.slice(7))
  })

  test('moves no media, asks no other API, and holds no batch', async () => {
    await store(emulator, 'a')
    const told = await batch([
      part(get('/storage/v1/b/box/o/a?alt=media')),
      part(get('/download/storage/v1/b/box/o/a')),
      part('POST /upload/storage/v1/b/box/o?uploadType=media&name=b HTTP/1.1\r\n\r\nx'),
      part(get('/discovery/v1/apis')),
      part('POST /token HTTP/1.1\r\n\r\n'),
      part('POST /batch/storage/v1 HTTP/1.1\r\n\r\n'),
    ])
    expect(statuses(told)).toEqual([400, 400, 400, 404, 404, 404])
  })

  test.each([
    ['another content type', { 'content-type': 'application/json' }, '{}'],
    ['no boundary', { 'content-type': 'multipart/mixed' }, '--b--'],
    ['nothing in it', { 'content-type': type }, ''],
    ['no parts', { 'content-type': type }, '--b--'],
    ['no end', { 'content-type': type }, part(get('/storage/v1/b/box'))],
    [
      'a part of another type',
      { 'content-type': type },
      `${part(get('/a'), 'Content-Type: text/plain\r\n')}--b--`,
    ],
    ['a part that is no request', { 'content-type': type }, `${part('hello\r\n\r\n')}--b--`],
    [
      'a part without end of headers',
      { 'content-type': type },
      '--b\r\nContent-Type: application/http\r\n--b--',
    ],
    ['101 parts', { 'content-type': type }, `${part(get('/storage/v1/b/box')).repeat(101)}--b--`],
  ])('with %s is refused as a whole', async (_, headers, body) => {
    const told = await say(emulator, 'POST /batch/storage/v1', { headers, body })
    expect([told.status, told.json.error.errors[0].reason]).toEqual([400, 'badRequest'])
  })

  test('may have as many parts as the API takes', async () => {
    const told = await batch(Array(100).fill(part(get('/storage/v1/b/box'))))
    expect(statuses(told)).toEqual(Array(100).fill(200))
  })
})

describe('the batch address', () => {
  test('is that of each document, told apart by host where they share one', async () => {
    const documents: RestDescription[] = [
      { ...notes, batchPath: 'batch' },
      {
        ...notes,
        id: 'other:v1',
        name: 'other',
        rootUrl: 'https://other.googleapis.com/',
        batchPath: 'batch',
      },
    ]
    await using several = await createEmulator({ documents, anonymous: true })
    const ask = (path: string, count = 1): Promise<Told> =>
      say(several, `POST ${path}`, {
        headers: { 'content-type': type },
        body: `${part(get('/notes/v1/notes/1')).repeat(count)}--b--`,
      })
    // The methods are not modelled, which says that they were found.
    expect(statuses(await ask('/batch'))).toEqual([501])
    expect(statuses(await ask('/other.googleapis.com/batch'))).toEqual([501])
    expect(statuses(await ask('/batch', 1_000))).toHaveLength(1_000)
    expect((await ask('/batch', 1_001)).status).toBe(400)
    expect((await ask('/storage.googleapis.com/batch')).status).toBe(404)
    expect((await say(several, 'GET /batch')).status).toBe(404)
  })

  test('has faults of its own, which others have not', async () => {
    emulator.fail('batch', [
      'return-503',
      'return-missing-part',
      'return-repeated-part',
      'return-shuffled-parts',
    ])
    const ask = (): Promise<Told> =>
      batch([part(get('/storage/v1/b/box')), part(get('/storage/v1/b/nothing'))])
    expect((await ask()).status).toBe(503)
    expect(statuses(await ask())).toEqual([404])
    expect(statuses(await ask())).toEqual([200, 404, 200])
    expect(statuses(await ask())).toEqual([404, 200])
    expect(() => emulator.fail('storage.buckets.get', ['return-missing-part'])).toThrow(/for 'batch' only/)
  })
})
