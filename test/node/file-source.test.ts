import { readdirSync, readlinkSync } from 'node:fs'
import { appendFile, mkdir, rename, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { type UploadProgress, ValidationError } from 'discokit'
import { file } from 'discokit/node'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  bytesOf,
  connect,
  type Connection,
  failureOf,
  MANNERS,
  same,
  settle,
  until,
} from '../media/connection.ts'
import { useFolder } from '../media/folder.ts'

const MIB = 1_048_576
const path = useFolder()

describe.each(MANNERS)('a file as a source, %s', (manner) => {
  let box: Connection
  beforeAll(async () => void (box = await connect(manner)))
  afterAll(() => box.close())
  beforeEach(() => box.emulator.journal.clear())

  const insert = (name: string, place: string, options = {}): Promise<any> =>
    box.storage.objects.insert({ bucket: 'box', name, media: file(place) }, options)

  test('that cannot be used is refused before anything is sent', async () => {
    await mkdir(path('folder'))
    await writeFile(path('plain'), '')
    await symlink(path('nowhere'), path('dangling'))
    await symlink(path('loop'), path('loop'))
    await symlink(path('folder'), path('link'))
    const places = [
      [path('missing'), 'does not exist'],
      [path('dangling'), 'does not exist'],
      [path('plain/below'), 'does not exist'],
      [path('folder'), 'is a folder'],
      [path('link'), 'is a folder'],
      ['/dev/null', 'is not a file'],
      [path('loop'), 'cannot be read (ELOOP)'],
      [path('x'.repeat(300)), 'cannot be read (ENAMETOOLONG)'],
      [path('a\u0000b'), 'cannot be read (ERR_INVALID_ARG_VALUE)'],
    ] as const
    for (const [place, why] of places) {
      const failure = await failureOf(insert('a', place))
      expect(failure).toBeInstanceOf(ValidationError)
      expect(failure.problems).toEqual([{ path: 'media', message: `${place} ${why}` }])
    }
    expect(box.emulator.journal.exchanges).toEqual([])
  })

  test.each([0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB, 3 * MIB + 17])(
    'of %i bytes arrives whole',
    async (size) => {
      await writeFile(path('a'), bytesOf(size))
      await symlink(path('a'), path('link'))
      const seen: UploadProgress[] = []
      const onProgress = (progress: UploadProgress): void => void seen.push(progress)
      const name = `sized ${size}`
      expect(await insert(name, path('link'), { onProgress })).toMatchObject({ size: String(size) })
      expect(same(await box.stored(name), bytesOf(size))).toBe(true)
      expect(seen.at(-1)).toMatchObject({ sent: size, total: size })
      expect(seen).toHaveLength(2 + Math.ceil(size / MIB))
    },
  )

  test('with a name of 200 characters, or of many bytes, is found', async () => {
    for (const name of ['n'.repeat(200), 'ü'.repeat(120), '字'.repeat(85), '👋'.repeat(60)]) {
      await writeFile(path(name), 'content')
      expect(await insert(name, path(name))).toMatchObject({ name, size: '7' })
    }
  })

  test('can be sent again as it is by then', async () => {
    const media = file(path('a'))
    for (const content of ['first', 'second one', '']) {
      await writeFile(path('a'), content)
      await box.storage.objects.insert({ bucket: 'box', name: 'again', media })
      expect(same(await box.stored('again'), Buffer.from(content))).toBe(true)
    }
  })

  test('can be sent many times at once', async () => {
    await writeFile(path('a'), bytesOf(2_000_000))
    const media = file(path('a'))
    const names = Array.from({ length: 8 }, (_, i) => `at once ${i}`)
    await Promise.all(names.map((name) => box.storage.objects.insert({ bucket: 'box', name, media })))
    for (const name of names) expect(same(await box.stored(name), bytesOf(2_000_000))).toBe(true)
  })

  describe.each([
    ['simple', (name: string) => ({ name })],
    ['multipart', (name: string) => ({ body: { name } })],
  ])('that changes while it is sent, %s', (form, parameters) => {
    const SIZE = 5 * MIB + 100

    /** Uploads, and changes the file when the given number of bytes went out. */
    async function changing(name: string, at: number, change: () => Promise<void>): Promise<any> {
      await writeFile(path('a'), bytesOf(SIZE))
      await utimes(path('a'), 1_000_000, 1_000_000) // so that another time of change shows on any file system
      await box.storage.objects.insert({ bucket: 'box', name, media: 'old' })
      let changed: Promise<void> | undefined
      const source = file(path('a'))
      const media = {
        describe: () => source.describe(),
        async *open() {
          let given = 0
          for await (const chunk of source.open()) {
            if (given >= at) await (changed ??= change())
            given += chunk.length
            yield chunk
          }
        },
      }
      const failure = await failureOf(
        box.storage.objects.insert({ bucket: 'box', ...parameters(name), media }),
      )
      await settle()
      expect(same(await box.stored(name), Buffer.from('old'))).toBe(true)
      return failure
    }

    test.each<[string, number, () => Promise<void>]>([
      ['shrinks at once', 0, () => truncate(path('a'), 10)],
      ['shrinks to nothing', MIB, () => truncate(path('a'), 0)],
      ['shrinks by one byte', MIB, () => truncate(path('a'), SIZE - 1)],
      ['shrinks to a whole piece', MIB, () => truncate(path('a'), 5 * MIB)],
      ['grows', MIB, () => appendFile(path('a'), 'x')],
      ['grows by much', MIB, () => appendFile(path('a'), bytesOf(3 * MIB))],
      ['is rewritten with the same size', MIB, () => writeFile(path('a'), Buffer.alloc(SIZE))],
      ['is rewritten when half was sent', 3 * MIB, () => writeFile(path('a'), Buffer.alloc(SIZE))],
    ])('%s: DataLossError, and the old object stays', async (what, at, change) => {
      const failure = await changing(`${form} ${what}`, at, change)
      expect(failure).toMatchObject({ name: 'DataLossError', code: 'data_loss', expected: String(SIZE) })
      expect(failure.message).toMatch(/changed while it was sent/)
    })

    test('is replaced by another file: what was begun is sent to its end', async () => {
      const name = `${form} replaced`
      await writeFile(path('a'), bytesOf(SIZE))
      await writeFile(path('b'), Buffer.alloc(SIZE))
      let replaced: Promise<void> | undefined
      const onProgress = ({ sent }: UploadProgress): void => {
        if (sent >= MIB) replaced ??= rename(path('b'), path('a'))
      }
      const media = file(path('a'))
      await box.storage.objects.insert({ bucket: 'box', ...parameters(name), media }, { onProgress })
      await replaced
      expect(same(await box.stored(name), bytesOf(SIZE))).toBe(true)
    })

    test('is replaced before it is opened, or gone: an error, and nothing is stored', async () => {
      await writeFile(path('a'), bytesOf(SIZE))
      await writeFile(path('b'), Buffer.alloc(SIZE))
      const source = file(path('a'))
      const swapped = (swap: () => Promise<void>): object => ({
        describe: () => source.describe(),
        async *open() {
          await swap()
          yield* source.open()
        },
      })
      const name = `${form} swapped`
      const send = (swap: () => Promise<void>): Promise<unknown> =>
        box.storage.objects.insert({ bucket: 'box', ...parameters(name), media: swapped(swap) })
      expect(await failureOf(send(() => rename(path('b'), path('a'))))).toMatchObject({
        name: 'DataLossError',
      })
      expect(await failureOf(send(() => rename(path('a'), path('c'))))).toMatchObject({ code: 'ENOENT' })
      await settle()
      expect(await box.stored(name)).toBeUndefined()
    })
  })

  test('is closed after an upload that was refused, given up or failed', async () => {
    await writeFile(path('a'), bytesOf(8 * MIB))
    const isClosed = (): boolean => !openFiles().includes(path('a'))
    await failureOf(box.storage.objects.insert({ bucket: 'nope', name: 'a', media: file(path('a')) }))
    await until(isClosed)
    const controller = new AbortController()
    const onProgress = ({ sent }: UploadProgress): void => {
      if (sent > 0) controller.abort()
    }
    await failureOf(insert('a', path('a'), { signal: controller.signal, onProgress }))
    await until(isClosed)
    await settle()
    box.emulator.fail('storage.objects.insert', ['return-503-after-256K'])
    expect(await failureOf(insert('a', path('a'), { upload: { kind: 'simple' } }))).toMatchObject({
      status: 503,
    })
    await until(isClosed)
  })
})

/** The files that this process has open, where the system tells. */
function openFiles(): string[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc/self/fd').map((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`)
    } catch {
      return '' // that of this very listing is gone
    }
  })
}

describe('what a file is given by', () => {
  test('may be a file: address', async () => {
    await writeFile(path('a b.txt'), 'text')
    const source = file(pathToFileURL(path('a b.txt')))
    expect(source.describe()).toMatchObject({ length: 4, name: 'a b.txt' })
  })

  test.each([[new URL('https://example.com/a')], [''], [undefined], [7]])('is not %s', (place) => {
    const make = (): unknown => file(place as string)
    expect(make).toThrow('path: must be a path, a file: address or a FileHandle')
  })
})
