import type { ServerResponse } from 'node:http'
import type { UploadProgress } from 'discokit'
import { createUploadControl, memoryUploadStore, type UploadControl } from 'discokit/media'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { planUpload } from '../../../src/media/upload.ts'
import { CallContext } from '../../../src/transport/call-context.ts'
import type { Handler } from '../../../src/transport/interceptor.ts'
import { RetryBudget } from '../../../src/transport/retry-budget.ts'
import {
  bytesOf,
  connect,
  type Connection,
  connectTo,
  failureOf,
  MANNERS,
  pieces,
  same,
  until,
} from '../connection.ts'
import { rawServer } from '../raw-server.ts'

const K = 262_144
const BYTES = bytesOf(6 * K)
const INSERT = 'storage.objects.insert'

describe.each(MANNERS)('the control of an upload, %s', (manner) => {
  let box: Connection
  let control: UploadControl
  beforeAll(async () => void (box = await connect(manner)))
  afterAll(() => box.close())
  beforeEach(() => {
    box.emulator.journal.clear()
    control = createUploadControl()
  })

  const insert = (media: unknown, upload: object = {}, options: object = {}): Promise<any> =>
    box.storage.objects.insert(
      { bucket: 'box', name: 'a', media },
      { upload: { control, ...upload }, ...options },
    )
  const media = (): unknown => ({
    length: BYTES.length,
    open: (at: number) => pieces(BYTES.subarray(at), 50_000),
  })

  test.each([
    ['in one request', {}],
    ['in chunks', { chunkBytes: K }],
  ])('pauses and resumes %s', async (_, upload) => {
    let paused = 0
    const onProgress = ({ sent }: UploadProgress): void => {
      if (sent < (paused + 1) * 2 * K || sent === BYTES.length) return
      paused++
      control.pause()
      setImmediate(() => {
        expect(control.state).toBe('paused')
        setImmediate(() => control.resume())
      })
    }
    expect(control.state).toBe('waiting')
    const call = insert(media(), upload, { onProgress })
    await until(() => control.state === 'running')
    expect(await call).toMatchObject({ size: String(BYTES.length) })
    expect(paused).toBe(2)
    expect(control.state).toBe('done')
    expect(same(await box.stored('a'), BYTES)).toBe(true)
    const ranges = box.calls(INSERT).map(({ headers }) => headers['content-range'])
    expect(ranges.filter((range) => range?.startsWith('bytes *'))).toHaveLength(2)
  })

  test('paused before it begins, nothing is sent before it is resumed', async () => {
    control.pause()
    const call = insert(media())
    await until(() => control.state === 'paused')
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
    expect(box.calls(INSERT)).toEqual([])
    control.resume()
    expect(await call).toMatchObject({ size: String(BYTES.length) })
  })

  test('while paused an AbortSignal still ends the call', async () => {
    const controller = new AbortController()
    control.pause()
    const call = failureOf(insert(media(), {}, { signal: controller.signal }))
    await until(() => control.state === 'paused')
    controller.abort('enough')
    expect(await call).toBe('enough')
    expect(control.state).toBe('failed')
  })

  test.each(['before', 'while sending', 'while paused'])(
    'aborts %s: the session is cancelled and forgotten',
    async (when) => {
      const store = memoryUploadStore()
      const upload = { store, key: 'mine', chunkBytes: K }
      const reason = { because: 'enough' }
      let aborted: Promise<void> | undefined
      const onProgress = ({ acknowledged }: UploadProgress): void => {
        if (acknowledged < 2 * K || aborted !== undefined) return
        if (when === 'while paused') control.pause()
        aborted = Promise.resolve().then(() => control.abort(reason))
      }
      if (when === 'before') aborted = control.abort(reason)
      expect(await failureOf(insert(media(), upload, { onProgress }))).toBe(reason)
      await aborted
      expect(control.state).toBe('failed')
      expect(await store.get('mine')).toBeUndefined()
      const calls = box.calls(INSERT).map(({ method, status }) => `${method} ${status}`)
      if (when === 'before') expect(calls).toEqual([])
      else expect(calls.at(-1)).toBe('DELETE 499')
      expect((await box.storage.objects.list({ bucket: 'box', prefix: 'never' })).items ?? []).toEqual([])
    },
  )

  test('aborts while the content gives nothing', async () => {
    async function* stuck(): AsyncGenerator<Uint8Array, void, undefined> {
      yield BYTES.subarray(0, K + 1)
      await new Promise(() => {})
    }
    const call = failureOf(insert(stuck(), { chunkBytes: K }))
    await until(() => box.calls(INSERT).some(({ method }) => method === 'PUT'))
    await control.abort('enough')
    expect(await call).toBe('enough')
    expect(box.calls(INSERT).at(-1)).toMatchObject({ method: 'DELETE', status: 499 })
  })

  test('gives the progress to those who iterate over it', async () => {
    const seen: UploadProgress[] = []
    const reading = (async () => {
      for await (const progress of control.progress()) seen.push(progress)
    })()
    await insert(media(), { chunkBytes: K })
    await reading
    expect(seen.length).toBeGreaterThan(6)
    expect(seen.at(-1)).toMatchObject({ sent: BYTES.length, acknowledged: BYTES.length, total: BYTES.length })
    expect(seen.every(({ acknowledged }, i) => i === 0 || acknowledged >= seen[i - 1]!.acknowledged)).toBe(
      true,
    )
    const late: UploadProgress[] = []
    for await (const progress of control.progress()) late.push(progress)
    expect(late).toEqual([seen.at(-1)])
  })

  test('tells rate and time left', async () => {
    const seen: UploadProgress[] = []
    const clock = { nowMs: Date.now() }
    const { storage } = await connectTo(box.emulator.url, {
      ...box.emulator.connect(),
      auth: box.emulator.serviceAccount(),
      clock: { now: () => clock.nowMs },
    })
    const onProgress = (progress: UploadProgress): void => {
      clock.nowMs += 100
      seen.push(progress)
    }
    await storage['objects'].insert(
      { bucket: 'box', name: 'a', media: media() },
      { onProgress, upload: { kind: 'resumable' } },
    )
    expect(seen[0]).toMatchObject({ bytesPerSecond: undefined, remainingMs: undefined })
    const middle = seen[15]!
    expect(middle.bytesPerSecond).toBeGreaterThan(300_000) // a piece of 50,000 bytes in 100 ms
    expect(middle.bytesPerSecond).toBeLessThanOrEqual(500_000)
    expect(middle.remainingMs).toBeCloseTo(
      ((BYTES.length - middle.sent) / middle.bytesPerSecond!) * 1_000,
      -1,
    )
  })

  test('an upload in one request is aborted too', async () => {
    const reason = new Error('enough')
    const onProgress = ({ sent }: UploadProgress): void => {
      if (sent > 2 * K) void control.abort(reason)
    }
    expect(await failureOf(insert(media(), { kind: 'multipart' }, { onProgress }))).toBe(reason)
    expect(control.state).toBe('failed')
    const other = createUploadControl()
    await insert('done', { kind: 'simple', control: other })
    expect(other.state).toBe('done')
  })

  test.each<[string, object, object, object]>([
    ['settings that cannot be', {}, { chunkBytes: 5 }, {}],
    ['a parameter that is missing', { bucket: undefined }, {}, {}],
    ['a signal that was aborted', {}, {}, { signal: AbortSignal.abort('enough') }],
    ['an option that there is not', {}, {}, { colour: 1 }],
    ['a header that cannot be', {}, {}, { headers: { 'a b': 'c' } }],
    ['a time limit that is none', {}, {}, { timeoutMs: -1 }],
    ['a signal that is none', {}, {}, { signal: 7 }],
  ])('ends with a call that is refused for %s', async (_, parameters, upload, options) => {
    const call = box.storage.objects.insert(
      { bucket: 'box', name: 'a', media: 'x', ...parameters },
      { upload: { control, ...upload }, ...options },
    )
    await failureOf(call)
    for await (const _progress of control.progress()) throw new Error('there was no progress')
    expect(control.state).toBe('failed')
    const prepared = box.storage.objects.insert.prepare({ bucket: 'box', name: 'a', media: 'x' })
    const other = createUploadControl()
    const sending = box.google.send(prepared, { upload: { control: other, ...upload }, ...options })
    const isFine = 'bucket' in parameters // prepared with the right ones
    await (isFine ? sending : failureOf(sending))
    const seen: UploadProgress[] = []
    for await (const progress of other.progress()) seen.push(progress)
    expect(other.state).toBe(isFine ? 'done' : 'failed')
    expect(seen).toHaveLength(isFine ? 1 : 0)
  })

  test('a call that is refused because another has its control leaves that alone', async () => {
    control.pause()
    const call = insert(media(), { kind: 'resumable' })
    await until(() => control.state === 'paused')
    expect((await failureOf(insert('x'))).message).toMatch(/serves one upload/)
    expect(control.state).toBe('paused')
    control.resume()
    await call
    expect(control.state).toBe('done')
  })

  test('serves one upload', async () => {
    await insert('x')
    expect((await failureOf(insert('x'))).message).toMatch(/serves one upload/)
  })
})

describe('an upload that is aborted while its server says nothing', () => {
  test('fails at once; abort() waits a moment for the server', async () => {
    const seen: string[] = []
    const server = await rawServer((request, response) => {
      seen.push(request.method!)
      request.resume()
      if (request.method === 'POST') response.writeHead(200, { location: `${server.url}/session` }).end()
    })
    const { google, storage } = await connectTo(server.url)
    const control = createUploadControl()
    const upload = { control, kind: 'resumable' }
    const failure = failureOf(storage['objects'].insert({ bucket: 'b', name: 'a', media: BYTES }, { upload }))
    await until(() => seen.includes('PUT'))
    let settled = false
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    try {
      const aborted = control.abort('enough').then(() => (settled = true))
      expect(await failure).toBe('enough')
      expect(control.state).toBe('failed')
      await until(() => seen.includes('DELETE'))
      expect(settled).toBe(false)
      await vi.advanceTimersByTimeAsync(2_100)
      await aborted
    } finally {
      vi.useRealTimers()
    }
    await google.close()
    await server.close()
  })
})

describe('a transport that holds whole bodies', () => {
  test('is given chunks, also of content that can be opened anywhere', async () => {
    const box = await connect('in process')
    const answers: string[] = []
    const { transport } = box.emulator.connect()
    const handler: Handler = async (request, call) => {
      answers.push(request.headers['content-range'] ?? request.method)
      return transport!(request, call)
    }
    const call = new CallContext({ clock: box.emulator.clock })
    const host = {
      handler,
      once: handler,
      clock: box.emulator.clock,
      budget: new RetryBudget(),
      guard: () => {},
      maxAnswerBytes: undefined,
      holdsBodies: true,
    }
    const headers = await box.emulator
      .serviceAccount()
      .headers({ url: box.emulator.url }, { transport: transport!, clock: box.emulator.clock, call })
    const size = 9 * 1_048_576
    const prepared = box.storage.objects.insert.prepare({
      bucket: 'box',
      name: 'a',
      media: new Uint8Array(size),
    })
    const planned = await planUpload(prepared, {}, call, host)
    const response = await planned.send({ ...planned, headers: { ...planned.headers, ...headers } }, call)
    expect(JSON.parse(await response.body.text())).toMatchObject({ size: String(size) })
    expect(answers).toEqual(['POST', `bytes 0-8388607/${size}`, `bytes 8388608-${size - 1}/${size}`])
    await box.close()
  })
})

describe('the bandwidth of an upload', () => {
  test.each(['simple', 'multipart', 'resumable'])('is kept, %s', async (kind) => {
    const box = await connect('in process')
    const begun = performance.now()
    const upload = { kind, maxBytesPerSecond: 4_000_000 }
    await box.storage.objects.insert({ bucket: 'box', name: 'a', media: BYTES }, { upload })
    const elapsedMs = performance.now() - begun
    expect(elapsedMs).toBeGreaterThan((BYTES.length / 4_000_000) * 1_000 - 260) // which may go at once
    expect(same(await box.stored('a'), BYTES)).toBe(true)
    await box.close()
  })
})

describe('a connection that stalls', () => {
  test('is taken for broken, and the upload goes on', async () => {
    let puts = 0
    let stalled = 0
    let held = Buffer.alloc(0)
    const SIZE = 16_777_216
    const json = (response: ServerResponse): unknown =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"done":true}')
    const server = await rawServer(async (request, response) => {
      if (request.method === 'POST') {
        request.resume()
        return response.writeHead(200, { location: `${server.url}/session` }).end()
      }
      const range = request.headers['content-range']!
      if (range.startsWith('bytes */')) {
        request.resume()
        if (held.length === SIZE) return json(response)
        return response.writeHead(308, held.length > 0 ? { range: `bytes=0-${held.length - 1}` } : {}).end()
      }
      puts++
      if (puts <= 2) {
        stalled++
        request.pause() // takes what the system holds, and no more
        return undefined
      }
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      held = Buffer.concat([held, ...chunks])
      if (held.length === SIZE) return json(response)
      return response.writeHead(308, { range: `bytes=0-${held.length - 1}` }).end()
    })
    const { google, storage } = await connectTo(server.url)
    const upload = { stallTimeoutMs: 250 }
    const call = storage['objects'].insert(
      { bucket: 'b', name: 'a', media: new Uint8Array(SIZE) },
      { upload },
    )
    expect(await call).toEqual({ done: true })
    expect(stalled).toBe(2)
    expect(held).toHaveLength(SIZE)
    await google.close()
    await server.close()
  })

  test('a source that takes its time is none', async () => {
    const box = await connect('over a port')
    async function* slow(): AsyncGenerator<Uint8Array, void, undefined> {
      for (let i = 0; i < 4; i++) {
        await new Promise((resolve) => setTimeout(resolve, 60))
        yield BYTES.subarray(i * K, (i + 1) * K)
      }
    }
    const content = { length: 4 * K, open: () => slow() }
    const upload = { kind: 'resumable', stallTimeoutMs: 40, checksum: false }
    await box.storage.objects.insert({ bucket: 'box', name: 'a', media: content }, { upload })
    expect(box.calls(INSERT).filter(({ method }) => method === 'PUT')).toHaveLength(1)
    await box.close()
  })
})
