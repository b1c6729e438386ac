import { MaybeAppliedError, TransportError } from 'discokit'
import { afterEach, describe, expect, test } from 'vitest'
import { bytesOf, connectTo, failureOf, pieces, same, until } from './connection.ts'
import { type RawServer, rawServer } from './raw-server.ts'

const BYTES = bytesOf(4_000_000)

let server: RawServer
afterEach(() => server.close())

/** A server that cuts the connection of the first so many requests after some bytes, and takes the next one whole. */
async function cutting(requests: number, afterBytes: number): Promise<Buffer[]> {
  const whole: Buffer[] = []
  server = await rawServer(async (request, response) => {
    const chunks: Buffer[] = []
    let received = 0
    if (requests > 0 && afterBytes === 0) {
      requests--
      request.socket.destroy()
      return
    }
    for await (const chunk of request as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      received += chunk.length
      if (requests > 0 && received >= afterBytes) {
        requests--
        request.socket.resetAndDestroy()
        return
      }
    }
    whole.push(Buffer.concat(chunks))
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"size":"1"}')
  })
  return whole
}

describe('a server that cuts the connection in the middle of an upload', () => {
  test.each([0, 1, 100_000, 3_999_999])('after %i bytes is a typed error', async (afterBytes) => {
    await cutting(Infinity, afterBytes)
    const { google, storage } = await connectTo(server.url)
    const media = { content: pieces(BYTES, 100_000), length: BYTES.length }
    const failure = await failureOf(storage.objects.insert({ bucket: 'b', name: 'a', media }))
    expect(failure).toBeInstanceOf(MaybeAppliedError)
    expect(failure.cause).toBeInstanceOf(TransportError)
    expect(failure.cause).toMatchObject({ code: 'transport_failed', progress: 'sent' })
    expect(failure.cause.reason).toMatch(/^(ECONNRESET|EPIPE)$/)
    await until(async () => (await server.connections()) === 0)
    await google.close()
  })

  test.each([0, 1, 100_000, 3_999_999])(
    'after %i bytes is survived with a precondition',
    async (afterBytes) => {
      const whole = await cutting(3, afterBytes)
      const { google, storage } = await connectTo(server.url)
      const parameters = { bucket: 'b', name: 'a', ifGenerationMatch: '0' }
      await storage.objects.insert({ ...parameters, media: new Blob([BYTES]) })
      expect(whole).toHaveLength(1)
      expect(same(whole[0], BYTES)).toBe(true)
      await google.close()
    },
  )

  test('again and again ends in the error of the connection', async () => {
    await cutting(Infinity, 100_000)
    const { google, storage } = await connectTo(server.url, { retry: { maxAttempts: 3, baseDelayMs: 1 } })
    const call = storage.objects.insert({ bucket: 'b', name: 'a', ifGenerationMatch: '0', media: BYTES })
    expect(await failureOf(call)).toBeInstanceOf(TransportError)
    await google.close()
  })
})
