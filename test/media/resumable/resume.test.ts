import { utimes, writeFile } from 'node:fs/promises'
import { type MediaInput, type UploadProgress } from 'discokit'
import { memoryUploadStore, type UploadState, type UploadStore } from 'discokit/media'
import { file } from 'discokit/node'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { bytesOf, connect, type Connection, failureOf, pieces, same } from '../connection.ts'
import { useFolder } from '../folder.ts'

const K = 262_144
const BYTES = bytesOf(5 * K + 77)
const INSERT = 'storage.objects.insert'
const path = useFolder()

/** A store that shows what is in it. */
function shownStore(): UploadStore & { readonly states: Map<string, UploadState>; sets: number } {
  const states = new Map<string, UploadState>()
  const store = {
    states,
    sets: 0,
    get: async (key: string) => states.get(key),
    set: async (key: string, state: UploadState) => {
      store.sets++
      states.set(key, state)
    },
    delete: async (key: string) => void states.delete(key),
  }
  return store
}

describe('an upload with a store', () => {
  let box: Connection
  let store: ReturnType<typeof shownStore>
  beforeAll(async () => void (box = await connect('in process')))
  afterAll(() => box.close())
  beforeEach(() => {
    box.emulator.journal.clear()
    store = shownStore()
  })
  afterEach(() => expect(box.emulator.unusedFaults()).toEqual({}))

  const insert = (media: MediaInput, options: any = {}, body: object = { name: 'a' }): Promise<any> =>
    box.storage.objects.insert(
      { bucket: 'box', body, media },
      { ...options, upload: { store, ...options.upload } },
    )

  /** Begins an upload and ends the call when the server has so many bytes, as a crash would. */
  async function begin(media: MediaInput, options: any = {}, body?: object): Promise<void> {
    const crash = new AbortController()
    const onProgress = ({ acknowledged }: UploadProgress): void => {
      if (acknowledged >= 2 * K) crash.abort('crashed')
    }
    const upload = { chunkBytes: K, ...options.upload }
    const failure = await failureOf(insert(media, { signal: crash.signal, onProgress, upload }, body))
    expect(failure).toBe('crashed')
    expect(store.states.size).toBe(1)
    box.emulator.journal.clear()
  }

  const begun = (): number => box.calls(INSERT).filter(({ method }) => method === 'POST').length
  const cancelled = (): number => box.calls(INSERT).filter(({ method }) => method === 'DELETE').length
  const sent = (): unknown[] =>
    box.calls(INSERT).map(({ headers, method }) => headers['content-range'] ?? method)

  const fileOf = async (bytes: Uint8Array): Promise<MediaInput> => {
    await writeFile(path('a'), bytes)
    return file(path('a'))
  }

  test.each<[string, () => MediaInput | Promise<MediaInput>]>([
    ['a file', () => fileOf(BYTES)],
    ['bytes', () => BYTES],
    ['a File', () => new File([BYTES], 'a', { lastModified: 1 })],
    ['a stream', () => pieces(BYTES, 50_001)],
    ['a stream of known length', () => ({ content: pieces(BYTES, 50_001), length: BYTES.length })],
    [
      'a source that begins at its beginning',
      () => ({
        describe: () => ({ length: undefined, replayable: true }),
        open: () => pieces(BYTES, 50_001),
      }),
    ],
  ])('%s goes on where it stood', async (kind, make) => {
    const media = await make()
    await begin(media)
    const [state] = store.states.values()
    expect(state).toMatchObject({ version: 1, methodId: INSERT, offset: 2 * K, granularity: K })
    expect(JSON.parse(JSON.stringify(state))).toEqual(state)

    const again = /bytes|file$/i.test(kind) ? media : await make()
    const seen: UploadProgress[] = []
    const onProgress = (progress: UploadProgress): void => void seen.push(progress)
    expect(await insert(again, { onProgress })).toMatchObject({ size: String(BYTES.length) })
    expect(same(await box.stored('a'), BYTES)).toBe(true)
    expect(begun()).toBe(0)
    expect(sent()[0]).toMatch(/^bytes \*\//)
    expect(sent()[1]).toMatch(new RegExp(`^bytes ${2 * K}-`))
    expect(seen[0]).toMatchObject({ acknowledged: 2 * K })
    expect(store.states.size).toBe(0)
  })

  test.each<[string, () => Promise<[MediaInput, object?, object?]>]>([
    [
      'content of another time',
      async () => {
        await utimes(path('a'), 1_000_000, 1_000_000)
        return [file(path('a'))]
      },
    ],
    ['another length', async () => [await fileOf(BYTES.subarray(1))]],
    ['other metadata', async () => [file(path('a')), {}, { name: 'a', metadata: { a: 'b' } }]],
    ['another media type', async () => [{ content: file(path('a')) as never, contentType: 'a/b' }]],
    ['another dialect', async () => [file(path('a')), { upload: { dialect: 'goog-upload' } }]],
  ])('%s under the same key begins anew, and the old session is cancelled', async (_, make) => {
    const upload = { key: 'mine' }
    await begin(await fileOf(BYTES), { upload })
    const [media, options = {}, body] = await make()
    const merged = { ...options, upload: { ...(options as any).upload, ...upload } }
    await insert(media, merged, body)
    expect(begun()).toBeGreaterThan(0)
    expect(cancelled()).toBe(1)
    expect(store.states.size).toBe(0)
  })

  test('without a fingerprint the bytes are compared with those that were sent', async () => {
    const upload = { key: 'mine' }
    await begin(BYTES, { upload })
    const other = BYTES.slice()
    other[K] = other[K]! ^ 1
    await insert(other, { upload })
    expect(begun()).toBe(1)
    expect(cancelled()).toBe(1)
    expect(same(await box.stored('a'), other)).toBe(true)
    await begin(BYTES, { upload: { ...upload, checksum: false } })
    await insert(BYTES, { upload: { ...upload, checksum: false } })
    expect(begun()).toBe(0)
  })

  test('another stream under the same key is an error, after which it can be sent', async () => {
    const upload = { key: 'mine' }
    await begin(pieces(BYTES, 50_000), { upload })
    const other = BYTES.slice()
    other[K] = other[K]! ^ 1
    expect(await failureOf(insert(pieces(other, 50_000), { upload }))).toMatchObject({
      name: 'DataLossError',
    })
    expect(cancelled()).toBe(1)
    await insert(pieces(other, 50_000), { upload })
    expect(same(await box.stored('a'), other)).toBe(true)
  })

  test('other objects have keys of their own', async () => {
    await begin(await fileOf(BYTES))
    await insert(file(path('a')), {}, { name: 'b' })
    expect(begun()).toBe(1)
    expect(store.states.size).toBe(1)
    await insert(file(path('a')))
    expect(begun()).toBe(1)
    expect(store.states.size).toBe(0)
  })

  test('a session that the server forgot begins anew', async () => {
    const media = await fileOf(BYTES)
    await begin(media)
    const [[key, state]] = [...store.states] as [[string, UploadState]]
    store.states.set(key, { ...state, sessionUrl: `${state.sessionUrl}x` })
    await insert(media)
    expect(begun()).toBe(1)
    expect(same(await box.stored('a'), BYTES)).toBe(true)
    await begin(media)
    box.emulator.clock.advance(8 * 24 * 3_600_000)
    await insert(media)
    expect(begun()).toBe(1)
  })

  test('a session elsewhere is not asked: the upload begins anew', async () => {
    const media = await fileOf(BYTES)
    await begin(media)
    const [[key, state]] = [...store.states] as [[string, UploadState]]
    store.states.set(key, { ...state, sessionUrl: 'https://evil.example/?upload_id=SeCrEt-1234' })
    expect(await insert(media)).toMatchObject({ size: String(BYTES.length) })
    expect(begun()).toBe(1)
    expect(cancelled()).toBe(0)
    expect(store.states.size).toBe(0)
  })

  test('a crash after the end: the next call finds it there', async () => {
    const media = await fileOf(BYTES)
    const kept = memoryUploadStore()
    let forget = true
    const forgetful = { ...kept, delete: async (key: string) => (forget ? undefined : kept.delete(key)) }
    const upload = { store: forgetful, kind: 'resumable' }
    const first = await insert(media, { upload })
    forget = false
    box.emulator.journal.clear()
    const second = await insert(media, { upload })
    expect(second.generation).toBe(first.generation)
    expect(sent()).toEqual([`bytes */${BYTES.length}`])
  })

  test('somebody else finished it: the bytes that were not sent here are compared too', async () => {
    const kept = memoryUploadStore()
    const forgetful = { ...kept, delete: async () => {} }
    const upload = { store: forgetful, kind: 'resumable', key: 'mine' }
    const media = (bytes: Uint8Array): MediaInput => ({
      describe: () => ({ length: undefined, replayable: true, fingerprint: 'same' }),
      open: () => pieces(bytes, 50_000),
    })
    await insert(media(BYTES), { upload })
    box.emulator.journal.clear()
    expect(await insert(media(BYTES), { upload })).toMatchObject({ size: String(BYTES.length) })
    expect(sent()).toEqual(['bytes */*'])
    const other = BYTES.slice()
    other[other.length - 1]! ^= 1
    const state = (await kept.get('mine'))!
    await kept.set('mine', { ...state, crc32c: 0, hashed: 0 })
    expect(await failureOf(insert(media(other), { upload }))).toMatchObject({ name: 'DataLossError' })
  })

  test('two at the same time with the same key end in one object with the right bytes', async () => {
    const media = await fileOf(BYTES)
    await begin(media)
    const upload = { chunkBytes: K, maxBytesPerSecond: 20_000_000 }
    const both = await Promise.all([insert(media, { upload }), insert(file(path('a')), { upload })])
    expect(both[0].generation).toBe(both[1].generation)
    expect(same(await box.stored('a'), BYTES)).toBe(true)
    expect(begun()).toBe(0)
  })

  test('a state that is ahead of the server is corrected by it', async () => {
    const media = await fileOf(BYTES)
    await begin(media)
    const [[key, state]] = [...store.states] as [[string, UploadState]]
    store.states.set(key, { ...state, offset: 3 * K })
    await insert(media)
    expect(same(await box.stored('a'), BYTES)).toBe(true)
    expect(begun()).toBe(0)
  })

  test('of a stream, a state that is ahead is an error, and the call after it begins anew', async () => {
    const media = (): MediaInput => pieces(BYTES, 50_000)
    await begin(media(), { upload: { key: 'mine' } })
    const [[key, state]] = [...store.states] as [[string, UploadState]]
    store.states.set(key, { ...state, offset: 3 * K })
    expect(await failureOf(insert(media(), { upload: { key: 'mine' } }))).toMatchObject({
      name: 'DataLossError',
    })
    expect(store.states.size).toBe(0)
    await insert(media(), { upload: { key: 'mine' } })
    expect(same(await box.stored('a'), BYTES)).toBe(true)
  })

  test('a store that fails at the beginning fails the call; later it does not', async () => {
    const broken = new Error('the store is away')
    const media = await fileOf(BYTES)
    const failing = (name: string, after: number): UploadStore => {
      let calls = 0
      const fail = async (): Promise<never> => {
        throw broken
      }
      return { ...memoryUploadStore(), [name]: async () => (calls++ < after ? undefined : fail()) }
    }
    for (const name of ['get', 'set']) {
      expect(await failureOf(insert(media, { upload: { store: failing(name, 0) } }))).toBe(broken)
    }
    for (const [name, after] of [
      ['set', 1],
      ['delete', 0],
    ] as const) {
      const upload = { store: failing(name, after), chunkBytes: K }
      expect(await insert(media, { upload })).toMatchObject({ size: String(BYTES.length) })
    }
  })

  test('is kept after each chunk, not more often', async () => {
    await insert(await fileOf(BYTES), { upload: { chunkBytes: K } })
    expect(store.sets).toBe(1 + 5)
  })

  test('survives any one write that is the last before a crash', async () => {
    const media = await fileOf(BYTES)
    for (let last = 1; last <= 6; last++) {
      const name = `write ${last}`
      const crash = new AbortController()
      const states = shownStore()
      const crashing = {
        ...states,
        set: async (key: string, state: UploadState) => {
          await states.set(key, state)
          if (states.sets === last) crash.abort('crashed')
        },
      }
      const upload = { store: crashing, chunkBytes: K }
      await failureOf(insert(media, { upload, signal: crash.signal }, { name }))
      await insert(media, { upload: { store: states } }, { name })
      expect(same(await box.stored(name), BYTES)).toBe(true)
    }
  })
})
