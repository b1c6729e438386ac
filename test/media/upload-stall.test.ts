import { MaybeAppliedError, TransportError } from 'discokit'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { bytesOf, connect, connectTo, failureOf, same } from './connection.ts'
import { type RawServer, rawServer } from './raw-server.ts'
import { begun, done, ORIGIN } from './resumable/scripted.ts'

const MIB = 1_048_576
const BYTES = bytesOf(7 * MIB)

describe.each(['simple', 'multipart'])('a connection that stalls in a %s upload', (kind) => {
  let server: RawServer
  afterEach(() => server.close())

  /** A server that takes nothing, or says nothing, for so many requests. */
  async function stalling(how: 'takes nothing' | 'says nothing', times: number): Promise<() => number> {
    let seen = 0
    server = await rawServer((request, response) => {
      seen++
      const isStalling = seen <= times
      if (isStalling && how === 'takes nothing') {
        request.pause()
        return
      }
      request.resume()
      const answer = (): unknown =>
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"done":true}')
      if (!isStalling) request.on('end', answer)
    })
    return () => seen
  }

  test.each(['takes nothing', 'says nothing'] as const)('because the server %s', async (how) => {
    const seen = await stalling(how, Infinity)
    const { google, storage } = await connectTo(server.url)
    const options = { upload: { kind, stallTimeoutMs: 150 } }
    const failure = await failureOf(
      storage['objects'].insert({ bucket: 'b', name: 'a', media: BYTES }, options),
    )
    expect(failure).toBeInstanceOf(MaybeAppliedError)
    expect(failure.cause).toBeInstanceOf(TransportError)
    expect(failure.cause).toMatchObject({ reason: 'STALLED', progress: 'sent' })
    expect(seen()).toBe(1)
    await google.close()
  })

  test('is a broken one: sent again where it may be', async () => {
    const seen = await stalling('takes nothing', 2)
    const { google, storage } = await connectTo(server.url)
    const target = { bucket: 'b', name: 'a', ifGenerationMatch: '0', media: BYTES }
    const options = { upload: { kind, stallTimeoutMs: 150 } }
    expect(await storage['objects'].insert(target, options)).toEqual({ done: true })
    expect(seen()).toBe(3)
    await google.close()
  })

  /** A server whose answers begin, and do not go on. */
  async function answering(...statuses: number[]): Promise<() => number> {
    let seen = 0
    server = await rawServer((request, response) => {
      const status = statuses[seen++]
      request.resume().on('end', () => {
        response.writeHead(status ?? 200, { 'content-type': 'application/json' })
        if (status === undefined) response.end('{"done":true}')
        else response.write('{"do')
      })
    })
    return () => seen
  }

  test('in the middle of the answer fails, and says that the server had answered', async () => {
    const seen = await answering(200)
    const { google, storage } = await connectTo(server.url)
    const options = { upload: { kind, stallTimeoutMs: 150 } }
    const failure = await failureOf(
      storage['objects'].insert({ bucket: 'b', name: 'a', media: BYTES }, options),
    )
    expect(failure).toMatchObject({ name: 'TransportError', reason: 'STALLED', progress: 'answered' })
    expect(failure.message).toContain('150 ms')
    await vi.waitFor(async () => expect(await server.connections()).toBe(0))
    expect(seen()).toBe(1)
    await google.close()
  })

  test('in the middle of a refusal is that refusal, sent again where it may be', async () => {
    const seen = await answering(503, 400)
    const { google, storage } = await connectTo(server.url)
    const target = { bucket: 'b', name: 'a', ifGenerationMatch: '0', media: BYTES }
    const options = { upload: { kind, stallTimeoutMs: 150 } }
    expect(await failureOf(storage['objects'].insert(target, options))).toMatchObject({ status: 400 })
    expect(seen()).toBe(2)
    await google.close()
  })

  test('is none while nobody reads the answer', async () => {
    server = await rawServer((request, response) => {
      request.resume().on('end', () => response.writeHead(200).end('done'))
    })
    const { google, storage } = await connectTo(server.url)
    const options = { upload: { kind, stallTimeoutMs: 50 } }
    const target = { bucket: 'b', name: 'a', media: BYTES }
    const response = await storage['objects'].insert(target, options).asResponse()
    await new Promise((resolve) => setTimeout(resolve, 120))
    expect(await response.text()).toBe('done')
    await google.close()
  })

  test('is none while the source takes its time', async () => {
    const seen = await stalling('takes nothing', 0)
    const { google, storage } = await connectTo(server.url)
    async function* slow(): AsyncGenerator<Uint8Array, void, undefined> {
      for (let i = 0; i < 3; i++) {
        await new Promise((resolve) => setTimeout(resolve, 80))
        yield BYTES.subarray(0, 1_000)
      }
    }
    const options = { upload: { kind, stallTimeoutMs: 50 } }
    const target = { bucket: 'b', name: 'a', media: slow() }
    expect(await storage['objects'].insert(target, options)).toEqual({ done: true })
    expect(seen()).toBe(1)
    await google.close()
  })
})

describe('an array', () => {
  test.each(['simple', 'multipart', 'resumable'])(
    'goes in pieces, so that each is in time, %s',
    async (kind) => {
      const sizes: number[] = []
      const arrived: Uint8Array[] = []
      const { storage } = await connectTo(ORIGIN, {
        async transport(request) {
          if (typeof request.body === 'object' && 'open' in request.body) {
            for await (const chunk of request.body.open()) {
              sizes.push(chunk.length)
              arrived.push(chunk.slice())
            }
          }
          return kind === 'resumable' && request.method === 'POST' ? begun() : done()
        },
      })
      const upload = { kind, checksum: false }
      await storage['objects'].insert({ bucket: 'b', name: 'a', media: BYTES }, { upload })
      expect(Math.max(...sizes)).toBeLessThanOrEqual(MIB)
      const all = Buffer.concat(arrived)
      const from = kind === 'multipart' ? all.indexOf(BYTES.subarray(0, 64)) : 0
      expect(same(all.subarray(from, from + BYTES.length), BYTES)).toBe(true)
    },
  )
})

test.each([Infinity, 2 ** 40])('a time of %d ms is longer than any timer', async (stallTimeoutMs) => {
  const box = await connect('in process')
  const timers = vi.spyOn(globalThis, 'setTimeout')
  try {
    for (const kind of ['simple', 'resumable']) {
      const upload = { kind, stallTimeoutMs }
      await box.storage.objects.insert({ bucket: 'box', name: 'a', media: 'x' }, { upload })
    }
    expect(timers.mock.calls.length).toBeGreaterThan(0)
    for (const [, ms] of timers.mock.calls) expect(ms ?? 0).toBeLessThan(2 ** 31)
  } finally {
    timers.mockRestore()
    await box.close()
  }
})
