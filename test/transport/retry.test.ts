import {
  createClient,
  GoogleApiError,
  type HttpRequest,
  MaybeAppliedError,
  type RetryPolicy,
  TransportError,
  type UntypedApi,
} from 'discokit'
import { anonymous } from 'discokit/auth'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { withoutWaiting } from '../auth/waits.ts'
import { failureOf } from './contexts.ts'
import { answering, tcpServer } from './servers.ts'

let emulator: Emulator
beforeEach(async () => {
  emulator = await createEmulator()
})
afterEach(() => emulator.close())

async function connect(retry: Partial<RetryPolicy> | false = { baseDelayMs: 1 }): Promise<UntypedApi> {
  const google = createClient({ ...emulator.connect(), auth: emulator.serviceAccount(), retry })
  const storage = await google.discover('storage:v1')
  await storage['buckets'].insert({ project: 'p', body: { name: 'box' } })
  emulator.journal.clear()
  return storage
}
const count = (id: string): number =>
  emulator.journal.exchanges.filter(({ methodId }) => methodId === id).length

describe('a call that fails in passing', () => {
  test.each([
    'return-503',
    'return-500',
    'return-502',
    'return-504',
    'return-408',
    'return-429',
    'return-reset-connection',
  ])('is sent again after %s', async (instruction) => {
    const storage = await connect()
    emulator.fail('storage.buckets.get', [instruction, instruction])
    expect(await storage['buckets'].get({ bucket: 'box' })).toMatchObject({ name: 'box' })
    // An answer that breaks off while it is read is found too late to be sent again.
    expect(count('storage.buckets.get')).toBe(3)
  })

  test('may have been the reason why a precondition does not hold any more', async () => {
    const storage = await connect()
    const insert = (name: string): Promise<unknown> =>
      storage['objects'].insert({ bucket: 'box', name, ifGenerationMatch: 0, media: name })
    emulator.fail('storage.objects.insert', ['return-reset-connection-after-commit'])
    const error = await failureOf(insert('a'))
    expect(error).toBeInstanceOf(MaybeAppliedError)
    expect(error).toMatchObject({
      cause: expect.any(TransportError),
      request: { id: 'storage.objects.insert' },
    })
    expect((error as Error).message).toContain('412')
    // An answer is no doubt, and neither is a server that was never reached; reading has no effect.
    emulator.fail('storage.objects.insert', ['return-503'])
    expect(await failureOf(insert('a'))).toMatchObject({ name: 'PreconditionFailedError' })
    emulator.fail('storage.objects.get', ['return-reset-connection'])
    const read = storage['objects'].get({ bucket: 'box', object: 'a', ifGenerationMatch: 1 })
    expect(await failureOf(read)).toMatchObject({ name: 'PreconditionFailedError' })
  })

  test('is sent five times at most, and then fails with the last answer', async () => {
    const storage = await connect()
    emulator.fail('storage.buckets.get', Array(9).fill('return-503'))
    const error = await failureOf(storage['buckets'].get({ bucket: 'box' }))
    expect(error).toBeInstanceOf(GoogleApiError)
    expect(error).toMatchObject({ status: 503, retryable: true })
    expect(count('storage.buckets.get')).toBe(5)
  })

  test.each([
    [false, 1],
    [{ maxAttempts: 2, baseDelayMs: 1 }, 2],
  ] as const)('is sent as often as the policy says: %j', async (retry, times) => {
    const storage = await connect(retry)
    emulator.fail('storage.buckets.get', Array(9).fill('return-503'))
    await failureOf(storage['buckets'].get({ bucket: 'box' }))
    expect(count('storage.buckets.get')).toBe(times)
  })

  test.each(['return-501', 'return-505', 'return-400', 'return-404', 'return-403'])(
    'is not sent again after %s',
    async (instruction) => {
      const storage = await connect()
      emulator.fail('storage.buckets.get', [instruction])
      await failureOf(storage['buckets'].get({ bucket: 'box' }))
      expect(count('storage.buckets.get')).toBe(1)
    },
  )
})

describe('a call that must not be repeated', () => {
  test('is not sent again when the connection broke, and says that it may have been carried out', async () => {
    const storage = await connect()
    emulator.fail('storage.buckets.patch', ['return-reset-connection'])
    const error = await failureOf(storage['buckets'].patch({ bucket: 'box', body: { labels: {} } }))
    expect(error).toBeInstanceOf(MaybeAppliedError)
    expect(error).toMatchObject({ code: 'maybe_applied', cause: expect.any(TransportError) })
    expect(error.request).toMatchObject({ id: 'storage.buckets.patch', method: 'PATCH' })
    expect(count('storage.buckets.patch')).toBe(1)
  })

  test('is sent again with a precondition', async () => {
    const storage = await connect()
    emulator.fail('storage.buckets.patch', ['return-503'])
    const patch = { bucket: 'box', ifMetagenerationMatch: 1, body: { labels: { a: 'b' } } }
    expect(await storage['buckets'].patch(patch)).toMatchObject({ labels: { a: 'b' } })
    expect(count('storage.buckets.patch')).toBe(2)
  })

  test('is not sent again after a 503, and reports it as such', async () => {
    const storage = await connect()
    emulator.fail('storage.buckets.patch', ['return-503'])
    expect(await failureOf(storage['buckets'].patch({ bucket: 'box', body: { labels: {} } }))).toMatchObject({
      status: 503,
    })
    expect(count('storage.buckets.patch')).toBe(1)
  })

  test('fails as unable to authenticate, and not as carried out perhaps, when the token cannot be had', async () => {
    const storage = await connect()
    emulator.revokeTokens()
    emulator.fail('oauth2.token', Array(3).fill('return-reset-connection'))
    const insert = { project: 'p', body: { name: 'other' } }
    const { result } = await withoutWaiting(() => failureOf(storage['buckets'].insert(insert)))
    expect(result).toMatchObject({ code: 'auth_failed', retryable: true })
    expect(count('oauth2.token')).toBe(3)
  })
})

describe('an error answer', () => {
  const page = (status: number, more = ''): string =>
    `HTTP/1.1 ${status} Error\r\ncontent-type: text/html\r\n${more}content-length: 100000\r\n\r\n${'x'.repeat(100_000)}`
  const list = { method: 'GET', url: 'http://x/', headers: {} } satisfies HttpRequest

  test.each(['GET', 'POST'])('with a body too long to read is told by its status, for %s', async (method) => {
    for (const status of [403, 500, 503]) {
      const server = await tcpServer(answering(page(status)))
      await using google = createClient({
        endpoint: server.url,
        auth: anonymous(),
        retry: { baseDelayMs: 1 },
      })
      const error = await failureOf(google.send({ ...list, id: 'x', method, url: `${server.url}/` }))
      expect(error).toBeInstanceOf(GoogleApiError)
      expect(error).toMatchObject({ status })
    }
  })

  test('that breaks off is told by its status', async () => {
    const cut = 'HTTP/1.1 503 Error\r\ncontent-length: 100\r\n\r\nunav'
    const server = await tcpServer(answering(cut, (socket) => socket.end()))
    await using google = createClient({ endpoint: server.url, auth: anonymous(), retry: { baseDelayMs: 1 } })
    const error = await failureOf(google.send({ ...list, id: 'x', method: 'POST', url: `${server.url}/` }))
    expect(error).toMatchObject({ status: 503 })
    expect(server.connections).toBe(1)
  })

  test.each(['9999999999', '99999999999999999999999', 'Fri, 31 Dec 9999 23:59:59 GMT'])(
    'that asks to wait for %s is given at once instead of being ignored',
    async (when) => {
      const server = await tcpServer(answering(page(503, `retry-after: ${when}\r\n`)))
      await using google = createClient({ endpoint: server.url, auth: anonymous(), timeoutMs: Infinity })
      const error = await failureOf(google.send({ ...list, id: 'x', url: `${server.url}/` }))
      expect(error).toMatchObject({ status: 503, retryAfterMs: expect.any(Number) })
      expect(server.connections).toBe(1)
    },
  )

  test('is given at once when its wait would pass the deadline', async () => {
    const server = await tcpServer(
      answering('HTTP/1.1 429 Slow\r\nretry-after: 3600\r\ncontent-length: 0\r\n\r\n'),
    )
    await using google = createClient({ endpoint: server.url, auth: anonymous() })
    const error = await failureOf(google.send({ ...list, id: 'x', url: `${server.url}/` }))
    expect(error).toMatchObject({ status: 429, code: 'quota_exceeded', retryAfterMs: 3_600_000 })
  })
})

describe('a wait between tries', () => {
  test('ends at once with the reason of an abort', async () => {
    const storage = await connect({ baseDelayMs: 3_600_000, maxDelayMs: 3_600_000 })
    emulator.fail('storage.buckets.get', ['return-503'])
    const ended = new AbortController()
    const failure = failureOf(
      storage['buckets'].get({ bucket: 'box' }, { signal: ended.signal, timeoutMs: Infinity }),
    )
    await vi.waitFor(() => expect(count('storage.buckets.get')).toBe(1))
    const reason = new Error('enough')
    ended.abort(reason)
    expect(await failure).toBe(reason)
    expect(count('storage.buckets.get')).toBe(1)
  })
})
