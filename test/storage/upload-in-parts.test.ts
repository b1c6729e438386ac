import { appendFile, writeFile } from 'node:fs/promises'
import {
  createClient,
  DataLossError,
  type MediaInput,
  ParseError,
  PreconditionFailedError,
  type Transport,
  type UploadProgress,
  ValidationError,
} from 'discokit'
import { crc32c } from 'discokit/media'
import { file } from 'discokit/node'
import { type StoredObject, uploadInParts, type UploadInPartsOptions } from 'discokit/storage'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { formatCrc32c } from '../../src/protocol/crc32c.ts'
import { bytesOf, connect, type Connection, failureOf, MANNERS, same } from '../media/connection.ts'
import { useFolder } from '../media/folder.ts'

const BYTES = bytesOf(3_000_001)
const INSERT = 'storage.objects.insert'
const JSON_HEADERS = { 'content-type': 'application/json' }
const COMPOSE = 'storage.objects.compose'
const DELETE = 'storage.objects.delete'
const path = useFolder()

const CHANGES = [
  ['another CRC-32C', { crc32c: 'AAAAAA==' }, DataLossError],
  ['no CRC-32C', { crc32c: undefined }, ParseError],
  ['another size', { size: '1' }, ParseError],
  ['no generation', { generation: 5 }, ParseError],
] as const

describe.each(MANNERS)('uploadInParts, %s', (manner) => {
  let box: Connection
  beforeAll(async () => void (box = await connect(manner)))
  afterAll(() => box.close())
  beforeEach(async () => {
    box.emulator.reset()
    await box.storage.buckets.insert({ project: 'p', body: { name: 'box' } })
    await writeFile(path('film'), BYTES)
  })

  const upload = (options: Partial<UploadInPartsOptions> = {}): Promise<StoredObject> =>
    uploadInParts(box.google, {
      bucket: 'box',
      object: 'film.mp4',
      media: file(path('film')),
      partBytes: 500_000,
      ...options,
    })
  const names = async (): Promise<string[]> => {
    const list: { name: string }[] = []
    for await (const each of box.storage.objects.list({ bucket: 'box' })) list.push(each)
    return list.map(({ name }) => name)
  }

  test('joins the parts, and leaves nothing else', async () => {
    const stored = await upload({ metadata: { metadata: { a: 'b' }, cacheControl: 'no-store' } })
    expect(stored).toMatchObject({
      name: 'film.mp4',
      size: String(BYTES.length),
      crc32c: formatCrc32c(crc32c(BYTES)),
      componentCount: 7,
      contentType: 'video/mp4',
      cacheControl: 'no-store',
      metadata: { a: 'b' },
    })
    expect(same(await box.stored('film.mp4'), BYTES)).toBe(true)
    expect(await names()).toEqual(['film.mp4'])
    expect(box.calls(COMPOSE)).toHaveLength(1)
  })

  test('joins more than 32 in a tree', async () => {
    const stored = await upload({ partBytes: 45_000, concurrency: 8, contentType: 'a/b' })
    expect(stored).toMatchObject({ componentCount: 67, contentType: 'a/b' })
    expect(same(await box.stored('film.mp4'), BYTES)).toBe(true)
    expect(await names()).toEqual(['film.mp4'])
    expect(box.calls(COMPOSE)).toHaveLength(4) // 32, 32 and 3, then these
  })

  test('sends what is no larger than a part as usual', async () => {
    const stored = await upload({ partBytes: BYTES.length })
    expect(stored.componentCount).toBeUndefined()
    expect(stored).toMatchObject({ md5Hash: expect.any(String), contentType: 'video/mp4' })
    expect(box.calls(COMPOSE)).toHaveLength(0)
  })

  test('has so many parts under way as it was told', async () => {
    let open = 0
    let most = 0
    const media: MediaInput = {
      describe: () => ({ length: BYTES.length, replayable: true, seekable: true }),
      async *open({ offset = 0 } = {}) {
        most = Math.max(most, ++open)
        try {
          for (let at = offset; at < BYTES.length; at += 100_000) {
            await new Promise((resolve) => setImmediate(resolve))
            yield BYTES.subarray(at, at + 100_000)
          }
        } finally {
          open--
        }
      },
    }
    await upload({ media, concurrency: 3 })
    expect(most).toBe(3)
    expect(same(await box.stored('film.mp4'), BYTES)).toBe(true)
  })

  test('tells the progress of all parts', async () => {
    const seen: UploadProgress[] = []
    await upload({ onProgress: (progress) => void seen.push(progress) })
    expect(seen.at(-1)).toMatchObject({ sent: BYTES.length, acknowledged: BYTES.length, remainingMs: 0 })
    expect(seen.every(({ total, sent }) => total === BYTES.length && sent <= BYTES.length)).toBe(true)
  })

  test.each([
    [INSERT, ['return-503', 'return-reset-connection', 'return-503-after-256K']],
    [INSERT, ['return-reset-connection-after-256K', 'return-reset-connection-after-commit']],
    [COMPOSE, ['return-503', 'return-reset-connection']],
    [COMPOSE, ['return-reset-connection-after-commit']],
    [DELETE, ['return-503', 'return-reset-connection-after-commit']],
  ])('arrives through faults of %s: %s', async (method, faults) => {
    box.emulator.fail(method, faults)
    const left: unknown[] = []
    const stored = await upload({ onLeftBehind: (objects) => void left.push(objects) })
    expect(stored.size).toBe(String(BYTES.length))
    expect(same(await box.stored('film.mp4'), BYTES)).toBe(true)
    expect(await names()).toEqual(['film.mp4'])
    expect(left).toEqual([])
    expect(box.emulator.unusedFaults()).toEqual({})
  })

  describe('with a precondition', () => {
    test('recognises its own object when the answer was lost', async () => {
      box.emulator.fail(COMPOSE, ['return-reset-connection-after-commit'])
      const stored = await upload({ ifGenerationMatch: 0 })
      expect(stored).toMatchObject({ metageneration: '1', componentCount: 7 })
      expect(same(await box.stored('film.mp4'), BYTES)).toBe(true)
    })

    test('leaves what others wrote', async () => {
      const other = { bucket: 'box', name: 'film.mp4', media: 'other' }
      await box.storage.objects.insert(other)
      expect(await failureOf(upload({ ifGenerationMatch: 0 }))).toBeInstanceOf(PreconditionFailedError)
      expect(new TextDecoder().decode(await box.stored('film.mp4'))).toBe('other')
      expect(await names()).toEqual(['film.mp4'])
    })

    test('is not taken in by an older object of the same bytes', async () => {
      await upload()
      expect(await failureOf(upload({ ifGenerationMatch: 0 }))).toBeInstanceOf(PreconditionFailedError)
    })
  })

  test('tidies up after a part that fails for good, and says why', async () => {
    box.emulator.fail(INSERT, ['return-503-after-256K', 'return-403'])
    expect(await failureOf(upload())).toMatchObject({ status: 403 })
    expect(await names()).toEqual([])
  })

  test('tidies up after an abort, with the reason', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const onProgress = ({ acknowledged }: UploadProgress): void => {
      if (acknowledged >= 1_000_000) controller.abort(reason)
    }
    expect(await failureOf(upload({ onProgress, signal: controller.signal }))).toBe(reason)
    expect(await names()).toEqual([])
    expect(await failureOf(upload({ signal: controller.signal }))).toBe(reason)
  })

  test('tells what stays behind', async () => {
    box.emulator.fail(DELETE, ['return-403', 'return-403'])
    const left: string[] = []
    await upload({ partPrefix: 'tmp/', onLeftBehind: (objects) => void left.push(...objects) })
    expect(left).toHaveLength(2)
    expect(await names()).toEqual(['film.mp4', ...left.toSorted()])
    expect(left.every((name) => name.startsWith('tmp/'))).toBe(true)
  })

  test('notices a content that changes meanwhile', async () => {
    let changed: Promise<void> | undefined
    const onProgress = ({ acknowledged }: UploadProgress): void => {
      if (acknowledged >= 2_500_000) changed ??= appendFile(path('film'), 'more')
    }
    expect(await failureOf(upload({ onProgress, concurrency: 1 }))).toBeInstanceOf(DataLossError)
    await changed
    expect(await names()).toEqual([])
  })

  describe('with resume', () => {
    /** How many parts were sent: each begins a session. */
    const sent = (): number => box.calls(INSERT).filter(({ method }) => method === 'POST').length

    /** Has three of seven parts there at least, and says which. */
    async function abortHalfway(options: Partial<UploadInPartsOptions> = {}): Promise<string[]> {
      const controller = new AbortController()
      const onProgress = ({ acknowledged }: UploadProgress): void => {
        if (acknowledged >= 1_500_000) controller.abort(new Error('enough'))
      }
      const { signal } = controller
      const stopped = upload({ resume: true, concurrency: 1, onProgress, signal, ...options })
      expect(await failureOf(stopped)).toMatchObject({ message: 'enough' })
      const kept = await names()
      expect(kept.length).toBeGreaterThanOrEqual(3)
      expect(kept.length).toBeLessThan(7)
      box.emulator.journal.clear()
      return kept
    }

    test('sends only the parts that are not there, and leaves nothing in the end', async () => {
      const kept = await abortHalfway()
      const seen: UploadProgress[] = []
      const stored = await upload({ resume: true, onProgress: (progress) => void seen.push(progress) })
      expect(stored).toMatchObject({ componentCount: 7, crc32c: formatCrc32c(crc32c(BYTES)) })
      expect(sent()).toBe(7 - kept.length)
      expect(seen.at(-1)).toMatchObject({ acknowledged: BYTES.length, remainingMs: 0 })
      expect(same(await box.stored('film.mp4'), BYTES)).toBe(true)
      expect(await names()).toEqual(['film.mp4'])
    })

    test('sends a part again that is there with other bytes', async () => {
      const kept = await abortHalfway()
      const [first = '', second = ''] = kept
      const insert = box.storage.objects.insert
      await insert({ bucket: 'box', name: first, media: bytesOf(500_000).fill(1) })
      await insert({ bucket: 'box', name: second, media: 'short' })
      box.emulator.journal.clear()
      await upload({ resume: true })
      expect(sent()).toBe(7 - kept.length + 2)
      expect(same(await box.stored('film.mp4'), BYTES)).toBe(true)
      expect(await names()).toEqual(['film.mp4'])
    })

    test('sends what is another part of a content that nothing tells apart', async () => {
      const other = BYTES.slice()
      other[0]! ^= 1
      const kept = await abortHalfway({ media: other })
      await upload({ media: BYTES, resume: true })
      expect(sent()).toBe(7 - kept.length + 1)
      expect(same(await box.stored('film.mp4'), BYTES)).toBe(true)
    })

    test.each<[string, Partial<UploadInPartsOptions>]>([
      ['another size of parts', { partBytes: 600_000 }],
      ['another object', { object: 'film.mkv' }],
      ['another beginning of the names', { partPrefix: 'tmp/' }],
    ])('takes nothing that was made for %s', async (_, options) => {
      const kept = await abortHalfway()
      const { name } = await upload({ resume: true, ...options })
      expect(sent()).toBe(options.partBytes === undefined ? 7 : 6)
      expect(await names()).toEqual([...kept, name].toSorted())
    })

    test('keeps no parts where a further call would fail too', async () => {
      await box.storage.objects.insert({ bucket: 'box', name: 'film.mp4', media: 'other' })
      const refused = await failureOf(upload({ resume: true, ifGenerationMatch: 0 }))
      expect(refused).toBeInstanceOf(PreconditionFailedError)
      let changed: Promise<void> | undefined
      const onProgress = ({ acknowledged }: UploadProgress): void => {
        if (acknowledged >= 2_500_000) changed ??= appendFile(path('film'), 'more')
      }
      const changing = upload({ resume: true, onProgress, concurrency: 1 })
      expect(await failureOf(changing)).toBeInstanceOf(DataLossError)
      await changed
      expect(await names()).toEqual(['film.mp4'])
    })

    test('tidies up what it joined when it fails', async () => {
      box.emulator.fail(COMPOSE, ['return-503', 'return-403'])
      const failing = upload({ resume: true, partBytes: 45_000, concurrency: 1 })
      expect(await failureOf(failing)).toMatchObject({ status: 403 })
      const kept = await names()
      expect(kept).toHaveLength(67)
      expect(kept.every((name) => /-part-\d+$/.test(name))).toBe(true)
    })
  })

  // Answers are changed on the way, which has to be seen only once.
  test.each(manner === 'in process' ? CHANGES : [])(
    'believes no composition that has %s',
    async (_, change, kind) => {
      const { transport, ...connection } = box.emulator.connect()
      const changing: Transport = async (request, context) => {
        const response = await transport!(request, context)
        if (!request.url.includes('/compose')) return response
        const text = JSON.stringify({ ...JSON.parse(await response.body.text()), ...change })
        return { ...response, headers: JSON_HEADERS, body: { ...response.body, text: async () => text } }
      }
      const google = createClient({ ...connection, transport: changing, auth: box.emulator.serviceAccount() })
      const media = BYTES.subarray(0, 1_000_000)
      const failure = await failureOf(
        uploadInParts(google, { bucket: 'box', object: 'o', media, partBytes: 300_000 }),
      )
      expect(failure).toBeInstanceOf(kind)
      expect((await names()).filter((name) => name !== 'o')).toEqual([])
    },
  )

  test('refuses what cannot be read from any place, and options that cannot be used', async () => {
    const stream = new Blob(['x']).stream()
    expect(await failureOf(upload({ media: stream }))).toMatchObject({ problems: [{ path: 'media' }] })
    const wrong = {
      object: '',
      partBytes: 0,
      concurrency: 0.5,
      contentType: 'x',
      partPrefix: 'x'.repeat(1_000),
      resume: 'yes' as never,
    }
    expect((await failureOf(upload(wrong))).problems).toHaveLength(6)
    expect(await failureOf(upload({ parts: 1 } as object))).toBeInstanceOf(ValidationError)
    expect(box.calls(INSERT)).toHaveLength(0)
  })
})
