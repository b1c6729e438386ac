import https from 'node:https'
import { gzipSync } from 'node:zlib'
import { createClient, fetchTransport, TimeoutError, type Transport } from 'discokit'
import { accessToken, anonymous } from 'discokit/auth'
import { nodeTransport, undiciTransport } from 'discokit/node'
import { Agent } from 'undici'
import { expect, vi } from 'vitest'
import { answer, answering, noAnswer } from '../client/answers.ts'
import { notes } from '../client/notes-document.ts'
import { makeCertificate } from '../transport/certificates.ts'
import { httpServer, start } from '../transport/servers.ts'
import { connect, failure } from './connect.ts'
import type { RowTests } from '../examples/page-rows.ts'

/** How requests travel. */
export const sendingRows: RowTests = {
  async T1() {
    const transport: Transport = async ({ url }) => answer(200, { asked: url })
    const { notes: methods } = createClient({ transport, auth: anonymous() }).api(notes)
    expect(await methods.get({ noteId: '1' })).toEqual({
      asked: 'https://notes.googleapis.com/notes/v1/notes/1',
    })
  },

  async T2() {
    await using c = await connect()
    await c.emulator.listen()
    const agent = new Agent()
    const nodes = nodeTransport()
    for (const transport of [nodes, fetchTransport(), undiciTransport(agent)]) {
      const google = c.client({ transport, auth: accessToken(c.emulator.accessToken()) })
      const { files } = await google.discover('drive:v3')
      const { id } = await files.create({ media: 'up and down' })
      expect(await files.get.download({ fileId: id }).text()).toBe('up and down')
    }
    await nodes.close()
    await agent.close()
  },

  async T3() {
    await using c = await connect()
    const drive = await c
      .client({ auth: accessToken(c.emulator.accessToken()), userAgent: 'photos/1.0' })
      .discover('drive:v3')
    await drive.files.list()
    const { headers } = c.emulator.journal.exchanges.at(-1)!
    expect(headers['user-agent']).toMatch(/^photos\/1\.0 discokit\/\S+ \(gzip\)$/)

    const seen: unknown[] = []
    const server = await httpServer((request, response) => {
      seen.push(request.headers['accept-encoding'])
      const answer = gzipSync('{"small":true}')
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(answer)
    })
    await using google = createClient({ auth: anonymous(), endpoint: server.url })
    expect(await google.api(notes).notes.get({ noteId: '1' })).toEqual({ small: true })
    expect(seen).toEqual(['gzip'])
  },

  async T4() {
    const json = { 'content-type': 'application/json' }
    const content = (body: string, headers: Record<string, string>, status = 200): Promise<unknown> =>
      createClient({ transport: answering(() => answer(status, body, headers)), auth: anonymous() })
        .api(notes)
        .notes.get({ noteId: '1' })
    expect(await content('{"a":1}', json)).toEqual({ a: 1 })
    for (const value of [0, false, {}, [], null])
      expect(await content(JSON.stringify(value), json)).toEqual(value)
    expect(await content('a,b', { 'content-type': 'text/csv' })).toBe('a,b')
    expect(await content('ab', { 'content-type': 'image/png' })).toEqual(new Uint8Array([97, 98]))
    expect(await content('', {}, 204)).toBeUndefined()
  },

  async T5() {
    vi.useFakeTimers()
    try {
      const transport = answering((_, __, context) => noAnswer(context))
      const { notes: methods } = createClient({ transport, auth: anonymous() }).api(notes)
      const late = failure(() => methods.get({ noteId: '1' }))
      await vi.advanceTimersByTimeAsync(120_001)
      expect(await late).toMatchObject({ timeoutMs: 120_000 })
      expect(await late).toBeInstanceOf(TimeoutError)
    } finally {
      vi.useRealTimers()
    }
  },

  async T6() {
    const asked: string[] = []
    const proxy = await httpServer((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      response.setHeader('content-type', 'application/json').end('{}')
    })
    const local = nodeTransport({ proxy: proxy.url })
    const google = createClient({ transport: local, auth: anonymous(), endpoint: 'http://localhost:1' })
    await google.api(notes).notes.get({ noteId: '1' })
    await local.close()

    vi.stubEnv('HTTPS_PROXY', proxy.url) // asked for a tunnel, which it has none of
    vi.stubEnv('NO_PROXY', 'localhost')
    const named = nodeTransport()
    const { notes: methods } = createClient({ transport: named, auth: anonymous(), retry: false }).api(notes)
    expect(await failure(() => methods.get({ noteId: '1' }))).toMatchObject({ code: 'transport_failed' })
    await named.close()
    expect(asked).toEqual(['GET http://localhost:1/notes/v1/notes/1'])
    expect(proxy.connections).toBe(2)
  },

  async T7() {
    const certificate = makeCertificate('secure.example', ['IP:127.0.0.1'])
    const server = await start(
      https.createServer({ ...certificate }, (_, response) => {
        response.setHeader('content-type', 'application/json').end('{"secure":true}')
      }),
    )
    const endpoint = server.url.replace('http:', 'https:')
    const get = async (transport: ReturnType<typeof nodeTransport>): Promise<unknown> => {
      const google = createClient({ transport, auth: anonymous(), endpoint, retry: false })
      try {
        return await google.api(notes).notes.get({ noteId: '1' })
      } finally {
        await transport.close()
      }
    }
    expect(await failure(() => get(nodeTransport()))).toMatchObject({ code: 'transport_failed' })
    expect(await get(nodeTransport({ ca: certificate.cert }))).toEqual({ secure: true })
    const trusting = { rejectUnauthorized: false } as object
    expect(() => nodeTransport(trusting)).toThrow('rejectUnauthorized: is not an option')
  },

  async T8() {
    await using c = await connect()
    const { get } = (await c.google.discover('storage:v1')).buckets
    const retry = { baseDelayMs: 1 }
    c.emulator.fail(
      'storage.buckets.get',
      Array.from({ length: 4 }, () => 'return-503'),
    )
    expect(await get({ bucket: 'my-photos' }, { retry })).toMatchObject({ name: 'my-photos' })
    c.emulator.fail(
      'storage.buckets.get',
      Array.from({ length: 5 }, () => 'return-503'),
    )
    expect(await failure(() => get({ bucket: 'my-photos' }, { retry }))).toMatchObject({ status: 503 })
    c.emulator.fail('storage.buckets.get', ['return-503'])
    expect(await failure(() => get({ bucket: 'my-photos' }, { retry: false }))).toMatchObject({ status: 503 })
  },

  async T9() {
    await using c = await connect()
    const { get } = (await c.google.discover('storage:v1')).buckets
    const transform = ({ name }: { name: string }): string => name.toUpperCase()
    expect(await get({ bucket: 'my-photos' }, { transform })).toBe('MY-PHOTOS')
  },
}
