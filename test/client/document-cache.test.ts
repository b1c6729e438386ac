import { type Client, type ClientOptions, createClient, TransportError } from 'discokit'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { answer, answering, noAnswer } from './answers.ts'
import { type MemoryCache, memoryCache } from './memory-cache.ts'
import { notes } from './notes-document.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const STORAGE = 'http://emulator.localhost/discovery/v1/apis/storage/v1/rest'
const PREFERRED = 'http://emulator.localhost/discovery/v1/apis?name=storage'

let emulator: Emulator
let cache: MemoryCache
beforeEach(async () => {
  emulator = await createEmulator({ now: () => 1_000 }) // time stands still, but for what a test adds
  cache = memoryCache()
})
afterEach(() => emulator.close())

/** A client as a program makes it at each start. */
const start = (options: ClientOptions = {}): Client =>
  createClient({ ...emulator.connect(), cache, ...options })
const statuses = (): unknown[] => emulator.journal.exchanges.map(({ status }) => status)

describe('a second start', () => {
  test('asks nobody for a document that came within a day', async () => {
    await start().discover('storage:v1')
    emulator.clock.advance(DAY_MS - 1)
    const storage = await start().discover('storage:v1')
    expect(storage.buckets.insert.$id).toBe('storage.buckets.insert')
    expect(emulator.journal.exchanges).toHaveLength(1)
  })

  test('asks nobody for the preferred version either', async () => {
    await start().discover('storage')
    expect(emulator.journal.exchanges).toHaveLength(2)
    await start().discover('storage')
    await start().discover('storage:v1')
    expect(emulator.journal.exchanges).toHaveLength(2)
    expect(cache.writes).toEqual([PREFERRED, STORAGE])
  })

  test('has the whole document for $load', async () => {
    await start().discover('storage:v1')
    const whole = await (await start().discover('storage:v1')).$load()
    expect(whole.schemas.Bucket.type).toBe('object')
    expect(emulator.journal.exchanges).toHaveLength(1)
  })

  test('does not keep what a parameter may have changed', async () => {
    await start().discover('storage:v1', { extraQuery: { prettyPrint: 'false' } })
    expect([cache.reads, cache.writes]).toEqual([[], []])
  })

  test('does not keep the whole list of APIs', async () => {
    await start().listApis()
    expect([cache.reads, cache.writes]).toEqual([[], []])
  })

  test('finds nothing where the cache is switched off', async () => {
    await start({ cache: false }).discover('storage:v1')
    await start({ cache: false }).discover('storage:v1')
    expect(statuses()).toEqual([200, 200])
  })

  test('refuses misspelt options as the first did', async () => {
    await start().discover('storage:v1')
    await expect(start().discover('storage:v1', { timeoutMS: 1 } as never)).rejects.toMatchObject({
      problems: [{ path: 'timeoutMS', suggestion: 'timeoutMs' }],
    })
  })
})

describe('after a day', () => {
  test('it is asked whether the document has changed, and again only after another day', async () => {
    await start().discover('storage:v1')
    emulator.clock.advance(DAY_MS)
    expect((await start().discover('storage:v1')).$id).toBe('storage:v1')
    emulator.clock.advance(DAY_MS - 1)
    await start().discover('storage:v1')
    expect(statuses()).toEqual([200, 304])
    const { etag } = cache.documents.get(STORAGE)!
    expect(emulator.journal.exchanges[1]!.headers).toMatchObject({ 'if-none-match': etag })
  })

  test('so it is for the preferred version', async () => {
    await start().discover('storage')
    emulator.clock.advance(DAY_MS)
    await start().discover('storage')
    expect(statuses()).toEqual([200, 200, 304, 304])
  })

  test('it is asked by date where the server gave no tag', async () => {
    const modified = 'Tue, 06 Oct 2026 10:00:00 GMT'
    const transport = answering(({ headers }) =>
      headers['if-modified-since'] === modified
        ? answer(304)
        : answer(200, notes, { 'last-modified': modified }),
    )
    let now = 0
    const google = (): Client => createClient({ transport, cache, clock: { now: () => now } })
    await google().discover('notes:v1')
    now += DAY_MS
    expect((await google().discover('notes:v1')).$id).toBe('notes:v1')
    now += DAY_MS - 1
    await google().discover('notes:v1')
    expect(transport.requests.map(({ headers }) => headers['if-modified-since'])).toEqual([
      undefined,
      modified,
    ])
  })

  test('a changed document takes the place of the old one', async () => {
    await start().discover('storage:v1')
    const kept = cache.documents.get(STORAGE)!
    cache.documents.set(STORAGE, {
      ...kept,
      etag: '"older"',
      text: kept.text.replace('storage.buckets.get', 'x.y'),
    })
    expect((await start().discover('storage:v1')).buckets.get.$id).toBe('x.y')
    emulator.clock.advance(DAY_MS)
    expect((await start().discover('storage:v1')).buckets.get.$id).toBe('storage.buckets.get')
    expect(cache.documents.get(STORAGE)!.text).toBe(kept.text)
  })

  test('a document that came from the future is asked for', async () => {
    await start().discover('storage:v1')
    cache.documents.set(STORAGE, {
      ...cache.documents.get(STORAGE)!,
      storedAt: emulator.clock.now() + HOUR_MS,
    })
    await start().discover('storage:v1')
    expect(statuses()).toEqual([200, 304])
  })

  test('an API that is gone is gone', async () => {
    await start().discover('storage:v1')
    emulator.clock.advance(DAY_MS)
    const transport = answering(() => answer(404))
    await expect(start({ transport }).discover('storage:v1')).rejects.toMatchObject({ code: 'invalid_input' })
  })
})

describe('when Google cannot be reached', () => {
  const broken = answering(() =>
    Promise.reject(new TransportError('x', { reason: 'ECONNREFUSED', progress: 'unsent' })),
  )
  const unreachable: [string, ReturnType<typeof answering>][] = [
    ['no connection can be made', broken],
    ['it answers 503', answering(() => answer(503))],
    ['it answers 429', answering(() => answer(429))],
    ['somebody else answers', answering(() => answer(200, '<html>', { 'content-type': 'text/html' }))],
  ]

  test.each(unreachable)('because %s, the old document serves for thirty days', async (_, transport) => {
    await start().discover('storage')
    const kept = new Map(cache.documents)
    emulator.clock.advance(30 * DAY_MS - 1)
    expect((await start({ transport }).discover('storage')).$id).toBe('storage:v1')
    expect(cache.documents).toEqual(kept)
    emulator.clock.advance(1)
    await expect(start({ transport, retry: false }).discover('storage')).rejects.toBeDefined()
  })

  test('one try is enough', async () => {
    await start().discover('storage:v1')
    emulator.clock.advance(DAY_MS)
    broken.requests.length = 0
    await start({ transport: broken }).discover('storage:v1')
    expect(broken.requests).toHaveLength(1)
  })

  test.each([
    [{}, 10_000],
    [{ timeoutMs: 4_000 }, 1_000],
  ])('silence with %o is waited for %i ms', async (options, waitMs) => {
    await start().discover('storage:v1')
    emulator.clock.advance(DAY_MS)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    try {
      let ended = false
      const transport = answering((_, __, context) => noAnswer(context))
      const found = start({ transport }).discover('storage:v1', options)
      void found.then(() => (ended = true))
      await vi.advanceTimersByTimeAsync(waitMs - 1)
      expect(ended).toBe(false)
      await vi.advanceTimersByTimeAsync(1)
      expect((await found).$id).toBe('storage:v1')
    } finally {
      vi.useRealTimers()
    }
  })

  test('the caller still can abort', async () => {
    await start().discover('storage:v1')
    emulator.clock.advance(DAY_MS)
    const controller = new AbortController()
    const transport = answering((_, __, context) => {
      controller.abort('enough')
      return noAnswer(context)
    })
    const found = start({ transport }).discover('storage:v1', { signal: controller.signal })
    await expect(found).rejects.toBe('enough')
  })

  test('an API that was never had stays a failure', async () => {
    await expect(start({ transport: broken, retry: false }).discover('storage:v1')).rejects.toBeInstanceOf(
      TransportError,
    )
  })
})

describe('a cache that cannot be used', () => {
  const good = { text: JSON.stringify(notes), storedAt: 1 }

  test.each<[string, unknown]>([
    ['broken JSON', { ...good, text: '{"name":' }],
    ['another document', { ...good, text: JSON.stringify({ ...notes, version: 'v2' }) }],
    ['no document', { ...good, text: '[]' }],
    ['a document too deep', { ...good, text: deepDocument(100_000) }],
    ['no time', { text: good.text }],
    ['a time that is none', { ...good, storedAt: '1' }],
    ['another address', { ...good, url: 'https://evil.example/notes' }],
    ['an address that is none', { ...good, url: 7 }],
    ['nothing at all', null],
    ['a number', 7],
  ])('because it has %s is passed over', async (_, kept) => {
    cache.documents.set('https://www.googleapis.com/discovery/v1/apis/notes/v1/rest', kept as never)
    const transport = answering(() => answer(200, notes))
    const google = createClient({ transport, cache, clock: { now: () => 1 } })
    expect((await google.discover('notes:v1')).$id).toBe('notes:v1')
    expect(transport.requests).toHaveLength(1)
    expect(transport.requests[0]!.headers).not.toHaveProperty('if-none-match')
  })

  test.each<[string, () => never]>([
    [
      'throws',
      () => {
        throw new Error('disk')
      },
    ],
    ['rejects', (() => Promise.reject(new Error('disk'))) as () => never],
  ])('because it %s never fails a call', async (_, fail) => {
    const google = start({ cache: { get: fail, set: fail } })
    expect((await google.discover('storage')).$id).toBe('storage:v1')
  })

  test('sends no tag that could not stand in a header', async () => {
    await start().discover('storage:v1')
    cache.documents.set(STORAGE, { ...cache.documents.get(STORAGE)!, etag: 'a\r\nx-evil: 1' })
    emulator.clock.advance(DAY_MS)
    await start().discover('storage:v1')
    expect(statuses()).toEqual([200, 200])
  })

  test('keeps nothing that was not what was asked for', async () => {
    const transport = answering(() => answer(200, { ...notes, name: 'other' }))
    const google = createClient({ transport, cache })
    await expect(google.discover('notes:v1')).rejects.toMatchObject({ code: 'invalid_input' })
    await expect(google.discover('notes')).rejects.toMatchObject({ code: 'invalid_input' })
    expect(cache.writes).toEqual([])
  })
})

test("a document at its API's own address is found and asked for there", async () => {
  const own = 'https://notes.googleapis.com/$discovery/rest?version=v1'
  const transport = answering(({ url, headers }) => {
    if (url !== own) return answer(404)
    return headers['if-none-match'] === '"a"' ? answer(304) : answer(200, notes, { etag: '"a"' })
  })
  let now = 0
  const google = (): Client => createClient({ transport, cache, clock: { now: () => now } })
  await google().discover('notes:v1')
  await google().discover('notes:v1')
  expect(transport.requests).toHaveLength(2)
  now += DAY_MS
  await google().discover('notes:v1')
  expect(transport.requests.slice(2).map(({ url }) => url)).toEqual([own])
})

test('a document at the address that the list of APIs names is found and asked for there', async () => {
  const named = 'https://notes-json.googleapis.com/$discovery/rest?version=v1'
  const item = { name: 'notes', version: 'v1', discoveryRestUrl: named }
  const transport = answering(({ url }) => {
    if (url.endsWith('/apis')) return answer(200, { items: [item] })
    return url === named ? answer(200, notes, { etag: '"a"' }) : answer(404)
  })
  let now = 0
  const google = (): Client => createClient({ transport, cache, clock: { now: () => now } })
  await google().discover('notes:v1')
  await google().discover('notes:v1')
  expect(transport.requests).toHaveLength(4)
  now += DAY_MS
  await google().discover('notes:v1')
  expect(transport.requests.slice(4)).toMatchObject([{ url: named, headers: { 'if-none-match': '"a"' } }])
})

test('a refusal is not taken for an answer without news', async () => {
  const google = createClient({ transport: answering(() => answer(304)), cache })
  await expect(google.discover('notes:v1')).rejects.toMatchObject({ status: 304 })
})

/** The JSON of a document whose resources are nested. */
function deepDocument(depth: number): string {
  const resources = `${'{"a":{"resources":'.repeat(depth)}{}${'}}'.repeat(depth)}`
  return `${JSON.stringify(notes).slice(0, -1)},"resources":${resources}}`
}
