import { request as httpRequest, type IncomingMessage } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ValidationError } from '../../src/errors.ts'
import { parseInstruction } from '../../src/emulator/instructions.ts'
import type { Emulator } from '../../src/emulator/index.ts'
import { until } from '../media/connection.ts'
import {
  assertion,
  at,
  bytesOf,
  grant,
  JWT_BEARER,
  openStorage,
  say,
  store,
  streamed,
  type Told,
} from './speak.ts'

let emulator: Emulator
beforeEach(async () => {
  // Time stands still unless it is moved.
  emulator = await openStorage({ now: () => Date.UTC(2026, 0, 2) })
})
afterEach(() => emulator.close())

describe('parseInstruction', () => {
  test.each([
    ['return-503', { kind: 'status', status: 503 }],
    ['return-401', { kind: 'status', status: 401 }],
    ['return-503-after-256K', { kind: 'status-after', status: 503, afterBytes: 262144 }],
    ['return-reset-connection', { kind: 'reset-connection' }],
    ['return-broken-stream', { kind: 'broken-stream', afterBytes: undefined }],
    ['return-broken-stream-after-1K', { kind: 'broken-stream', afterBytes: 1024 }],
    ['return-corrupted-data', { kind: 'corrupted-data' }],
    ['return-reset-connection-after-2K', { kind: 'reset-connection-after', afterBytes: 2048 }],
    ['return-reset-connection-after-commit', { kind: 'reset-connection-after-commit' }],
    ['return-broken-stream-final-chunk-after-100B', { kind: 'broken-final-chunk', afterBytes: 100 }],
    ['stall-always', { kind: 'stall', forMs: 10_000, afterBytes: 0 }],
    ['stall-at-256KiB', { kind: 'stall', forMs: 10_000, afterBytes: 262144 }],
    ['stall-for-3s-after-1K', { kind: 'stall', forMs: 3_000, afterBytes: 1024 }],
  ])('reads %s', (instruction, fault) => {
    expect(parseInstruction(instruction)).toEqual(fault)
  })

  test.each(['', 'return', 'return-200', 'return-5', 'return-503-after-K', 'return-broken-stream-after-1M'])(
    'refuses %j',
    (instruction) => {
      expect(() => parseInstruction(instruction)).toThrow(ValidationError)
    },
  )
})

describe('fail', () => {
  test('refuses instructions and methods that there are not, and then changes nothing', async () => {
    expect(() => emulator.fail('storage.buckets.list', ['return-503', 'explode'])).toThrow(ValidationError)
    expect(() => emulator.fail('storage.buckets.burn', ['return-503'])).toThrow(/storage\.buckets\.burn/)
    expect((await say(emulator, 'GET /storage/v1/b?project=p')).status).toBe(200)
    expect(emulator.unusedFaults()).toEqual({})
  })

  test('tells what no call has met', async () => {
    emulator.fail('storage.buckets.list', ['return-503', 'return-429'])
    emulator.fail('storage.buckets.get', ['return-broken-stream-after-9K'])
    await say(emulator, 'GET /storage/v1/b?project=p')
    await say(emulator, 'GET /storage/v1/b/box')
    expect(emulator.unusedFaults()).toEqual({
      'storage.buckets.list': ['return-429'],
      'storage.buckets.get': ['return-broken-stream-after-9K'],
    })
    emulator.reset()
    expect(emulator.unusedFaults()).toEqual({})
  })

  test('lets each call of the method meet one instruction, in order, and others none', async () => {
    emulator.fail('storage.buckets.list', ['return-503', 'return-429'])
    emulator.fail('storage.buckets.list', ['return-401'])
    expect((await say(emulator, 'GET /storage/v1/b/box')).status).toBe(200)
    const statuses = []
    for (let i = 0; i < 4; i++) statuses.push((await say(emulator, 'GET /storage/v1/b?project=p')).status)
    expect(statuses).toEqual([503, 429, 401, 200])
  })

  test('is forgotten by a reset', async () => {
    emulator.fail('storage.buckets.list', ['return-503'])
    emulator.reset()
    expect((await say(emulator, 'GET /storage/v1/b?project=p')).status).toBe(200)
  })

  test('reaches the token endpoint as well', async () => {
    emulator.fail('oauth2.token', ['return-503'])
    const fields = { grant_type: JWT_BEARER, assertion: await assertion(emulator) }
    expect((await grant(emulator, fields)).status).toBe(503)
    expect((await grant(emulator, fields)).status).toBe(200)
  })
})

describe('in process', () => {
  test.each([
    ['return-503', 503, 'backendError'],
    ['return-429', 429, 'rateLimitExceeded'],
    ['return-408', 408, 'requestTimeout'],
  ])('%s answers in the form of Google', async (instruction, status, reason) => {
    emulator.fail('storage.buckets.get', [instruction])
    const told = await say(emulator, 'GET /storage/v1/b/box')
    expect([told.status, told.json.error.code, told.json.error.errors[0].reason]).toEqual([
      status,
      status,
      reason,
    ])
  })

  test('return-reset-connection gives no answer', async () => {
    emulator.fail('storage.buckets.get', ['return-reset-connection'])
    await expect(say(emulator, 'GET /storage/v1/b/box')).rejects.toMatchObject({
      name: 'TransportError',
      reason: 'ECONNRESET',
    })
    expect(emulator.journal.exchanges.at(-1)).toMatchObject({
      methodId: 'storage.buckets.get',
      status: undefined,
    })
  })

  async function readUntilBroken(line: string): Promise<[received: number, declared: number]> {
    const response = await emulator.handle({ method: 'GET', url: emulator.url + line, headers: {} })
    let received = 0
    const reading = (async () => {
      for await (const chunk of response.body) received += chunk.length
    })()
    await expect(reading).rejects.toMatchObject({ name: 'TransportError', progress: 'answered' })
    return [received, Number(response.headers['content-length'])]
  }

  test('return-broken-stream breaks an answer off half way, or where it says', async () => {
    await store(emulator, 'f', bytesOf(5000))
    emulator.fail('storage.objects.get', ['return-broken-stream', 'return-broken-stream-after-2K'])
    expect(await readUntilBroken(`${at('f')}?alt=media`)).toEqual([2500, 5000])
    expect(await readUntilBroken(`${at('f')}?alt=media`)).toEqual([2048, 5000])
  })

  test('return-broken-stream lets an answer pass that ends before the place', async () => {
    await store(emulator, 'f', bytesOf(5000))
    emulator.fail('storage.objects.get', ['return-broken-stream-after-9K'])
    expect((await say(emulator, `GET ${at('f')}?alt=media`)).bytes).toHaveLength(5000)
    expect(emulator.unusedFaults()).toEqual({ 'storage.objects.get': ['return-broken-stream-after-9K'] })
  })

  test('is met once, also by calls that run at the same time', async () => {
    await store(emulator, 'f', bytesOf(5000))
    emulator.fail('storage.objects.get', ['return-broken-stream-after-1K', 'return-broken-stream-after-2K'])
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => readUntilBroken(`${at('f')}?alt=media`)))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(emulator.unusedFaults()).toEqual({ 'storage.objects.get': ['return-broken-stream-after-2K'] })
  })

  test('stalls hold an answer up, until the time has passed', async () => {
    await store(emulator, 'f', bytesOf(5000))
    emulator.fail('storage.objects.get', ['stall-for-3s-after-1K', 'stall-always'])
    for (const [sent, forMs] of [
      [1024, 3_000],
      [0, 10_000],
    ] as const) {
      const response = await emulator.handle({
        method: 'GET',
        url: `${emulator.url}${at('f')}?alt=media`,
        headers: {},
      })
      let received = 0
      const reading = (async () => {
        for await (const chunk of response.body) received += chunk.length
      })()
      await until(() => Object.values(emulator.unusedFaults()).flat().length === (sent > 0 ? 1 : 0))
      emulator.clock.advance(forMs - 1)
      for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
      expect(received).toBe(sent)
      emulator.clock.advance(1)
      await reading
      expect(received).toBe(5000)
    }
  })

  test('a reset of the emulator ends stalls', async () => {
    await store(emulator, 'f', bytesOf(5000))
    emulator.fail('storage.objects.get', ['stall-always'])
    const reading = say(emulator, `GET ${at('f')}?alt=media`)
    await until(() => Object.keys(emulator.unusedFaults()).length === 0)
    emulator.reset()
    expect((await reading).bytes).toHaveLength(5000)
  })

  test('x-goog-emulator-instructions is for the call that has it', async () => {
    const asking = { headers: { 'x-goog-emulator-instructions': 'return-503' } }
    for (let i = 0; i < 2; i++)
      expect((await say(emulator, 'GET /storage/v1/b/box', asking)).status).toBe(503)
    expect((await say(emulator, 'GET /storage/v1/b/box')).status).toBe(200)
    for (const instruction of ['explode', 'return-missing-part']) {
      const headers = { 'x-goog-emulator-instructions': instruction }
      const told = await say(emulator, 'GET /storage/v1/b/box', { headers })
      expect([told.status, told.json.error.message]).toEqual([400, expect.stringContaining(instruction)])
    }
  })

  test('return-reset-connection-after-commit loses the answer and not what was done', async () => {
    emulator.fail('storage.buckets.insert', ['return-reset-connection-after-commit'])
    const insert = (): Promise<Told> =>
      say(emulator, 'POST /storage/v1/b?project=p', { body: { name: 'other' } })
    await expect(insert()).rejects.toMatchObject({ reason: 'ECONNRESET' })
    expect(emulator.journal.exchanges.at(-1)).toMatchObject({ status: undefined })
    expect((await insert()).status).toBe(409)
  })

  test('return-corrupted-data changes one bit, while the headers tell the truth and the object stays', async () => {
    const content = bytesOf(5000)
    const truth = (await store(emulator, 'f', content)).json
    emulator.fail('storage.objects.get', ['return-corrupted-data'])
    const spoilt = await say(emulator, `GET ${at('f')}?alt=media`)
    expect(spoilt.bytes.filter((byte, i) => byte !== content[i])).toHaveLength(1)
    expect(spoilt.headers['x-goog-hash']).toBe(`crc32c=${truth.crc32c},md5=${truth.md5Hash}`)
    expect(Buffer.compare((await say(emulator, `GET ${at('f')}?alt=media`)).bytes, content)).toBe(0)
  })

  test('return-503-after-256K answers once so many bytes were read, and stores nothing', async () => {
    emulator.fail('storage.objects.insert', ['return-503-after-256K'])
    let given = 0
    async function* counted(): AsyncGenerator<Uint8Array> {
      for (; given < 64; given++) yield new Uint8Array(64 * 1024)
    }
    expect((await store(emulator, 'f', streamed(counted()))).status).toBe(503)
    expect(given).toBeLessThanOrEqual(4)
    expect((await say(emulator, `GET ${at('f')}`)).status).toBe(404)
  })
})

describe('over a port', () => {
  let port: number
  beforeEach(async () => {
    ;({ port } = await emulator.listen())
  })

  function open(method: string, path: string, body?: Uint8Array): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      httpRequest({ host: '127.0.0.1', port, method, path, agent: false }, resolve)
        .on('error', reject)
        .end(body)
    })
  }

  test('return-reset-connection resets the connection', async () => {
    emulator.fail('storage.buckets.get', ['return-reset-connection'])
    await expect(open('GET', '/storage/v1/b/box')).rejects.toMatchObject({ code: 'ECONNRESET' })
    const next = await open('GET', '/storage/v1/b/box')
    expect(next.statusCode).toBe(200)
    next.resume()
  })

  test('return-broken-stream-after-512K cuts the answer short of its content-length', async () => {
    await store(emulator, 'f', bytesOf(2_000_000))
    emulator.fail('storage.objects.get', ['return-broken-stream-after-512K'])
    const response = await open('GET', `${at('f')}?alt=media`)
    expect(response.headers['content-length']).toBe('2000000')
    let received = 0
    const reading = (async () => {
      for await (const chunk of response) received += (chunk as Buffer).length
    })()
    await expect(reading).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(received).toBe(512 * 1024)
  })

  test('return-503-after-256K answers while the upload is still under way', async () => {
    emulator.fail('storage.objects.insert', ['return-503-after-256K'])
    const path = '/upload/storage/v1/b/box/o?uploadType=media&name=f'
    const response = await open('POST', path, bytesOf(8_000_000))
    expect(response.statusCode).toBe(503)
    response.resume()
    expect((await say(emulator, `GET ${at('f')}`)).status).toBe(404)
  })
})
