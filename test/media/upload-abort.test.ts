import { TimeoutError } from 'discokit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bytesOf, connect, type Connection, failureOf, MANNERS, same, settle } from './connection.ts'

const PIECE = bytesOf(100_000)

describe.each(MANNERS)('an upload that is given up, %s', (manner) => {
  let box: Connection
  beforeAll(async () => void (box = await connect(manner)))
  afterAll(() => box.close())

  const insert = (name: string, media: unknown, options: object): Promise<unknown> =>
    box.storage.objects.insert({ bucket: 'box', name, media }, options)

  test('in the middle settles with the reason, ends the source and keeps the old object', async () => {
    await insert('a', 'old', {})
    const controller = new AbortController()
    const reason = { because: 'enough' }
    let given = 0
    let ended = false
    async function* endless(): AsyncGenerator<Uint8Array, void, undefined> {
      try {
        for (;;) {
          await new Promise((resolve) => setImmediate(resolve))
          if (++given === 10) controller.abort(reason)
          yield PIECE
        }
      } finally {
        ended = true
      }
    }
    expect(await failureOf(insert('a', endless(), { signal: controller.signal }))).toBe(reason)
    await settle()
    expect(ended).toBe(true)
    expect(given).toBeLessThan(13)
    expect(same(await box.stored('a'), Buffer.from('old'))).toBe(true)
  })

  test('while its source gives nothing settles at once', async () => {
    const controller = new AbortController()
    async function* stuck(): AsyncGenerator<Uint8Array, void, undefined> {
      yield PIECE
      setImmediate(() => controller.abort())
      await new Promise(() => {})
    }
    const failure = await failureOf(insert('b', stuck(), { signal: controller.signal }))
    expect(failure).toBe(controller.signal.reason)
    expect(failure.name).toBe('AbortError')
    await settle()
    expect(await box.stored('b')).toBeUndefined()
  })

  test('before it begins sends nothing and does not touch the source', async () => {
    box.emulator.journal.clear()
    let begun = false
    async function* untouched(): AsyncGenerator<Uint8Array, void, undefined> {
      begun = true
      yield PIECE
    }
    const failure = await failureOf(insert('c', untouched(), { signal: AbortSignal.abort('no') }))
    expect(failure).toBe('no')
    expect(begun).toBe(false)
    expect(box.emulator.journal.exchanges).toEqual([])
  })

  test('at its time limit is a TimeoutError and stores nothing', async () => {
    async function* stuck(): AsyncGenerator<Uint8Array, void, undefined> {
      yield PIECE
      await new Promise(() => {})
    }
    const failure = await failureOf(insert('d', stuck(), { timeoutMs: 30 }))
    expect(failure).toBeInstanceOf(TimeoutError)
    expect(failure).toMatchObject({ timeoutMs: 30, code: 'timeout' })
    await settle()
    expect(await box.stored('d')).toBeUndefined()
  })

  test('leaves the client fit for the next one', async () => {
    for (let i = 0; i < 20; i++) {
      const controller = new AbortController()
      const onProgress = ({ sent }: { sent: number }): void => {
        if (sent > 0) controller.abort()
      }
      const failure = await failureOf(
        insert('e', new Blob([PIECE]), { signal: controller.signal, onProgress }),
      )
      expect(failure).toBe(controller.signal.reason)
    }
    expect(await insert('e', 'fine', {})).toMatchObject({ size: '4' })
  })
})
