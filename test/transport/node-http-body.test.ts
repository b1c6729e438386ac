import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DataLossError, type StreamBody } from 'discokit'
import { nodeTransport } from 'discokit/node'
import { bytesOf, failureOf } from '../media/connection.ts'
import { type RawServer, rawServer } from '../media/raw-server.ts'
import { contextOf } from './contexts.ts'

let server: RawServer
let received: { url: string; hash: string }[]
beforeEach(async () => {
  received = []
  server = await rawServer((request, response) => {
    const hash = createHash('sha256')
    request.pause()
    // The server begins to read when much has piled up on the way.
    setImmediate(() => setImmediate(() => request.resume()))
    request.on('data', (chunk: Buffer) => hash.update(chunk))
    request.on('end', () => {
      received.push({ url: request.url!, hash: hash.digest('hex') })
      response.end('{}')
    })
  })
})
afterEach(() => server.close())

async function put(body: StreamBody, headers = {}): Promise<number> {
  const transport = nodeTransport()
  const answer = await transport({ method: 'PUT', url: `${server.url}/put`, headers, body }, contextOf())
  await answer.body.text()
  await transport.close()
  return answer.status
}

const stream = (length: number | undefined, open: StreamBody['open']): StreamBody => ({
  length,
  replayable: false,
  open,
})

describe('a body', () => {
  test.each([900, 16_384, 65_536, 100_000])(
    'from a source that uses two pieces of memory of %i bytes in turn arrives as it was',
    async (size) => {
      const content = bytesOf(size * 40)
      async function* open(): AsyncGenerator<Uint8Array> {
        const memory = [Buffer.alloc(size), Buffer.alloc(size)]
        for (let i = 0; i < 40; i++) {
          const piece = memory[i % 2]!
          piece.set(content.subarray(i * size, (i + 1) * size))
          yield piece
        }
      }
      for (const length of [content.length, undefined]) expect(await put(stream(length, open))).toBe(200)
      const hash = createHash('sha256').update(content).digest('hex')
      expect(received.map((one) => one.hash)).toEqual([hash, hash])
    },
  )

  test('that ends late has been whole since its last byte', async () => {
    let release = (): void => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    const body = stream(5, async function* () {
      yield Buffer.from('whole')
      await held
    })
    expect(await put(body)).toBe(200)
    release()
  })

  test.each([
    ['longer', 4],
    ['shorter', 6],
  ])('that is %s than it says is broken off, and never becomes another request', async (_, length) => {
    const body = stream(length, async function* () {
      yield Buffer.from('whole')
    })
    expect(await failureOf(put(body))).toBeInstanceOf(DataLossError)
    expect(received).toEqual([])
  })
})
