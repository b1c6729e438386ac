import { once } from 'node:events'
import type { StreamBody, Transport } from 'discokit'
import { describe, expect, test } from 'vitest'
import { connectTo, failureOf, settle, until } from './connection.ts'
import { rawServer } from './raw-server.ts'

const MIB = 1_048_576
const SIMPLE = { upload: { kind: 'simple' } }

describe('the pace of an upload', () => {
  test.each([
    ['simple', { name: 'a' }],
    ['multipart', { body: { name: 'a' } }],
  ])('is that of a transport that takes one piece at a time, %s', async (_, parameters) => {
    let given = 0
    let ahead = 0
    let taken = 0
    async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
      for (let i = 0; i < 40; i++) {
        given++
        ahead = Math.max(ahead, given - taken)
        yield new Uint8Array(1000)
      }
    }
    const transport: Transport = async (request) => {
      for await (const chunk of (request.body as StreamBody).open()) {
        await new Promise((resolve) => setImmediate(resolve))
        if (chunk.length === 1000) taken++
      }
      return { status: 200, headers: { 'content-length': '0' }, body: { cancel: () => {} } as any }
    }
    const { storage } = await connectTo('http://127.0.0.1:1', { transport })
    await storage.objects.insert({ bucket: 'b', ...parameters, media: { content: source(), length: 40_000 } })
    expect(taken).toBe(40)
    expect(ahead).toBeLessThanOrEqual(2) // one piece is held back until the next is seen
  })

  test.each([undefined, 64 * MIB])('is that of a slow server, whose length is %s', async (length) => {
    let received = 0
    const server = await rawServer(async (request, response) => {
      for await (const chunk of request) {
        received += chunk.length
        await new Promise((resolve) => setImmediate(resolve))
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
    let given = 0
    let ahead = 0
    async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
      for (let i = 0; i < 64; i++) {
        ahead = Math.max(ahead, given - received)
        given += MIB
        yield new Uint8Array(MIB)
      }
    }
    const { google, storage } = await connectTo(server.url)
    const content = source()
    await storage.objects.insert(
      { bucket: 'b', name: 'a', media: { content, ...(length && { length }) } },
      SIMPLE,
    )
    await google.close()
    await server.close()
    expect(received).toBe(64 * MIB)
    expect(ahead).toBeLessThan(16 * MIB) // what the system holds of a connection, and two pieces
  })

  test('stands still when the server reads nothing', async () => {
    let given = 0
    async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
      for (;;) {
        given++
        yield new Uint8Array(MIB)
      }
    }
    const server = await rawServer((request) => void request.pause())
    const { google, storage } = await connectTo(server.url)
    const controller = new AbortController()
    const upload = failureOf(
      storage.objects.insert(
        { bucket: 'b', name: 'a', media: source() },
        { signal: controller.signal, ...SIMPLE },
      ),
    )
    await once(server.server, 'request')
    await settle()
    await settle()
    const before = given
    await settle()
    expect(given).toBe(before)
    expect(given).toBeLessThan(16)
    controller.abort()
    expect(await upload).toBe(controller.signal.reason)
    await google.close()
    await server.close()
  })

  test('ends when the server answers early, and the connection is let go', async () => {
    let given = 0
    let ended = false
    async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
      try {
        for (;;) {
          given++
          yield new Uint8Array(MIB)
        }
      } finally {
        ended = true
      }
    }
    const server = await rawServer((_request, response) => {
      response.writeHead(403, { 'content-type': 'application/json' })
      response.end('{"error":{"code":403,"message":"no","errors":[{"reason":"forbidden"}]}}')
    })
    const { google, storage } = await connectTo(server.url)
    for (let i = 0; i < 5; i++) {
      ended = false
      const failure = await failureOf(
        storage.objects.insert({ bucket: 'b', name: 'a', media: source() }, SIMPLE),
      )
      expect(failure).toMatchObject({ name: 'PermissionDeniedError', reason: 'forbidden' })
      await until(() => ended)
    }
    expect(given).toBeLessThan(5 * 16)
    await until(async () => (await server.connections()) === 0)
    await google.close()
    await server.close()
  })

  test.each(['simple', 'multipart'])('an endless answer to a %s one is given up', async (kind) => {
    let written = 0
    const server = await rawServer(async (request, response) => {
      request.resume()
      await once(request, 'end')
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"a":"')
      const more = (): void => {
        while (!response.destroyed && written < 400 * MIB) {
          written += MIB
          if (!response.write(Buffer.alloc(MIB, 97))) return void response.once('drain', more)
        }
      }
      more()
    })
    const { google, storage } = await connectTo(server.url)
    const target = { bucket: 'b', name: 'a', media: 'x' }
    const failure = await failureOf(
      storage.objects.insert(target, { maxAnswerBytes: 1_000, upload: { kind } }),
    )
    expect(failure).toMatchObject({ name: 'TransportError', reason: 'ANSWER_TOO_LARGE' })
    expect(failure.message).toMatch(/1000 bytes/)
    expect(written).toBeLessThan(100 * MIB)
    await google.close()
    await server.close()
  })

  test('a success that comes before the end is not believed', async () => {
    const server = await rawServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"size":"1"}')
    })
    const { google, storage } = await connectTo(server.url)
    const media = new Uint8Array(64 * MIB)
    const failure = await failureOf(storage.objects.insert({ bucket: 'b', name: 'a', media }, SIMPLE))
    expect(failure).toMatchObject({ name: 'MaybeAppliedError', cause: { reason: 'ANSWERED_EARLY' } })
    await until(async () => (await server.connections()) === 0)
    await google.close()
    await server.close()
  })
})
