/** What one caller does must not become another's: options, signals, waits. */
import { createClient, type HttpRequest, TimeoutError } from 'discokit'
import { anonymous } from 'discokit/auth'
import { describe, expect, test, vi } from 'vitest'
import { answer, answering } from './answers.ts'
import { notes } from './notes-document.ts'

const page = ({ url, body }: HttpRequest): ReturnType<typeof answer> => {
  const at = Number(/pageToken=(\d+)/.exec(`${url} ${JSON.stringify(body)}`)?.[1] ?? 1)
  return answer(200, { notes: [{ id: at }], ...(at < 3 && { nextPageToken: String(at + 1) }) })
}

describe('transform', () => {
  test('does not stand between a list by hand and its pages', async () => {
    const google = createClient({ transport: answering(page), auth: anonymous() })
    const request = google.api(notes).notes.list.prepare({ owner: 'o' })
    const seen: unknown[] = []
    for await (const { data } of google.pages(request, { transform: (content) => content.notes }))
      seen.push(data)
    expect(seen).toHaveLength(3)
  })

  test('is not asked when the answer is taken raw, nor for pages', async () => {
    const google = createClient({ transport: answering(page), auth: anonymous() })
    const transform = vi.fn((content: any) => content.nothing.there)
    const { list } = google.api(notes).notes
    expect((await list({ owner: 'o' }, { transform }).asResponse()).status).toBe(200)
    for await (const _ of list({ owner: 'o' }, { transform }));
    expect(transform).not.toHaveBeenCalled()
  })

  test('is waited for in a batch', async () => {
    const google = createClient({ transport: answering(() => answer(503)), auth: anonymous(), retry: false })
    const { get } = google.api({ ...notes, batchPath: 'batch' }).notes
    const [result] = await google.batch([get.prepare({ noteId: '1' })], { transform: async () => 1 })
    expect(result).toMatchObject({ status: 'rejected', reason: { status: 503 } })
  })
})

test('a call ends while its credential is being had', async () => {
  const auth = { kind: 'slow', headers: () => new Promise<never>(() => {}) }
  const google = createClient({ transport: answering(page), auth })
  const { get } = google.api(notes).notes
  await expect(get({ noteId: '1' }, { timeoutMs: 10 })).rejects.toBeInstanceOf(TimeoutError)
  const controller = new AbortController()
  const call = get({ noteId: '1' }, { signal: controller.signal })
  controller.abort('enough')
  await expect(call).rejects.toBe('enough')
  const [sent] = await google.send([get.prepare({ noteId: '1' })], { totalTimeoutMs: 10 })
  expect(sent).toMatchObject({ status: 'rejected', reason: { code: 'timeout' } })
})

test('many calls with one signal make no warning, and let go of it', async () => {
  const warned = vi.fn()
  process.on('warning', warned)
  const { signal } = new AbortController()
  const add = vi.spyOn(signal, 'addEventListener')
  const remove = vi.spyOn(signal, 'removeEventListener')
  const google = createClient({ transport: answering(page), auth: anonymous() })
  const request = google.api(notes).notes.get.prepare({ noteId: '1' })
  await google.send(
    Array.from({ length: 50 }, () => request),
    { signal },
  )
  await google.send(
    Array.from({ length: 50 }, () => request),
    { totalTimeoutMs: 5_000 },
  )
  await new Promise((resolve) => setImmediate(resolve))
  expect(warned).not.toHaveBeenCalled()
  expect(remove.mock.calls.length).toBe(add.mock.calls.length)
  process.off('warning', warned)
})

test('a document asked for in a way of one’s own is not for others', async () => {
  const transport = answering(({ url }) =>
    answer(200, { ...notes, title: url.includes('labels') ? 'own' : 'common' }),
  )
  const google = createClient({ transport, auth: anonymous() })
  expect((await google.discover('notes:v1', { extraQuery: { labels: 'x' } })).$title).toBe('own')
  expect((await google.discover('notes:v1')).$title).toBe('common')
  expect((await google.discover('notes:v1', { extraQuery: { labels: 'x' } })).$title).toBe('own')
  expect((await google.discover('notes:v1')).$title).toBe('common')
  expect(transport.requests).toHaveLength(3)
})

test('waits that no deadline allows take nothing of the budget for tries', async () => {
  const transport = answering(() => answer(429, '', { 'retry-after': '3600' }))
  const google = createClient({ transport, auth: anonymous() })
  const { get } = google.api(notes).notes
  for (let i = 0; i < 120; i++) {
    const error = await get({ noteId: '1' }, { timeoutMs: 5_000 }).catch((reason: unknown) => reason)
    expect(error).not.toHaveProperty('retryBudgetExhausted')
  }
})

test('what is marked as required of a resource is asked for when it is made, not when a part of it changes', () => {
  const name = { type: 'string', annotations: { required: ['x.insert', 'x.patch', 'x.update'] } }
  const method = (id: string, httpMethod: string): any => ({
    id,
    path: 'x',
    httpMethod,
    request: { $ref: 'X' },
  })
  const api: any = createClient().api({
    ...notes,
    methods: {
      insert: method('x.insert', 'POST'),
      patch: method('x.patch', 'PATCH'),
      update: method('x.update', 'PUT'),
    },
    schemas: { X: { type: 'object', properties: { name, other: { type: 'string' } } } },
  })
  expect(() => api.insert.prepare({ body: { other: 'a' } })).toThrow('body.name: is required')
  expect(api.patch.prepare({ body: { other: 'a' } }).body).toBe('{"other":"a"}')
  expect(api.update.prepare({ body: { other: 'a' } }).body).toBe('{"other":"a"}')
})

test('a parent may stand where a pattern wants something below it', () => {
  const pattern = '^projects/[^/]+/databases/[^/]+/documents/.*$'
  const get = {
    id: 'x.get',
    path: '{+parent}/x',
    httpMethod: 'GET',
    parameters: { parent: { type: 'string', location: 'path', required: true, pattern } },
  }
  const api: any = createClient().api({ ...notes, methods: { get } })
  expect(api.get.prepare({ parent: 'projects/p/databases/(default)/documents' }).url).toContain(
    '/documents/x',
  )
  expect(() => api.get.prepare({ parent: 'projects/p/databases/d' })).toThrow('must match')
})

test('a required list that is empty is missing', () => {
  const part = { type: 'string', location: 'query', repeated: true, required: true }
  const get = { id: 'x.get', path: 'x', httpMethod: 'GET', parameters: { part } }
  const api: any = createClient().api({ ...notes, methods: { get } })
  for (const empty of [[], [null], [undefined]])
    expect(() => api.get.prepare({ part: empty })).toThrow('part: is required')
})

test('a call that has ended leaves nothing unhandled behind', async () => {
  const unhandled = vi.fn()
  process.on('unhandledRejection', unhandled)
  const google = createClient({ transport: answering(page), auth: anonymous() })
  const ended = { signal: AbortSignal.abort('over'), retry: false } as const
  await expect(google.discover('notes:v1', ended)).rejects.toBe('over')
  const failing = { kind: 'x', headers: async () => Promise.reject(new Error('no credential')) }
  const other = createClient({ transport: answering(page), auth: failing }).api(notes).notes
  await expect(other.get({ noteId: '1' }, ended)).rejects.toBe('over')
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect(unhandled).not.toHaveBeenCalled()
  process.off('unhandledRejection', unhandled)
})

test('one call that fails to end does not keep the others of its signal', async () => {
  const controller = new AbortController()
  const failed = vi.fn()
  process.on('uncaughtException', failed)
  let first = true
  const transport = answering((_, __, context) => {
    if (first) context.onEnd(() => { throw new Error('a bad listener') }) // prettier-ignore
    first = false
    return new Promise((_resolve, reject) => context.onEnd(reject))
  })
  const { get } = createClient({ transport, auth: anonymous() }).api(notes).notes
  void get({ noteId: '1' }, { signal: controller.signal }).catch(() => {})
  const other = get({ noteId: '2' }, { signal: controller.signal })
  await new Promise((resolve) => setImmediate(resolve))
  const uncaught = process.listeners('uncaughtException').filter((each) => each !== failed)
  for (const each of uncaught) process.off('uncaughtException', each)
  controller.abort('enough')
  await expect(other).rejects.toBe('enough')
  await new Promise((resolve) => setImmediate(resolve))
  for (const each of uncaught) process.on('uncaughtException', each)
  process.off('uncaughtException', failed)
})

test('a credential that is never renewed ends with the call', async () => {
  let asked = 0
  const headers = (): any => (asked++ === 0 ? { authorization: 'Bearer x' } : new Promise(() => {}))
  const auth = { kind: 'x', headers, refused: () => true }
  const google = createClient({ transport: answering(() => answer(401)), auth })
  const call = google.api(notes).notes.get({ noteId: '1' }, { timeoutMs: 20 })
  await expect(call).rejects.toBeInstanceOf(TimeoutError)
})
