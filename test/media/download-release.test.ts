import { type Download, ValidationError } from 'discokit'
import { file } from 'discokit/node'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { connectTo, failureOf, settle, until } from './connection.ts'
import { type RawServer, rawServer } from './raw-server.ts'

/** A server whose answers never end; those for `stalls` give nothing more after some bytes. */
let server: RawServer
let client: Awaited<ReturnType<typeof connectTo>>
let given: number

beforeEach(async () => {
  given = 0
  server = await rawServer((request, response) => {
    response.writeHead(200, { 'content-type': 'a/b' })
    const write = (): void => {
      do given += 65_536
      while (response.write(Buffer.alloc(65_536)))
      response.once('drain', write)
    }
    if (request.url!.includes('stalls')) response.write('some bytes')
    else write()
  })
  client = await connectTo(server.url)
})
afterEach(async () => {
  await client.google.close()
  await server.close()
})

const download = (options = {}, object = 'o'): Download =>
  client.storage.objects.get.download({ bucket: 'b', object }, options)
const released = (): Promise<void> => until(async () => (await server.connections()) === 0)

describe('the connection of a download is free again', () => {
  test('when a loop over it is left early', async () => {
    for await (const chunk of download()) if (chunk.length > 0) break
    await released()
  })

  test('when a loop over it throws', async () => {
    const loop = async (): Promise<void> => {
      for await (const _ of download()) throw new Error('mine')
    }
    await expect(loop()).rejects.toThrow('mine')
    await released()
  })

  test('when its stream is cancelled, or a loop over that is left', async () => {
    const reader = (download().stream() as ReadableStream<Uint8Array>).getReader()
    await reader.read()
    await reader.cancel()
    await released()
    for await (const _ of download().stream() as ReadableStream<Uint8Array>) break
    await released()
  })

  test('when it goes out of scope', async () => {
    {
      await using scoped = download()
      const reader = (scoped.stream() as ReadableStream<Uint8Array>).getReader()
      expect((await reader.read()).done).toBe(false)
    }
    await released()
  })

  test('when it is put away while it waits for bytes that do not come', async () => {
    const stalled = download({}, 'stalls')
    const iterator = stalled[Symbol.asyncIterator]()
    expect((await iterator.next()).done).toBe(false)
    const waiting = failureOf(iterator.next())
    await stalled[Symbol.asyncDispose]()
    expect(await waiting).toBeInstanceOf(Error)
    await released()

    const reader = (download({}, 'stalls').stream() as ReadableStream<Uint8Array>).getReader()
    expect((await reader.read()).done).toBe(false)
    const reading = reader.read()
    await reader.cancel()
    expect(await reading).toEqual({ done: true, value: undefined })
    await released()
  })

  test('when its destination fails', async () => {
    const failure = new Error('the disk is full')
    const save = async (chunks: AsyncIterable<Uint8Array>): Promise<void> => {
      for await (const _ of chunks) throw failure
    }
    expect(await failureOf(download().to({ save }))).toBe(failure)
    await released()
  })

  test('when its progress function throws', async () => {
    const failure = new Error('bar')
    const onProgress = ({ received }: { received: number }): void => {
      if (received > 0) throw failure
    }
    expect(await failureOf(download({ onProgress }).bytes())).toBe(failure)
    await released()
  })
})

describe('a download that is not read', () => {
  test('holds the server back', async () => {
    const reader = (download().stream() as ReadableStream<Uint8Array>).getReader()
    await reader.read()
    await settle()
    await settle()
    const before = given
    await settle()
    expect(given).toBe(before)
    expect(given).toBeLessThan(16 * 1_048_576)
    await reader.cancel()
  })

  test('opens no connection, however it is put away', async () => {
    await download()[Symbol.asyncDispose]()
    await (download().stream() as ReadableStream<Uint8Array>).cancel()
    await download()[Symbol.asyncIterator]().return?.()
    await settle()
    expect(await server.connections()).toBe(0)
  })

  test('lets go of the signal when it is put away or its destination refuses', async () => {
    const { signal } = new AbortController()
    let listeners = 0
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...given: any) => {
      listeners++
      add(...(given as [any, any]))
    }
    signal.removeEventListener = (...given: any) => {
      listeners--
      remove(...(given as [any, any]))
    }
    await download({ signal })[Symbol.asyncDispose]()
    expect(listeners).toBe(0)
    expect(await failureOf(download({ signal }).to(file('/')))).toBeInstanceOf(ValidationError)
    expect(listeners).toBe(0)
  })
})
