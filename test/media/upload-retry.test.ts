import { writeFile } from 'node:fs/promises'
import { GoogleApiError, type MediaSource, TransportError, type UploadProgress } from 'discokit'
import { file } from 'discokit/node'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { bytesOf, connect, type Connection, failureOf, MANNERS, pieces, same } from './connection.ts'
import { useFolder } from './folder.ts'

const BYTES = bytesOf(1_500_000)
const INSERT = 'storage.objects.insert'
const path = useFolder()

describe.each(MANNERS)('an upload that fails on its way, %s', (manner) => {
  let box: Connection
  beforeAll(async () => void (box = await connect(manner)))
  afterAll(() => box.close())
  beforeEach(() => box.emulator.journal.clear())

  const statuses = (): unknown[] => box.calls(INSERT).map(({ status }) => status)

  describe.each([
    ['simple', (name: string) => ({ name })],
    ['multipart', (name: string) => ({ body: { name } })],
  ])('%s', (form, parameters) => {
    const insert = (name: string, media: unknown, ifGenerationMatch?: string, options = {}): Promise<any> =>
      box.storage.objects.insert(
        { bucket: 'box', ...parameters(name), ...(ifGenerationMatch && { ifGenerationMatch }), media },
        { upload: { kind: form }, ...options },
      )

    test.each(['return-503', 'return-503-after-256K', 'return-503-after-1024K', 'return-reset-connection'])(
      'is sent again whole after %s when it may be',
      async (fault) => {
        await writeFile(path('a.bin'), BYTES)
        const sources = [BYTES, new Blob([BYTES]), file(path('a.bin'))]
        for (const [i, media] of sources.entries()) {
          const name = `${form} ${fault} ${i}`
          box.emulator.journal.clear()
          box.emulator.fail(INSERT, [fault, fault])
          expect(await insert(name, media, '0')).toMatchObject({ size: String(BYTES.length) })
          expect(statuses()).toHaveLength(3)
          expect(statuses()[2]).toBe(200)
          expect(same(await box.stored(name), BYTES)).toBe(true)
        }
      },
    )

    test('begins its progress anew for each try', async () => {
      const seen: UploadProgress[] = []
      const onProgress = (progress: UploadProgress): void => void seen.push(progress)
      box.emulator.fail(INSERT, ['return-503-after-256K'])
      await insert(`${form} progress`, new Blob([BYTES]), '0', { onProgress })
      expect(seen.filter(({ sent }) => sent === 0)).toHaveLength(2)
      expect(seen.at(-1)).toMatchObject({ sent: BYTES.length, total: BYTES.length })
    })

    test('opens a source of the program once for each try, and looks at it once', async () => {
      const calls: string[] = []
      const media: MediaSource = {
        describe: () => {
          calls.push('describe')
          return { length: BYTES.length, replayable: true }
        },
        open: () => {
          calls.push('open')
          return pieces(BYTES, 500_000)
        },
      }
      box.emulator.fail(INSERT, ['return-503-after-256K', 'return-503-after-256K'])
      await insert(`${form} own`, media, '0')
      expect(calls).toEqual(['describe', 'open', 'open', 'open'])
    })

    test.each(['return-503', 'return-503-after-256K'])(
      'is not sent again after %s when its source can be read once',
      async (fault) => {
        const name = `${form} once ${fault}`
        await insert(name, 'old')
        const { generation } = await box.storage.objects.get({ bucket: 'box', object: name })
        box.emulator.journal.clear()
        box.emulator.fail(INSERT, [fault])
        const failure = await failureOf(insert(name, pieces(BYTES, 50_000), generation))
        expect(failure).toBeInstanceOf(GoogleApiError)
        expect(failure).toMatchObject({ status: 503, retryable: true })
        expect(statuses()).toEqual([503])
        expect(same(await box.stored(name), Buffer.from('old'))).toBe(true)
      },
    )

    test('is not sent again without a precondition, and the old object stays', async () => {
      const name = `${form} unsafe`
      await insert(name, 'old')
      box.emulator.journal.clear()
      box.emulator.fail(INSERT, ['return-503-after-256K'])
      await expect(insert(name, BYTES)).rejects.toMatchObject({ status: 503 })
      expect(statuses()).toEqual([503])
      expect(same(await box.stored(name), Buffer.from('old'))).toBe(true)
    })

    test('is not sent again by a client that must not, and the old object stays', async () => {
      const name = `${form} never`
      const { generation } = await insert(name, 'old')
      box.emulator.journal.clear()
      box.emulator.fail(INSERT, ['return-503-after-256K'])
      await expect(insert(name, BYTES, generation, { retry: false })).rejects.toMatchObject({ status: 503 })
      expect(statuses()).toEqual([503])
      expect(same(await box.stored(name), Buffer.from('old'))).toBe(true)
    })

    test('ends with the last answer when the tries are used up', async () => {
      const name = `${form} tries`
      box.emulator.fail(INSERT, Array<string>(3).fill('return-503-after-256K'))
      await expect(insert(name, BYTES, '0', { retry: { maxAttempts: 3 } })).rejects.toMatchObject({
        status: 503,
      })
      expect(statuses()).toEqual([503, 503, 503])
      expect(await box.stored(name)).toBeUndefined()
    })

    test('is a MaybeAppliedError when the connection breaks and nobody knows', async () => {
      const name = `${form} maybe`
      await insert(name, 'old')
      box.emulator.fail(INSERT, ['return-reset-connection'])
      const failure = await failureOf(insert(name, BYTES))
      expect(failure).toMatchObject({ name: 'MaybeAppliedError', code: 'maybe_applied' })
      expect(failure.message).toContain('ifGenerationMatch: 0')
      expect(failure.cause).toBeInstanceOf(TransportError)
      expect(same(await box.stored(name), Buffer.from('old'))).toBe(true)
    })

    test('is sent once more with a new token after 401 when it can be', async () => {
      box.emulator.revokeTokens()
      box.emulator.clock.advance(20_000) // a token that is refused just after the one before is not renewed
      expect(await insert(`${form} 401`, BYTES)).toMatchObject({ size: String(BYTES.length) })
      expect(statuses()).toEqual([401, 200])
      box.emulator.journal.clear()
      box.emulator.revokeTokens()
      box.emulator.clock.advance(20_000)
      await expect(insert(`${form} 401 b`, pieces(BYTES, 50_000))).rejects.toMatchObject({ status: 401 })
      expect(statuses()).toEqual([401])
      expect(await insert(`${form} 401 c`, BYTES)).toMatchObject({ size: String(BYTES.length) })
    })
  })
})
