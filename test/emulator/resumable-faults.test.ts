import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { crc32c, formatCrc32c } from '../../src/protocol/crc32c.ts'
import type { Emulator } from '../../src/emulator/index.ts'
import { until } from '../media/connection.ts'
import { type Resumable, sender } from './resumable.ts'
import { at, bytesOf, openStorage, say } from './speak.ts'

const GRANULE = 256 * 1024
const INSERT = 'storage.objects.insert'

describe.each(['in process', 'over a port'] as const)('faults of resumable uploads, %s', (manner) => {
  let emulator: Emulator
  let begin: () => Promise<Resumable>
  beforeEach(async () => {
    // Time stands still unless it is moved.
    emulator = await openStorage({ now: () => Date.UTC(2026, 0, 2) })
    if (manner === 'over a port') await emulator.listen()
    begin = () => sender(emulator, manner).begin()
  })
  afterEach(() => emulator.close())

  const content = bytesOf(4 * GRANULE + 77)
  const T = content.length
  const chunk = (upload: Resumable, from: number, to: number): ReturnType<Resumable['put']> =>
    upload.put(`bytes ${from}-${to - 1}/${T}`, content.subarray(from, to))

  async function finish(upload: Resumable, from: number): Promise<void> {
    const done = await chunk(upload, from, T)
    expect(done.json.crc32c).toBe(formatCrc32c(crc32c(content)))
  }

  test('each request is a call of the method, that which begins and that which asks too', async () => {
    emulator.fail(INSERT, ['return-503', 'return-429', 'return-408'])
    await expect(begin()).rejects.toThrow('503')
    await expect(begin()).rejects.toThrow('429')
    emulator.fail(INSERT, ['return-408'])
    await expect(begin()).rejects.toThrow('408')
    await expect(begin()).rejects.toThrow('408')
    const upload = await begin()
    emulator.fail(INSERT, ['return-500', 'return-401'])
    expect((await upload.query()).status).toBe(500)
    expect((await chunk(upload, 0, GRANULE)).status).toBe(401)
    expect((await upload.query()).headers).not.toHaveProperty('range')
    await finish(upload, 0)
  })

  test('return-503-after-512K keeps what came before, and waits for the request that gets there', async () => {
    emulator.fail(INSERT, ['return-503-after-512K'])
    const upload = await begin()
    await upload.query()
    expect((await chunk(upload, 0, GRANULE)).status).toBe(308)
    expect(emulator.unusedFaults()).toEqual({ [INSERT]: ['return-503-after-512K'] })
    expect((await chunk(upload, GRANULE, T)).status).toBe(503)
    expect(emulator.unusedFaults()).toEqual({})
    expect((await upload.query()).headers.range).toBe(`bytes=0-${2 * GRANULE - 1}`)
    await finish(upload, 2 * GRANULE)
  })

  test('return-503-after-256K is met at once by a request that begins beyond', async () => {
    const upload = await begin()
    await chunk(upload, 0, 2 * GRANULE)
    emulator.fail(INSERT, ['return-503-after-256K'])
    expect((await chunk(upload, 2 * GRANULE, T)).status).toBe(503)
    expect((await upload.query()).headers.range).toBe(`bytes=0-${2 * GRANULE - 1}`)
    await finish(upload, 2 * GRANULE)
  })

  test('return-reset-connection-after-300K keeps whole granules and gives no answer', async () => {
    emulator.fail(INSERT, ['return-reset-connection-after-300K'])
    const upload = await begin()
    await expect(chunk(upload, 0, T)).rejects.toThrow()
    expect(emulator.unusedFaults()).toEqual({})
    expect((await upload.query()).headers.range).toBe(`bytes=0-${GRANULE - 1}`)
    await finish(upload, GRANULE)
  })

  test('return-reset-connection-after-commit loses the last answer alone, and the object is there', async () => {
    emulator.fail(INSERT, ['return-reset-connection-after-commit'])
    const upload = await begin()
    expect((await chunk(upload, 0, GRANULE)).status).toBe(308)
    await expect(chunk(upload, GRANULE, T)).rejects.toThrow()
    expect(emulator.unusedFaults()).toEqual({})
    const { generation } = (await say(emulator, `GET ${at('f')}`)).json
    expect((await upload.query()).json).toMatchObject({ generation, size: String(T) })
  })

  test('return-broken-stream-final-chunk-after-20B breaks off the last answer alone', async () => {
    emulator.fail(INSERT, ['return-broken-stream-final-chunk-after-20B'])
    const upload = await begin()
    expect((await chunk(upload, 0, GRANULE)).status).toBe(308)
    await expect(chunk(upload, GRANULE, T)).rejects.toThrow()
    expect(emulator.unusedFaults()).toEqual({})
    expect((await upload.query()).json.size).toBe(String(T))
  })

  test('stall-for-60s-after-512K stops taking bytes until the time has passed', async () => {
    emulator.fail(INSERT, ['stall-for-60s-after-512K'])
    const upload = await begin()
    let answered = false
    const sending = chunk(upload, 0, T).finally(() => (answered = true))
    await upload.queryUntil(`bytes=0-${2 * GRANULE - 1}`)
    await until(() => Object.keys(emulator.unusedFaults()).length === 0)
    emulator.clock.advance(59_999)
    expect((await upload.query()).headers.range).toBe(`bytes=0-${2 * GRANULE - 1}`)
    expect(answered).toBe(false)
    emulator.clock.advance(1)
    expect((await sending).json.size).toBe(String(T))
  })

  test('a retry test counts the requests of an upload as calls of its method', async () => {
    const instructions = { [INSERT]: ['return-503-after-256K', 'return-408'] }
    const { id } = (await say(emulator, 'POST /retry_test', { body: { instructions } })).json
    const named = { 'x-retry-test-id': id }
    const upload = await begin()
    expect((await upload.put(`bytes 0-${T - 1}/${T}`, content, named)).status).toBe(503)
    expect((await upload.query()).status).toBe(308)
    expect((await upload.put('bytes */*', '', named)).status).toBe(408)
    expect((await say(emulator, `GET /retry_test/${id}`)).json.completed).toBe(true)
    await finish(upload, GRANULE)
  })

  test('simple uploads meet them too, and store nothing', async () => {
    emulator.fail(INSERT, ['return-reset-connection-after-1K'])
    const send = sender(emulator, manner)
    const path = '/upload/storage/v1/b/box/o?uploadType=media&name=f'
    await expect(send.say('POST', path, { body: content })).rejects.toThrow()
    expect((await say(emulator, `GET ${at('f')}`)).status).toBe(404)
    expect((await send.say('POST', path, { body: content })).status).toBe(200)
  })
})
