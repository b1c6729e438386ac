import type { MediaInput } from 'discokit'
import { createUploadControl, memoryUploadStore, type UploadState, type UploadStore } from 'discokit/media'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { bytesOf, connect, type Connection, failureOf, until } from '../connection.ts'

const K = 262_144
const BYTES = bytesOf(5 * K + 77)
const media: MediaInput = { content: BYTES, name: 'a' }

let box: Connection
beforeAll(async () => void (box = await connect('in process')))
afterAll(() => box.close())

const insert = (options: object): Promise<any> =>
  box.storage.objects.insert({ bucket: 'box', body: { name: 'a' }, media }, options)

describe('a store that hangs', () => {
  const never = (): Promise<never> => new Promise(() => {})

  test.each(['get', 'set'] as const)(
    'in %s at the beginning is left by whatever ends the call',
    async (name) => {
      for (const how of ['signal', 'control', 'deadline']) {
        const reason = new Error('enough')
        let asked = false
        const control = createUploadControl()
        const caller = new AbortController()
        const hang = (): Promise<never> => {
          asked = true
          return never()
        }
        const hanging = { ...memoryUploadStore(), [name]: hang }
        const timeoutMs = how === 'deadline' ? 200 : undefined
        const upload = { store: hanging, kind: 'resumable', control }
        const failure = failureOf(insert({ upload, signal: caller.signal, timeoutMs }))
        await until(() => asked)
        if (how === 'signal') caller.abort(reason)
        if (how === 'control') await control.abort(reason)
        if (how === 'deadline') expect(await failure).toMatchObject({ name: 'TimeoutError', phase: 'store' })
        else expect(await failure).toBe(reason)
      }
    },
  )

  test('later holds up nothing but the end, for a moment', async () => {
    let sets = 0
    const kept = memoryUploadStore()
    const set: UploadStore['set'] = async (key, state) => (sets++ === 0 ? kept.set(key, state) : never())
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      let result: any
      const upload = { store: { ...kept, set, delete: never }, chunkBytes: K }
      void insert({ upload }).then((given: unknown) => (result = given))
      await until(async () => {
        await vi.advanceTimersByTimeAsync(100)
        return result !== undefined
      })
      expect(result.size).toBe(String(BYTES.length))
    } finally {
      vi.useRealTimers()
    }
  })

  test('or answers at once, as programs without types write it, is as good as any', async () => {
    const states = new Map<string, UploadState>()
    const plain = {
      get: (key: string) => states.get(key),
      set: (key: string, state: UploadState) => void states.set(key, state),
      delete: (key: string) => states.delete(key),
    } as unknown as UploadStore
    const upload = { store: plain, chunkBytes: K }
    expect(await insert({ upload })).toMatchObject({ size: String(BYTES.length) })
    expect(states.size).toBe(0)
    const throwing = (): never => {
      throw new Error('the store is away')
    }
    const broken = { store: { ...plain, delete: throwing }, chunkBytes: K }
    expect(await insert({ upload: broken })).toMatchObject({ size: String(BYTES.length) })
  })
})
