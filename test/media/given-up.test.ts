import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Client, TransportError, type UntypedApi } from 'discokit'
import { connectTo, failureOf, until } from './connection.ts'
import { type RawServer, rawServer } from './raw-server.ts'

let server: RawServer
let google: Client
let storage: UntypedApi
let waiting: ServerResponse[]

beforeEach(async () => {
  waiting = []
  server = await rawServer((request, response) => {
    request.resume()
    waiting.push(response)
  })
  ;({ google, storage } = await connectTo(server.url))
})
afterEach(async () => {
  await google.close()
  await server.close()
})

describe('a download that waits for an answer', () => {
  test('ends when it is put away, and frees the connection', async () => {
    const download = storage['objects'].get.download({ bucket: 'b', object: 'o' })
    const bytes = failureOf(download.bytes())
    await until(() => waiting.length === 1)
    await download[Symbol.asyncDispose]()
    expect(await bytes).toMatchObject({ name: 'AbortError' })
    await until(async () => (await server.connections()) === 0)
  })

  test('ends when its stream is cancelled', async () => {
    const stream: ReadableStream = storage['objects'].get.download({ bucket: 'b', object: 'o' }).stream()
    const reader = stream.getReader()
    const read = reader.read()
    await until(() => waiting.length === 1)
    await reader.cancel()
    expect(await read).toEqual({ done: true, value: undefined })
    await until(async () => (await server.connections()) === 0)
  })
})

describe('a destination', () => {
  test('that stops reading early is told apart from a download that came whole', async () => {
    const to = storage['objects'].get.download({ bucket: 'b', object: 'o' }).to({ save: async () => {} })
    expect(await failureOf(to)).toBeInstanceOf(TypeError)
  })
})

describe('an upload from a download', () => {
  test('that breaks off fails with the failure of the download: nothing was applied', async () => {
    const source = storage['objects'].get.download({ bucket: 'b', object: 'source' })
    const simple = { upload: { kind: 'simple' } }
    const upload = failureOf(storage['objects'].insert({ bucket: 'b', name: 'copy', media: source }, simple))
    await until(() => waiting.length === 1)
    const [answer] = waiting
    answer!.writeHead(200, { 'content-length': 100 }).write('only this')
    await until(() => waiting.length === 2) // the upload has begun
    answer!.socket!.destroy()
    expect(await upload).toBeInstanceOf(TransportError)
    expect(await upload).toMatchObject({ reason: 'ANSWER_CUT_SHORT' })
  })
})
