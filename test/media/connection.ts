import { createClient, type Client, type ClientOptions, NotFoundError, type UntypedApi } from 'discokit'
import { anonymous } from 'discokit/auth'
import { createEmulator, type Emulator } from 'discokit/emulator'

/** The two ways to reach an emulator. What holds in one must hold in the other. */
export const MANNERS = ['in process', 'over a port'] as const

/** A client of an emulator that has the bucket `box`. */
export interface Connection {
  readonly emulator: Emulator
  readonly google: Client
  readonly storage: UntypedApi
  /** The bytes of an object, or undefined when there is none. */
  stored(name: string): Promise<Uint8Array | undefined>
  /** The calls of a method that the emulator has answered or broken off. */
  calls(methodId: string): Emulator['journal']['exchanges']
  close(): Promise<void>
}

export async function connect(
  manner: (typeof MANNERS)[number],
  options: ClientOptions = {},
): Promise<Connection> {
  const emulator = await createEmulator()
  if (manner === 'over a port') await emulator.listen()
  const google = createClient({
    ...emulator.connect(),
    auth: emulator.serviceAccount(),
    retry: { baseDelayMs: 1 },
    ...options,
  })
  const storage = await google.discover('storage:v1')
  await storage.buckets.insert({ project: 'p', body: { name: 'box' } })
  const calls: Connection['calls'] = (methodId) =>
    emulator.journal.exchanges.filter((exchange) => exchange.methodId === methodId)
  return {
    emulator,
    google,
    storage,
    calls,
    stored: (name) =>
      storage.objects.get
        .download({ bucket: 'box', object: name })
        .bytes()
        .catch((error: unknown) => {
          if (error instanceof NotFoundError) return undefined
          throw error
        }),
    close: async () => {
      await google.close()
      await emulator.close()
    },
  }
}

/** The storage API of a server that is no emulator. */
export async function connectTo(
  endpoint: string,
  options: ClientOptions = {},
): Promise<{ google: Client; storage: UntypedApi }> {
  const google = createClient({ endpoint, auth: anonymous(), retry: { baseDelayMs: 1 }, ...options })
  return { google, storage: google.api(await storageDocument()) }
}

/** Lets the event loop turn until something holds, and not for ever. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 100_000; turn++) {
    if (await condition()) return
    await new Promise((resolve) => setImmediate(resolve))
  }
  throw new Error('what was waited for did not happen')
}

/** Lets the event loop turn often enough for a server in this process to take notice of what a client has done. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** What a promise rejects with. */
export async function failureOf(promise: PromiseLike<unknown>): Promise<any> {
  return Promise.resolve(promise).then(
    () => {
      throw new Error('it did not fail')
    },
    (error: unknown) => error,
  )
}

/** Bytes in which every place differs from its neighbours, the same every time. */
export function bytesOf(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length)
  let state = 7
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    bytes[i] = state >>> 16
  }
  return bytes
}

/** Whether two lists of bytes are the same; faster and shorter to report than a deep comparison. */
export function same(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && Buffer.compare(a, b) === 0
}

/** The bytes in pieces, given one turn of the event loop after another. */
export async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let start = 0; start < bytes.length; start += size) {
    await new Promise((resolve) => setImmediate(resolve))
    yield bytes.subarray(start, start + size)
  }
}

let document: Promise<any> | undefined

function storageDocument(): Promise<any> {
  document ??= (async () => {
    const emulator = await createEmulator()
    const url = `${emulator.url}/discovery/v1/apis/storage/v1/rest`
    const answer = await emulator.handle({ method: 'GET', url, headers: {} })
    return JSON.parse(await answer.body.text())
  })()
  return document
}
