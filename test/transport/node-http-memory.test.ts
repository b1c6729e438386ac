import { afterEach, describe, expect, test } from 'vitest'
import { nodeTransport } from 'discokit/node'
import type { HttpResponse } from 'discokit'
import { contextOf } from './contexts.ts'
import { rawServer, type RawServer } from '../media/raw-server.ts'
import { bytesOf } from '../media/connection.ts'

const content = bytesOf(3_000_000)
let server: RawServer
const transport = nodeTransport()
afterEach(() => server.close())

async function ask(send: (piece: (bytes: Uint8Array) => void) => void, headers = {}): Promise<HttpResponse> {
  server = await rawServer((_, response) => {
    response.writeHead(200, headers)
    send((bytes) => response.write(bytes))
    response.end()
  })
  return transport({ method: 'GET', url: `${server.url}/`, headers: {} }, contextOf())
}

describe('a body that is read with reuse', () => {
  test.each([
    [
      'a length',
      (piece: (bytes: Uint8Array) => void) => piece(content),
      { 'content-length': content.length },
    ],
    [
      'chunks of a few bytes, many in one packet',
      (piece: (bytes: Uint8Array) => void) => {
        for (let at = 0; at < content.length; at += 701) piece(content.subarray(at, at + 701))
      },
      {},
    ],
  ])(
    'with %s, is whole as long as a chunk is used before the next but one is asked for',
    async (_, send, headers) => {
      const { body } = await ask(send, headers)
      let offset = 0
      let held: Uint8Array | undefined
      const use = (chunk: Uint8Array): void => {
        expect(Buffer.compare(chunk, content.subarray(offset, offset + chunk.length))).toBe(0)
        offset += chunk.length
      }
      for await (const chunk of body.open!({ reuse: true })) {
        if (held) use(held)
        held = chunk
      }
      use(held!)
      expect(offset).toBe(content.length)
    },
  )

  test('gives its memory back where the runtime can', async () => {
    const { body } = await ask((piece) => piece(content), { 'content-length': content.length })
    const seen: Uint8Array[] = []
    for await (const chunk of body.open!({ reuse: true })) seen.push(chunk)
    const kept = seen.filter((chunk) => chunk.length > 0).length
    if ('transfer' in ArrayBuffer.prototype) expect(kept).toBeLessThan(seen.length / 2)
    else expect(kept).toBe(seen.length)
  })

  test('keeps all of it otherwise', async () => {
    const { body } = await ask((piece) => piece(content), { 'content-length': content.length })
    const seen: Uint8Array[] = []
    for await (const chunk of body) seen.push(chunk)
    expect(Buffer.compare(Buffer.concat(seen), content)).toBe(0)
  })
})
