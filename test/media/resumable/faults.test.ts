import { writeFile } from 'node:fs/promises'
import { type MediaInput, type UploadProgress } from 'discokit'
import { file } from 'discokit/node'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { bytesOf, connect, type Connection, failureOf, MANNERS, pieces, same } from '../connection.ts'
import { useFolder } from '../folder.ts'

const BYTES = bytesOf(1_300_000)
const INSERT = 'storage.objects.insert'
const path = useFolder()

const SOURCES: readonly (readonly [string, () => MediaInput | Promise<MediaInput>])[] = [
  [
    'a file',
    async () => {
      await writeFile(path('a'), BYTES)
      return file(path('a'))
    },
  ],
  ['bytes', () => BYTES],
  ['a Blob', () => new Blob([BYTES])],
  ['a stream', () => pieces(BYTES, 40_000)],
  [
    'a source that begins at its beginning',
    () => ({
      describe: () => ({ length: BYTES.length, replayable: true }),
      open: () => pieces(BYTES, 40_000),
    }),
  ],
  [
    'a source of unknown length',
    () => ({ describe: () => ({ length: undefined, replayable: true }), open: () => pieces(BYTES, 40_000) }),
  ],
]

const FAULTS = [
  ['return-503'],
  ['return-reset-connection'],
  ['return-503-after-256K'],
  ['return-503-after-1024K', 'return-408'],
  ['return-reset-connection-after-512K'],
  ['return-reset-connection-after-1024K', 'return-503', 'return-429'],
  ['return-reset-connection-after-commit'],
  ['return-broken-stream-final-chunk-after-10B'],
]

describe.each(MANNERS)('faults of an upload in a session, %s', (manner) => {
  let box: Connection
  beforeAll(async () => void (box = await connect(manner)))
  afterAll(() => box.close())
  beforeEach(() => box.emulator.journal.clear())

  describe.each(SOURCES)('from %s', (kind, make) => {
    test.each(FAULTS)('%s %s %s', async (...faults) => {
      const whole = { kind: 'resumable' }
      for (const upload of manner === 'in process' ? [whole, { chunkBytes: 524_288 }] : [whole]) {
        const name = `${kind} ${faults.join()} ${'chunkBytes' in upload}`
        const media = await make()
        const seen: UploadProgress[] = []
        const onProgress = (progress: UploadProgress): void => void seen.push(progress)
        box.emulator.fail(INSERT, faults)
        const stored = await box.storage.objects.insert(
          { bucket: 'box', name, media },
          { upload, onProgress },
        )
        expect(stored).toMatchObject({ size: String(BYTES.length), metageneration: '1' })
        expect(same(await box.stored(name), BYTES)).toBe(true)
        expect(box.emulator.unusedFaults()).toEqual({})
        expect(seen.at(-1)).toMatchObject({
          sent: BYTES.length,
          acknowledged: BYTES.length,
          total: BYTES.length,
        })
        expect(
          seen.every(({ acknowledged }, i) => i === 0 || acknowledged >= seen[i - 1]!.acknowledged),
        ).toBe(true)
        expect(seen.every(({ acknowledged, sent }) => acknowledged <= sent)).toBe(true)
      }
    })
  })

  test('a token that is refused in the middle is renewed, and the session goes on', async () => {
    let revoked = false
    const onProgress = ({ acknowledged }: UploadProgress): void => {
      if (acknowledged > 500_000 && !revoked) {
        revoked = true
        box.emulator.revokeTokens()
      }
    }
    const media = pieces(BYTES, 40_000)
    const upload = { chunkBytes: 524_288 }
    await box.storage.objects.insert({ bucket: 'box', name: 'renewed', media }, { upload, onProgress })
    expect(revoked).toBe(true)
    expect(same(await box.stored('renewed'), BYTES)).toBe(true)
  })

  test('a session that expires begins anew', async () => {
    let expired = false
    const onProgress = ({ acknowledged }: UploadProgress): void => {
      if (acknowledged > 500_000 && !expired) {
        expired = true
        box.emulator.clock.advance(8 * 24 * 3_600_000)
      }
    }
    const upload = { chunkBytes: 524_288 }
    await box.storage.objects.insert({ bucket: 'box', name: 'anew', media: BYTES }, { upload, onProgress })
    expect(expired).toBe(true)
    expect(same(await box.stored('anew'), BYTES)).toBe(true)
    const lost = box.storage.objects.insert(
      { bucket: 'box', name: 'gone', media: pieces(BYTES, 40_000) },
      {
        upload,
        onProgress: ({ acknowledged }: UploadProgress) => {
          if (acknowledged > 500_000) box.emulator.clock.advance(8 * 24 * 3_600_000)
        },
      },
    )
    expect(await failureOf(lost)).toMatchObject({ name: 'SessionLostError', status: 410 })
    expect(await box.stored('gone')).toBeUndefined()
  })

  test('the other dialect does the same', async () => {
    box.emulator.fail(INSERT, ['return-reset-connection-after-512K', 'return-503'])
    const upload = { dialect: 'goog-upload' as const }
    const parameters = { bucket: 'box', body: { name: 'dialect', contentType: 'a/b' } }
    for (const [media, more] of [
      [BYTES, {}],
      [pieces(BYTES, 40_000), { chunkBytes: 524_288 }],
      ['', {}],
    ] as const) {
      const call = box.storage.objects.insert({ ...parameters, media }, { upload: { ...upload, ...more } })
      expect(await call).toMatchObject({ contentType: 'a/b' })
      expect(same(await box.stored('dialect'), media === '' ? new Uint8Array(0) : BYTES)).toBe(true)
    }
  })

  test('Drive takes sessions too, new files and new content', async () => {
    const scopes = ['https://www.googleapis.com/auth/drive']
    const drive = await box.google.as(box.emulator.serviceAccount({ scopes })).discover('drive:v3')
    box.emulator.fail('drive.files.create', ['return-reset-connection-after-512K'])
    const upload = { kind: 'resumable' }
    const { id } = await drive['files'].create(
      { body: { name: 'a.png' }, media: new Blob([BYTES]) },
      { upload },
    )
    expect(same(await drive['files'].get.download({ fileId: id }).bytes(), BYTES)).toBe(true)
    await drive['files'].update({ fileId: id, media: 'less' }, { upload })
    expect(await drive['files'].get.download({ fileId: id }).text()).toBe('less')
  })
})
