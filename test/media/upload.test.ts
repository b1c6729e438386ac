import { ConflictError, GoogleApiError, type UploadProgress } from 'discokit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bytesOf, connect, type Connection, failureOf, MANNERS, pieces, same } from './connection.ts'

const BYTES = bytesOf(3_000_000)

describe.each(MANNERS)('uploads, %s', (manner) => {
  let box: Connection
  beforeAll(async () => void (box = await connect(manner)))
  afterAll(() => box.close())

  test.each([
    ['crc32c', 'AAAAAA=='],
    ['md5Hash', '1B2M2Y8AsgTpgAmY7PhCfg=='],
  ])('with a wrong %s in the metadata fail and store nothing', async (field, checksum) => {
    const body = { name: field, [field]: checksum }
    const failure = await failureOf(box.storage.objects.insert({ bucket: 'box', body, media: BYTES }))
    expect(failure).toBeInstanceOf(GoogleApiError)
    expect(failure).toMatchObject({ status: 400, reason: 'invalid', retryable: false })
    expect(failure.message).toContain(checksum)
    expect(await box.stored(field)).toBeUndefined()
  })

  test('with the right checksums in the metadata are stored', async () => {
    const { crc32c, md5Hash } = await box.storage.objects.insert({ bucket: 'box', name: 'a', media: BYTES })
    const body = { name: 'b', crc32c, md5Hash }
    expect(await box.storage.objects.insert({ bucket: 'box', body, media: BYTES })).toMatchObject(body)
  })

  test('a bucket that exists is a conflict', async () => {
    const failure = await failureOf(box.storage.buckets.insert({ project: 'p', body: { name: 'box' } }))
    expect(failure).toBeInstanceOf(ConflictError)
    expect(failure).toMatchObject({ status: 409, code: 'conflict' })
  })

  test('replace an object only when its generation is the expected one', async () => {
    const { generation } = await box.storage.objects.insert({ bucket: 'box', name: 'g', media: 'old' })
    const insert = (ifGenerationMatch: string): Promise<unknown> =>
      box.storage.objects.insert({ bucket: 'box', name: 'g', ifGenerationMatch, media: BYTES })
    await expect(insert('0')).rejects.toMatchObject({ name: 'PreconditionFailedError', status: 412 })
    expect(same(await box.stored('g'), Buffer.from('old'))).toBe(true)
    await insert(generation)
    expect(same(await box.stored('g'), BYTES)).toBe(true)
  })

  test('at the same time do not mix', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `many ${i}`)
    await Promise.all(
      names.map((name, i) =>
        box.storage.objects.insert({ bucket: 'box', name, media: pieces(BYTES.subarray(i), 70_001) }),
      ),
    )
    for (const [i, name] of names.entries()) {
      expect(same(await box.stored(name), BYTES.subarray(i))).toBe(true)
    }
  })

  describe.each([
    ['simple', { name: 'p' }],
    ['multipart', { body: { name: 'p' } }],
  ])('the progress of a %s upload', (_, parameters) => {
    const watch = async (media: unknown): Promise<UploadProgress[]> => {
      const seen: UploadProgress[] = []
      const onProgress = (progress: UploadProgress): void => void seen.push({ ...progress })
      const upload = { kind: 'name' in parameters ? 'simple' : 'multipart' }
      await box.storage.objects.insert({ bucket: 'box', ...parameters, media }, { onProgress, upload })
      return seen
    }
    const isMonotone = (seen: readonly UploadProgress[]): boolean =>
      seen.every(({ sent }, i) => i === 0 || sent > seen[i - 1]!.sent || i === seen.length - 1)

    test('starts at nothing, only grows and ends at the total', async () => {
      const seen = await watch({ content: pieces(BYTES, 100_000), length: BYTES.length })
      expect(seen).toHaveLength(32)
      expect(seen[0]).toMatchObject({ sent: 0, total: BYTES.length })
      expect(seen.at(-2)).toMatchObject({ sent: BYTES.length, acknowledged: 0, total: BYTES.length })
      expect(seen.at(-1)).toMatchObject({
        sent: BYTES.length,
        acknowledged: BYTES.length,
        total: BYTES.length,
      })
      expect(isMonotone(seen)).toBe(true)
    })

    test('of a stream has no total before its end', async () => {
      const seen = await watch(pieces(BYTES, 100_000))
      expect(seen.at(-1)).toMatchObject({ sent: BYTES.length, total: BYTES.length })
      expect(seen.slice(0, -1).every(({ total }) => total === undefined)).toBe(true)
      expect(isMonotone(seen)).toBe(true)
    })

    test('of nothing is complete at once', async () => {
      expect(await watch('')).toMatchObject([
        { sent: 0, total: 0 },
        { sent: 0, acknowledged: 0, total: 0 },
      ])
    })
  })

  test('end with the error of a progress function that throws, and store nothing', async () => {
    const failure = new RangeError('bar too long')
    const onProgress = ({ sent }: UploadProgress): void => {
      if (sent > 1_000_000) throw failure
    }
    const call = box.storage.objects.insert(
      { bucket: 'box', name: 'thrown', media: { content: pieces(BYTES, 100_000), length: BYTES.length } },
      { onProgress },
    )
    expect(await failureOf(call)).toBe(failure)
    expect(await box.stored('thrown')).toBeUndefined()
  })
})
