import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { crc32c, formatCrc32c } from '../../src/protocol/crc32c.ts'
import type { Emulator } from '../../src/emulator/index.ts'
import { type Resumable, sender, type Sender } from './resumable.ts'
import { at, bytesOf, openStorage, say, streamed, type Told } from './speak.ts'

const K = 1024
const GRANULE = 256 * K
const WEEK_MS = 7 * 24 * 3_600_000

describe.each(['in process', 'over a port'] as const)('resumable uploads, %s', (manner) => {
  let emulator: Emulator
  let send: Sender
  beforeEach(async () => {
    emulator = await openStorage()
    if (manner === 'over a port') await emulator.listen()
    send = sender(emulator, manner)
  })
  afterEach(() => emulator.close())

  const begin = (options: Parameters<Sender['begin']>[0] = {}): Promise<Resumable> => send.begin(options)

  async function stored(name: string): Promise<Uint8Array> {
    return (await say(emulator, `GET ${at(name)}?alt=media`)).bytes
  }

  test.each(['/upload/storage/v1/b/box/o', '/resumable/upload/storage/v1/b/box/o'])(
    'begin at %s with an address that nobody can guess',
    async (path) => {
      const told = await send.say('POST', `${path}?uploadType=resumable&name=f`)
      expect([told.status, told.bytes.length, told.headers['content-length']]).toEqual([200, 0, '0'])
      const { location } = told.headers
      expect(location).toMatch(
        new RegExp(`^${emulator.url}${path}\\?uploadType=resumable&upload_id=[\\w-]{64}$`),
      )
      expect(told.headers['x-guploader-uploadid']).not.toBe('')
      const again = await send.say('POST', `${path}?uploadType=resumable&name=f`)
      expect(again.headers.location).not.toBe(location)
    },
  )

  test('lead below the host of the API where the request did', async () => {
    const told = await send.say(
      'POST',
      '/storage.googleapis.com/upload/storage/v1/b/box/o?uploadType=resumable&name=f',
    )
    expect(told.headers.location).toContain(
      `${emulator.url}/storage.googleapis.com/upload/storage/v1/b/box/o?`,
    )
    const done = await send.to(told.headers.location!, 'PUT', {}, 'hello')
    expect(done.json).toMatchObject({ name: 'f', size: '5' })
  })

  test('take the whole in one request, whatever form its Content-Range has', async () => {
    const content = bytesOf(300 * K)
    const T = content.length
    for (const range of [undefined, `bytes 0-${T - 1}/${T}`, `bytes 0-*/${T}`, 'bytes 0-*/*']) {
      const upload = await begin({ metadata: { contentType: 'image/png' } })
      const done = await upload.put(range, content)
      expect([range, done.status, done.json.size, done.json.contentType]).toEqual([
        range,
        200,
        String(T),
        'image/png',
      ])
      expect(Buffer.compare(await stored('f'), content)).toBe(0)
    }
  })

  test('take chunks, tell how far they came, and answer the resource at the end', async () => {
    const content = bytesOf(2 * GRANULE + 5)
    const upload = await begin({ headers: { 'x-upload-content-type': 'text/x-test' } })
    const first = await upload.put(`bytes 0-${GRANULE - 1}/*`, content.subarray(0, GRANULE))
    expect([first.status, first.headers.range, first.bytes.length]).toEqual([
      308,
      `bytes=0-${GRANULE - 1}`,
      0,
    ])
    const second = await upload.put(
      `bytes ${GRANULE}-${2 * GRANULE - 1}/${content.length}`,
      content.subarray(GRANULE, 2 * GRANULE),
    )
    expect(second.headers.range).toBe(`bytes=0-${2 * GRANULE - 1}`)
    expect((await say(emulator, `GET ${at('f')}`)).status).toBe(404)
    const last = await upload.put(
      `bytes ${2 * GRANULE}-${content.length - 1}/${content.length}`,
      content.subarray(2 * GRANULE),
    )
    expect([last.status, last.json]).toMatchObject([
      200,
      {
        name: 'f',
        size: String(content.length),
        contentType: 'text/x-test',
        crc32c: formatCrc32c(crc32c(content)),
        md5Hash: createHash('md5').update(content).digest('base64'),
      },
    ])
    expect(Buffer.compare(await stored('f'), content)).toBe(0)
  })

  test('keep of a chunk that is not the last only whole granules', async () => {
    const upload = await begin()
    const content = bytesOf(GRANULE + 1000)
    const told = await upload.put(`bytes 0-${content.length - 1}/*`, content)
    expect([told.status, told.headers.range]).toEqual([308, `bytes=0-${GRANULE - 1}`])
    const small = await upload.put(`bytes ${GRANULE}-${GRANULE + 99}/*`, bytesOf(100))
    expect([small.status, small.json.error.errors[0].reason]).toEqual([400, 'invalid'])
    const done = await upload.put(
      `bytes ${GRANULE}-${content.length - 1}/${content.length}`,
      content.subarray(GRANULE),
    )
    expect(done.json.crc32c).toBe(formatCrc32c(crc32c(content)))
  })

  test('pass over what they have already', async () => {
    const content = bytesOf(2 * GRANULE)
    const upload = await begin()
    await upload.put(`bytes 0-${GRANULE - 1}/*`, content.subarray(0, GRANULE))
    expect((await upload.put(`bytes 0-${GRANULE - 1}/*`, content.subarray(0, GRANULE))).headers.range).toBe(
      `bytes=0-${GRANULE - 1}`,
    )
    const done = await upload.put(
      `bytes 1000-${content.length - 1}/${content.length}`,
      content.subarray(1000),
    )
    expect(done.status).toBe(200)
    expect(Buffer.compare(await stored('f'), content)).toBe(0)
  })

  test('refuse a gap', async () => {
    const upload = await begin()
    const told = await upload.put(`bytes ${GRANULE}-${2 * GRANULE - 1}/*`, bytesOf(GRANULE))
    expect([told.status, told.json.error.message]).toEqual([
      400,
      expect.stringContaining('beyond the 0 bytes'),
    ])
    expect((await upload.query()).headers).not.toHaveProperty('range')
  })

  test('tell where they stand without ending, and bring no Range before the first bytes', async () => {
    const upload = await begin()
    for (const range of ['bytes */*', 'bytes */1000000']) {
      const told = await upload.put(range)
      expect([told.status, told.headers.range]).toEqual([308, undefined])
    }
    await upload.put(`bytes 0-${GRANULE - 1}/*`, bytesOf(GRANULE))
    for (const range of ['bytes */*', 'bytes */1000000']) {
      expect((await upload.put(range)).headers.range).toBe(`bytes=0-${GRANULE - 1}`)
    }
    const wrong = await upload.put('bytes */*', 'x')
    expect([wrong.status, wrong.json.error.message]).toEqual([400, expect.stringContaining('non-empty body')])
    expect((await upload.query()).status).toBe(308)
  })

  test('end when a total is named that has come, also the one of nothing', async () => {
    const upload = await begin()
    await upload.put(`bytes 0-${GRANULE - 1}/*`, bytesOf(GRANULE))
    expect((await upload.put(`bytes */${GRANULE}`)).json.size).toBe(String(GRANULE))
    for (const range of ['bytes */0', undefined, 'bytes 0-*/*', 'bytes 0-*/0']) {
      const told = await (await begin()).put(range, '')
      expect([range, told.status, told.json.size, told.json.crc32c]).toEqual([range, 200, '0', 'AAAAAA=='])
    }
  })

  test('say X-Http-Status-Code-Override to those who cannot read 308', async () => {
    const upload = await begin()
    const told = await upload.put(`bytes 0-${GRANULE - 1}/*`, bytesOf(GRANULE), {
      'x-guploader-no-308': 'yes',
    })
    expect([told.status, told.headers['x-http-status-code-override'], told.headers.range]).toEqual([
      200,
      '308',
      `bytes=0-${GRANULE - 1}`,
    ])
  })

  test('answer their resource again once they are done, to any request', async () => {
    const upload = await begin()
    const { json } = await upload.put(undefined, 'hello')
    expect((await upload.query()).json).toEqual(json)
    expect((await upload.put('bytes */5')).json).toEqual(json)
    expect((await upload.put('bytes 0-4/5', 'hello')).json).toEqual(json)
    const list = await say(emulator, 'GET /storage/v1/b/box/o')
    expect(list.json.items).toHaveLength(1)
    expect((await upload.delete()).status).toBe(400)
  })

  test('are cancelled with 499, and gone then', async () => {
    const upload = await begin()
    await upload.put(`bytes 0-${GRANULE - 1}/*`, bytesOf(GRANULE))
    expect((await upload.delete()).status).toBe(499)
    expect((await upload.query()).status).toBe(404)
    expect((await upload.put(undefined, 'x')).status).toBe(404)
    expect((await upload.delete()).status).toBe(404)
  })

  test('expire after a week by the clock of the emulator', async () => {
    const upload = await begin()
    emulator.clock.advance(WEEK_MS - 3_600_000)
    expect((await upload.query()).status).toBe(308)
    emulator.clock.advance(3_600_000)
    expect((await upload.query()).status).toBe(410)
  })

  test('are forgotten by a reset', async () => {
    const upload = await begin()
    emulator.reset()
    const told = await upload.query()
    expect([told.status, told.json.error.errors[0].reason]).toEqual([404, 'notFound'])
  })

  test('need no credentials after they began', async () => {
    await emulator.close()
    emulator = await openStorage({ anonymous: false })
    if (manner === 'over a port') await emulator.listen()
    send = sender(emulator, manner)
    const authorization = `Bearer ${emulator.accessToken()}`
    await say(emulator, 'POST /storage/v1/b?project=p', { headers: { authorization }, body: { name: 'box' } })
    expect((await send.say('POST', '/upload/storage/v1/b/box/o?uploadType=resumable&name=f')).status).toBe(
      401,
    )
    const upload = await begin({ headers: { authorization } })
    expect((await upload.put(undefined, 'hello')).json.size).toBe('5')
  })

  test('hold to the size that their beginning declared', async () => {
    const declared = { headers: { 'x-upload-content-length': '5' } }
    for (const [range, body] of [
      [undefined, 'four'],
      [undefined, 'longer'],
      ['bytes 0-3/4', 'four'],
      ['bytes 0-*/*', 'four'],
      ['bytes */0', ''],
    ] as const) {
      const told = await (await begin(declared)).put(range, body)
      expect([range, told.status, told.json.error.errors[0].reason]).toEqual([range, 400, 'invalid'])
    }
    expect((await (await begin(declared)).put('bytes 0-4/*', 'fives')).status).toBe(200)
    expect((await send.say('POST', UPLOAD, { headers: { 'x-upload-content-length': 'many' } })).status).toBe(
      400,
    )
  })

  test.each(['bytes 5-4/10', 'bytes 0-10/10', 'bytes */-1', 'bytes a-b/c', '0-4/5', ''])(
    'refuse the Content-Range %j',
    async (range) => {
      const upload = await begin()
      const told = await upload.put(range, 'hello')
      expect([told.status, told.json.error.errors[0].reason]).toEqual([400, 'invalid'])
      expect((await upload.query()).status).toBe(308)
    },
  )

  test('refuse a body of another length than its Content-Range', async () => {
    for (const body of ['four', 'longer']) {
      const upload = await begin()
      expect((await upload.put('bytes 0-4/5', body)).status).toBe(400)
      expect((await upload.put('bytes 0-4/5', streamed([Buffer.from(body)]))).status).toBe(400)
      expect((await upload.put('bytes 0-4/5', 'hello')).status).toBe(200)
    }
  })

  test('compare checksums of the metadata and of the last request', async () => {
    const right = formatCrc32c(crc32c(Buffer.from('hello')))
    const declared = await begin({ metadata: { crc32c: 'AAAAAA==' } })
    const told = await declared.put(undefined, 'hello')
    expect([told.status, told.json.error.errors[0].reason]).toEqual([400, 'invalid'])
    expect(told.json.error.message).toContain(`calculated CRC32C "${right}"`)
    expect((await say(emulator, `GET ${at('f')}`)).status).toBe(404)
    const hashed = await begin()
    expect(
      (await hashed.put(undefined, 'hello', { 'x-goog-hash': 'md5=AAAAAAAAAAAAAAAAAAAAAA==' })).status,
    ).toBe(400)
    const fine = await begin({ metadata: { crc32c: right } })
    expect((await fine.put(undefined, 'hello', { 'x-goog-hash': `crc32c=${right}` })).status).toBe(200)
  })

  test('check preconditions when they begin, and again when they end', async () => {
    const early = await begin({ query: '&ifGenerationMatch=0' })
    const late = await begin({ query: '&ifGenerationMatch=0' })
    expect((await early.put(undefined, 'one')).status).toBe(200)
    const refused = await send.say('POST', `${UPLOAD}&ifGenerationMatch=0`)
    expect([refused.status, refused.headers.location]).toEqual([412, undefined])
    expect((await late.put(undefined, 'two')).status).toBe(412)
    expect((await late.query()).status).toBe(412)
    expect(Buffer.from(await stored('f')).toString()).toBe('one')
  })

  test('answer only the fields that their beginning asked for', async () => {
    const upload = await begin({ query: '&fields=name,size' })
    expect((await upload.put(undefined, 'hello')).json).toEqual({ name: 'f', size: '5' })
  })

  test('refuse when they begin what cannot be', async () => {
    expect((await send.say('POST', '/upload/storage/v1/b/none/o?uploadType=resumable&name=f')).status).toBe(
      404,
    )
    expect((await send.say('POST', '/upload/storage/v1/b/box/o?uploadType=resumable')).status).toBe(400)
    expect((await send.say('POST', UPLOAD, { body: '{"name":' })).status).toBe(400)
    expect((await send.say('POST', '/storage/v1/b/box/o?uploadType=resumable&name=f')).status).toBe(400)
  })

  test('keep their addresses out of the journal, and count as calls of their method', async () => {
    const upload = await begin()
    await upload.put(undefined, 'hello')
    const id = new URL(upload.url).searchParams.get('upload_id')!
    const refused = await (await begin()).put('bytes 5-4/1', 'x')
    expect(refused.text).not.toContain(refused.headers['x-guploader-uploadid'])
    await upload.query()
    expect(JSON.stringify(emulator.journal.exchanges)).not.toContain(id)
    expect(emulator.journal.exchanges.at(-1)).toMatchObject({
      method: 'PUT',
      path: '/upload/storage/v1/b/box/o?uploadType=resumable&upload_id=REDACTED',
      methodId: 'storage.objects.insert',
      status: 200,
    })
  })

  test('keep whole granules of a request that breaks off', async () => {
    const upload = await begin()
    const content = bytesOf(3 * GRANULE)
    const part = content.subarray(0, 2 * GRANULE + 7000)
    const breakOff = upload.beginPut(`bytes 0-${content.length - 1}/${content.length}`, part, content.length)
    const told = await upload.queryUntil(`bytes=0-${2 * GRANULE - 1}`)
    await breakOff()
    expect((await upload.query()).headers.range).toBe(`bytes=0-${2 * GRANULE - 1}`)
    expect(told.status).toBe(308)
    const done = await upload.put(
      `bytes ${2 * GRANULE}-${content.length - 1}/${content.length}`,
      content.subarray(2 * GRANULE),
    )
    expect(done.json.crc32c).toBe(formatCrc32c(crc32c(content)))
  })

  test('take the same bytes from two requests at once, and are made once', async () => {
    const upload = await begin()
    const content = bytesOf(6 * GRANULE + 9)
    const answers: Told[] = await Promise.all([
      upload.put(undefined, content),
      upload.put(undefined, content),
    ])
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    expect(answers[0]!.json).toEqual(answers[1]!.json)
    expect(Buffer.compare(await stored('f'), content)).toBe(0)
  })
})

const UPLOAD = '/upload/storage/v1/b/box/o?uploadType=resumable&name=f'
