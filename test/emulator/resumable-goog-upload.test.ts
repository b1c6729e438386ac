import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ValidationError } from '../../src/errors.ts'
import { createEmulator, type Emulator } from '../../src/emulator/index.ts'
import { sender, type Sender } from './resumable.ts'
import { at, bytesOf, openStorage, say, type Told } from './speak.ts'

const GRANULE = 256 * 1024
const PATH = '/upload/storage/v1/b/box/o?name=f'

describe.each(['in process', 'over a port'] as const)('X-Goog-Upload, %s', (manner) => {
  let emulator: Emulator
  let send: Sender
  beforeEach(async () => {
    emulator = await openStorage()
    if (manner === 'over a port') await emulator.listen()
    send = sender(emulator, manner)
  })
  afterEach(() => emulator.close())

  function start(headers: Record<string, string> = {}, body = ''): Promise<Told> {
    const command = { 'x-goog-upload-protocol': 'resumable', 'x-goog-upload-command': 'start' }
    return send.say('POST', PATH, { headers: { ...command, ...headers }, body })
  }

  async function begin(headers: Record<string, string> = {}, body = ''): Promise<Speak> {
    const { 'x-goog-upload-url': url } = (await start(headers, body)).headers
    return (command, { offset, bytes = '', headers: more = {} } = {}) =>
      send.to(
        url!,
        'POST',
        {
          'x-goog-upload-command': command,
          ...(offset !== undefined && { 'x-goog-upload-offset': String(offset) }),
          ...more,
        },
        bytes,
      )
  }
  type Speak = (
    command: string,
    options?: { offset?: number; bytes?: string | Uint8Array; headers?: Record<string, string> },
  ) => Promise<Told>

  test('begins with an address, a granularity and a state', async () => {
    const told = await start()
    expect([told.status, told.bytes.length]).toEqual([200, 0])
    expect(told.headers).toMatchObject({
      'x-goog-upload-status': 'active',
      'x-goog-upload-chunk-granularity': String(GRANULE),
      'x-goog-upload-url': expect.stringMatching(
        new RegExp(`^${emulator.url}/upload/storage/v1/b/box/o\\?upload_id=[\\w-]{64}&`),
      ),
    })
    expect(told.headers).not.toHaveProperty('location')
  })

  test('goes on with upload, tells of it with query, and ends with finalize', async () => {
    const content = bytesOf(2 * GRANULE + 5)
    const speak = await begin(
      { 'x-goog-upload-header-content-type': 'image/png', 'content-type': 'application/json' },
      '{"metadata":{"a":"b"}}',
    )
    const first = await speak('upload', { offset: 0, bytes: content.subarray(0, GRANULE) })
    expect([first.status, first.headers['x-goog-upload-status']]).toEqual([200, 'active'])
    expect((await speak('query')).headers).toMatchObject({
      'x-goog-upload-status': 'active',
      'x-goog-upload-size-received': String(GRANULE),
    })
    const last = await speak('upload, finalize', { offset: GRANULE, bytes: content.subarray(GRANULE) })
    expect([last.status, last.headers['x-goog-upload-status']]).toEqual([200, 'final'])
    expect(last.json).toMatchObject({
      size: String(content.length),
      contentType: 'image/png',
      metadata: { a: 'b' },
    })
    const query = await speak('query')
    expect([query.headers['x-goog-upload-status'], query.headers['x-goog-upload-size-received']]).toEqual([
      'final',
      String(content.length),
    ])
    expect(query.json).toEqual(last.json)
    expect(Buffer.compare((await say(emulator, `GET ${at('f')}?alt=media`)).bytes, content)).toBe(0)
  })

  test('finalizes what has come', async () => {
    const speak = await begin()
    await speak('upload', { offset: 0, bytes: bytesOf(GRANULE) })
    expect((await speak('finalize')).json.size).toBe(String(GRANULE))
    expect((await (await begin())('finalize')).json.size).toBe('0')
  })

  test('is cancelled, and says so when asked', async () => {
    const speak = await begin()
    expect((await speak('cancel')).headers['x-goog-upload-status']).toBe('cancelled')
    const query = await speak('query')
    expect([query.status, query.headers['x-goog-upload-status']]).toEqual([200, 'cancelled'])
    expect((await speak('upload, finalize', { offset: 0, bytes: 'x' })).status).toBe(404)
    expect((await say(emulator, `GET ${at('f')}`)).status).toBe(404)
  })

  test('passes over what has come, and refuses gaps and half granules', async () => {
    const content = bytesOf(2 * GRANULE)
    const speak = await begin()
    expect((await speak('upload', { offset: 0, bytes: bytesOf(100) })).status).toBe(400)
    expect((await speak('upload', { offset: GRANULE, bytes: bytesOf(GRANULE) })).status).toBe(400)
    expect((await speak('upload', { bytes: bytesOf(GRANULE) })).status).toBe(400)
    await speak('upload', { offset: 0, bytes: content.subarray(0, GRANULE) })
    await speak('upload, finalize', { offset: 0, bytes: content })
    expect(Buffer.compare((await say(emulator, `GET ${at('f')}?alt=media`)).bytes, content)).toBe(0)
  })

  test('is over, too, when the method refuses it', async () => {
    const speak = await begin({}, '{"crc32c":"AAAAAA=="}')
    const told = await speak('upload, finalize', { offset: 0, bytes: 'hello' })
    expect([told.status, told.headers['x-goog-upload-status']]).toEqual([400, 'final'])
    expect(told.json.error.errors[0].reason).toBe('invalid')
  })

  test('holds to the size that was declared, in the words of Photos as well', async () => {
    for (const name of ['x-goog-upload-header-content-length', 'x-goog-upload-raw-size']) {
      const speak = await begin({ [name]: '5' })
      expect((await speak('upload, finalize', { offset: 0, bytes: 'four' })).status).toBe(400)
      expect((await speak('upload, finalize', { offset: 0, bytes: 'longer' })).status).toBe(400)
      expect((await speak('upload, finalize', { offset: 0, bytes: 'fives' })).status).toBe(200)
    }
    const photos = await begin({ 'x-goog-upload-content-type': 'image/png' })
    expect((await photos('upload, finalize', { offset: 0, bytes: 'x' })).json.contentType).toBe('image/png')
  })

  test.each(['', 'start', 'upload, query', 'burn'])('refuses the command %j', async (command) => {
    const speak = await begin()
    expect((await speak(command)).status).toBe(400)
    expect((await speak('query')).headers['x-goog-upload-status']).toBe('active')
  })

  test('has ways in one request: raw and multipart', async () => {
    const raw = await send.say('POST', PATH, {
      headers: { 'x-goog-upload-protocol': 'raw', 'content-type': 'text/plain' },
      body: 'hello',
    })
    expect(raw.json).toMatchObject({ size: '5', contentType: 'text/plain' })
    const multipart = await send.say('POST', '/upload/storage/v1/b/box/o', {
      headers: { 'x-goog-upload-protocol': 'multipart', 'content-type': 'multipart/related; boundary=B' },
      body: '--B\r\ncontent-type: application/json\r\n\r\n{"name":"g"}\r\n--B\r\n\r\nhello\r\n--B--\r\n',
    })
    expect(multipart.json).toMatchObject({ name: 'g', size: '5' })
    const unknown = await send.say('POST', PATH, { headers: { 'x-goog-upload-protocol': 'pigeon' } })
    expect(unknown.status).toBe(400)
  })
})

test('the granularity is the choice of the emulator', async () => {
  await using emulator = await openStorage({ chunkGranularityBytes: 1000 })
  const send = sender(emulator, 'in process')
  const { headers } = await send.say('POST', PATH, {
    headers: { 'x-goog-upload-protocol': 'resumable', 'x-goog-upload-command': 'start' },
  })
  expect(headers['x-goog-upload-chunk-granularity']).toBe('1000')
  const command = { 'x-goog-upload-command': 'upload', 'x-goog-upload-offset': '0' }
  const told = await send.to(headers['x-goog-upload-url']!, 'POST', command, bytesOf(3000))
  expect(told.headers['x-goog-upload-size-received']).toBe('3000')
  await expect(createEmulator({ chunkGranularityBytes: 0 })).rejects.toThrow(ValidationError)
})
