import { createClient, TransportError, type UntypedApi } from 'discokit'
import { anonymous } from 'discokit/auth'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { answer, answering, noAnswer } from './answers.ts'
import { notes } from './notes-document.ts'

let emulator: Emulator
let storageDocument: UntypedApi

beforeAll(async () => {
  emulator = await createEmulator()
  await emulator.listen()
  storageDocument = (await createClient(emulator.connect()).discover('storage:v1'))['$raw']
})
afterAll(() => emulator.close())
beforeEach(() => emulator.journal.clear())

const open = (): ReturnType<typeof createClient> =>
  createClient({ ...emulator.connect(), auth: emulator.serviceAccount() })
const list = (client: ReturnType<typeof createClient>): any =>
  client.api(storageDocument as never)['buckets'].list({ project: 'p' })

describe('close', () => {
  test('lets further calls fail, those of children too', async () => {
    const google = open()
    const child = google.as(anonymous())
    await list(google)
    await google.close()
    for (const client of [google, child]) {
      // At once: what is closed stays closed, so no further try is waited for.
      const failure = list(client)
      await expect(failure).rejects.toBeInstanceOf(TransportError)
      await expect(failure).rejects.toMatchObject({ reason: 'CLOSED', progress: 'unsent' })
    }
  })

  test('breaks calls off that are under way', async () => {
    const { createServer } = await import('node:http')
    const server = createServer(() => {})
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    const asked = new Promise((resolve) => void server.once('request', resolve))
    const endpoint = `http://127.0.0.1:${(server.address() as { port: number }).port}`
    const google = createClient({ endpoint, auth: anonymous() })
    const failure = expect(google.api(notes)['notes'].get({ noteId: '1' })).rejects.toMatchObject({
      reason: 'CLOSED',
    })
    await asked
    await google.close()
    await failure
    server.closeAllConnections()
    server.close()
  })

  test('may be called again, and before the first call', async () => {
    const google = open()
    await google.close()
    await google.close()
    await expect(google.discover('storage:v1')).rejects.toMatchObject({ reason: 'CLOSED' })
    await expect(google.listApis()).rejects.toMatchObject({ reason: 'CLOSED' })
  })

  test('does nothing for a child', async () => {
    await using google = open()
    const child = google.as(emulator.serviceAccount())
    await list(child)
    await child.close()
    await child[Symbol.asyncDispose]()
    expect(await list(google)).toMatchObject({ kind: 'storage#buckets' })
    expect(await list(child)).toMatchObject({ kind: 'storage#buckets' })
  })

  test('does nothing to another client', async () => {
    await using other = open()
    await list(other)
    await open().close()
    expect(await list(other)).toMatchObject({ kind: 'storage#buckets' })
  })

  test('is what await using does', async () => {
    const google = open()
    {
      await using _ = google
      await list(google)
    }
    await expect(list(google)).rejects.toMatchObject({ reason: 'CLOSED' })
  })

  test('leaves a transport alone that was given', async () => {
    const transport = answering(() => answer(200, {}))
    const google = createClient({ transport, auth: anonymous() })
    await google.close()
    expect(await google.api(notes)['notes'].get({ noteId: '1' })).toEqual({})
  })
})

describe('as', () => {
  test('takes other credentials, and leaves the parent its own', async () => {
    await using google = open()
    const stranger = google.as(anonymous())
    await expect(list(stranger)).rejects.toMatchObject({ code: 'unauthenticated' })
    await list(stranger.as(emulator.serviceAccount()))
    await list(google)
    const seen = emulator.journal.exchanges.filter((e) => e.methodId === 'storage.buckets.list')
    expect(seen.map((e) => e.headers['authorization'])).toEqual([undefined, 'Bearer', 'Bearer'])
  })

  test('shares the connections', async () => {
    const server = (await import('node:http')).createServer((_, response) => void response.end('{}'))
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    let connections = 0
    server.on('connection', () => connections++)
    const endpoint = `http://127.0.0.1:${(server.address() as { port: number }).port}`
    const google = createClient({ endpoint, auth: anonymous() })
    for (const client of [google, google.as(anonymous()), google])
      await client.api(notes)['notes'].get({ noteId: '1' })
    expect(connections).toBe(1)
    const other = createClient({ endpoint, auth: anonymous() })
    await other.api(notes)['notes'].get({ noteId: '1' })
    expect(connections).toBe(2)
    await Promise.all([google.close(), other.close()])
    server.close()
  })

  test('shares the options of the client', async () => {
    const transport = answering((_, __, context) => noAnswer(context))
    const google = createClient({ transport, auth: anonymous(), timeoutMs: 1, quotaProject: 'payer' })
    const child = google.as(anonymous())
    await expect(child.api(notes)['notes'].get({ noteId: '1' })).rejects.toMatchObject({
      code: 'timeout',
      timeoutMs: 1,
    })
    expect(transport.requests[0]!.headers).toMatchObject({ 'x-goog-user-project': 'payer' })
  })
})

describe('two clients', () => {
  test('share no tokens: each account is asked for its own', async () => {
    await using first = open()
    await using second = open()
    await Promise.all([list(first), list(first), list(second)])
    expect(emulator.journal.exchanges.filter((e) => e.methodId === 'oauth2.token')).toHaveLength(2)
  })
})
