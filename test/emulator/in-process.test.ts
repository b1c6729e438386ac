import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Emulator } from '../../src/emulator/index.ts'
import type { HttpRequest, HttpResponse } from '../../src/protocol/http.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { at, bytesOf, openStorage, say, store, streamed } from './speak.ts'

let emulator: Emulator
beforeEach(async () => {
  emulator = await openStorage()
})
afterEach(() => emulator.close())

/** A context that a test can end. */
class Ending {
  readonly #listeners = new Set<(reason: unknown) => void>()
  readonly signal = new AbortController().signal
  phase = 'answer'
  onEnd = (listener: (reason: unknown) => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
  end(reason: unknown): void {
    for (const listener of this.#listeners) listener(reason)
  }
  get listeners(): number {
    return this.#listeners.size
  }
}

describe('connect', () => {
  // That it fits the client's own interface is checked by the compiler here.
  const transport = (): Transport => emulator.connect().transport!
  const send = (line: string, context: Ending, body?: HttpRequest['body']): Promise<HttpResponse> => {
    const [method = '', path] = line.split(' ')
    const url = `${emulator.connect().endpoint}${path}`
    return transport()({ method, url, headers: {}, ...(body !== undefined && { body }) }, context)
  }
  const upload = 'POST /upload/storage/v1/b/box/o?uploadType=media&name=f'

  test('gives an address and a transport that needs no socket', async () => {
    const context = new Ending()
    const response = await send('GET /storage/v1/b/box', context)
    expect(response.status).toBe(200)
    expect(JSON.parse(await response.body.text())).toMatchObject({ name: 'box' })
    expect(context.listeners).toBe(0)
  })

  test('opens a streamed body once', async () => {
    let opened = 0
    const body = {
      length: 3,
      replayable: true,
      async *open() {
        opened += 1
        yield new Uint8Array(3)
      },
    }
    expect((await send(upload, new Ending(), body)).status).toBe(200)
    expect(opened).toBe(1)
  })

  test('rejects with the reason when the caller ends before the answer, and stores nothing', async () => {
    const context = new Ending()
    let closed = false
    async function* stalling(): AsyncGenerator<Uint8Array> {
      try {
        yield new Uint8Array(3)
        context.end(new Error('the caller lost patience'))
        yield new Uint8Array(3)
      } finally {
        closed = true
      }
    }
    await expect(send(upload, context, streamed(stalling()))).rejects.toThrow('the caller lost patience')
    await expect.poll(() => closed).toBe(true)
    expect((await say(emulator, `GET ${at('f')}`)).status).toBe(404)
    expect(context.listeners).toBe(0)
  })

  test('rejects at once even when the body never goes on', async () => {
    const context = new Ending()
    async function* stalling(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(3)
      queueMicrotask(() => context.end(new Error('enough')))
      await new Promise(() => {})
    }
    await expect(send(upload, context, streamed(stalling()))).rejects.toThrow('enough')
    expect((await say(emulator, `GET ${at('f')}`)).status).toBe(404)
  })

  test('rejects when the caller has ended before it began', async () => {
    const context = new Ending()
    context.onEnd = (listener) => {
      listener(new Error('over'))
      return () => {}
    }
    await expect(send('GET /storage/v1/b/box', context)).rejects.toThrow('over')
  })

  test('fails the reading of an answer when the caller ends in the middle of it', async () => {
    await store(emulator, 'f', bytesOf(3_000_000))
    const context = new Ending()
    const response = await send(`GET ${at('f')}?alt=media`, context)
    const chunks = response.body[Symbol.asyncIterator]()
    expect((await chunks.next()).done).toBe(false)
    context.end(new Error('stop'))
    await expect(chunks.next()).rejects.toThrow('stop')
    expect(context.listeners).toBe(0)
  })

  test('lets go of its context when an answer is cancelled', async () => {
    await store(emulator, 'f', bytesOf(3_000_000))
    const context = new Ending()
    const response = await send(`GET ${at('f')}?alt=media`, context)
    await response.body[Symbol.asyncIterator]().next()
    response.body.cancel()
    await expect.poll(() => context.listeners).toBe(0)
    const unread = await send(`GET ${at('f')}?alt=media`, context)
    expect(context.listeners).toBe(1)
    unread.body.cancel()
    expect(context.listeners).toBe(0)
  })

  test('passes on the failure of a body', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(3)
      throw new RangeError('no more')
    }
    await expect(send(upload, new Ending(), streamed(failing()))).rejects.toThrow(RangeError)
  })
})
