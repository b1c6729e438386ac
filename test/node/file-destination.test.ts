import {
  chmod,
  link,
  lstat,
  lutimes,
  mkdir,
  open,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { relative } from 'node:path'
import { file } from 'discokit/node'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { bytesOf, failureOf } from '../media/connection.ts'
import { useFolder } from '../media/folder.ts'

const path = useFolder()
const umask = process.umask()
afterEach(() => void process.umask(umask))

async function* chunks(...parts: (string | Uint8Array)[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const part of parts) yield typeof part === 'string' ? Buffer.from(part) : part
}

const modeOf = async (place: string): Promise<number> => (await stat(place)).mode & 0o777

describe('a file as a destination', () => {
  test('gets all bytes, and nothing stays beside it', async () => {
    await file(path('a')).save(chunks('one ', '', 'two ', bytesOf(3_000_000)))
    const written = await readFile(path('a'))
    expect(written.length).toBe(3_000_008)
    expect(written.subarray(8).equals(bytesOf(3_000_000))).toBe(true)
    expect(await readdir(path())).toEqual(['a'])
  })

  test('of nothing is an empty file', async () => {
    await file(path('a')).save(chunks())
    expect(await readFile(path('a'))).toHaveLength(0)
  })

  test('replaces a longer file whole', async () => {
    await writeFile(path('a'), 'x'.repeat(1000))
    await file(path('a')).save(chunks('short'))
    expect(await readFile(path('a'), 'utf8')).toBe('short')
  })

  test('is written under another name until all is there', async () => {
    await writeFile(path('a'), 'old')
    const seen: unknown[] = []
    async function* watched(): AsyncGenerator<Uint8Array, void, undefined> {
      yield Buffer.from('new')
      seen.push(await readFile(path('a'), 'utf8'), await readdir(path()))
    }
    await file(path('a')).save(watched())
    expect(seen).toEqual(['old', [expect.stringMatching(/^\.a\.[\w-]{36}\.part$/), 'a']])
    expect(await readFile(path('a'), 'utf8')).toBe('new')
  })

  describe.each(['whole', 'in parts'])('that is saved %s', (way) => {
    const DAY_MS = 86_400_000
    afterEach(() => void vi.useRealTimers())

    /** A download to a place, of which all has come but the end. */
    async function begin(name: string): Promise<{ finish(): Promise<void> }> {
      if (way === 'in parts') {
        const parts = await file(path(name)).openParts!(false)
        return { finish: () => parts.finish(0) }
      }
      return new Promise((begun) => {
        async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
          await new Promise<void>((end) => begun({ finish: () => (end(), saved) }))
          yield Buffer.from('all')
        }
        const saved = file(path(name)).save(source())
      })
    }

    /** The name that a download uses before it is done, with another download's place in that of its own. */
    async function nameOf(name: string): Promise<string> {
      const before = new Set(await readdir(path()))
      const download = await begin(name)
      const [own] = (await readdir(path())).filter((each) => !before.has(each))
      await download.finish()
      await rm(path(name))
      return own!.replace(/[\da-f]{12}\.part$/, '0123456789ab.part')
    }

    /** Something into which nothing was written for a time. */
    async function leave(name: string, ageMs: number): Promise<string> {
      await writeFile(path(name), 'half')
      const at = new Date(Date.now() - ageMs)
      await utimes(path(name), at, at)
      return name
    }

    test('removes what dead downloads to the same place left, and nothing else', async () => {
      const [name, other] = [await nameOf('a'), await nameOf('a.b')]
      const renamed = (digit: string): string => name.replace('0123456789ab', digit.repeat(12))
      vi.setSystemTime(Date.now() + 2 * DAY_MS) // so that the folder is looked into again
      await leave(name, 1.1 * DAY_MS)
      const stay = [
        await leave(renamed('1'), 0.9 * DAY_MS),
        await leave(other, 3 * DAY_MS),
        await leave(name.replace('.part', '.partly'), 3 * DAY_MS),
        await leave(name.replace('0123', 'wxyz'), 3 * DAY_MS),
        await leave('.a.discokit.part', 3 * DAY_MS),
        await leave('mine', 3 * DAY_MS),
      ]
      await mkdir(path(renamed('2')))
      await utimes(path(renamed('2')), 0, 0)
      await link(path('mine'), path(renamed('3')))
      await symlink(path('mine'), path(renamed('4')))
      await lutimes(path(renamed('4')), 0, 0)
      await (await begin('a')).finish()
      const all = [...stay, 'a', ...['2', '3', '4'].map(renamed)]
      expect((await readdir(path())).toSorted()).toEqual(all.toSorted())
    })

    test('leaves a download to the same place alone that is under way', async () => {
      const [first, second] = [await begin('a'), await begin('a')]
      await second.finish()
      await first.finish()
      expect(await readdir(path())).toEqual(['a'])
    })
  })

  test('stays as it was when the bytes end in an error, and nothing stays beside it', async () => {
    await writeFile(path('a'), 'old')
    const failure = new Error('no more')
    async function* failing(): AsyncGenerator<Uint8Array, void, undefined> {
      yield bytesOf(100_000)
      throw failure
    }
    expect(await failureOf(file(path('a')).save(failing()))).toBe(failure)
    expect(await failureOf(file(path('b')).save(failing()))).toBe(failure)
    expect(await readFile(path('a'), 'utf8')).toBe('old')
    expect(await readdir(path())).toEqual(['a'])
  })

  test('ends the source when it cannot be written', async () => {
    let ended = false
    async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
      try {
        for (;;) yield Buffer.from('a')
      } finally {
        ended = true
      }
    }
    const failure = new Error('ENOSPC')
    const handle = await open(path('probe'), 'w')
    const write = vi.spyOn(Object.getPrototypeOf(handle), 'write').mockRejectedValue(failure)
    await handle.close()
    expect(await failureOf(file(path('a')).save(source()))).toBe(failure)
    write.mockRestore()
    expect(ended).toBe(true)
    expect(await readdir(path())).toEqual(['probe'])
  })

  test('is synced before it is renamed, and goes on after short writes', async () => {
    const handle = await open(path('probe'), 'w')
    const prototype = Object.getPrototypeOf(handle)
    await handle.close()
    const sync = vi.spyOn(prototype, 'sync')
    const original = prototype.write
    vi.spyOn(prototype, 'write').mockImplementation(function (this: unknown, ...given: unknown[]) {
      const [bytes, offset = 0] = given as [Uint8Array, number?]
      return original.call(this, bytes, offset, Math.min(7, bytes.length - offset))
    })
    await file(path('a')).save(chunks(bytesOf(100)))
    vi.restoreAllMocks()
    expect(sync).toHaveBeenCalledTimes(2) // the file, and the folder once it is in place
    expect((await readFile(path('a'))).equals(bytesOf(100))).toBe(true)
  })

  test.each([0o022, 0o077, 0o002])('that is new has the mode that umask %o allows', async (mask) => {
    process.umask(mask)
    await file(path('a')).save(chunks('a'))
    expect(await modeOf(path('a'))).toBe(0o666 & ~mask)
  })

  test.each([0o600, 0o644, 0o664, 0o666, 0o755, 0o444, 0o777])(
    'keeps the mode %o of the file it replaces',
    async (mode) => {
      process.umask(0o077)
      await writeFile(path('a'), 'old')
      await chmod(path('a'), mode)
      let during: number | undefined
      async function* watched(): AsyncGenerator<Uint8Array, void, undefined> {
        const [temporary] = (await readdir(path())).filter((name) => name !== 'a')
        during = await modeOf(path(temporary))
        yield Buffer.from('new')
      }
      await file(path('a')).save(watched())
      expect(await modeOf(path('a'))).toBe(mode)
      expect(during! & ~mode).toBe(0) // nobody may read more on the way
      expect(await readFile(path('a'), 'utf8')).toBe('new')
    },
  )

  test.each([
    ['200 letters', 'n'.repeat(200)],
    ['255 letters', 'n'.repeat(255)],
    ['characters of two bytes', 'ü'.repeat(127)],
    ['characters of three bytes', '字'.repeat(85)],
    ['characters of four bytes', '👋'.repeat(63)],
    ['a line end and quotes', 'a\n"b\''],
    ['a leading dot', '.hidden'],
  ])('may have a name of %s', async (_, name) => {
    await file(path(name)).save(chunks('content'))
    expect(await readdir(path())).toEqual([name])
  })

  test('may be given relative to the working folder', async () => {
    await file(relative(process.cwd(), path('a'))).save(chunks('content'))
    expect(await readFile(path('a'), 'utf8')).toBe('content')
  })

  test('that has a second name loses only this one', async () => {
    await writeFile(path('a'), 'old')
    await link(path('a'), path('b'))
    await file(path('a')).save(chunks('new'))
    expect(await readFile(path('a'), 'utf8')).toBe('new')
    expect(await readFile(path('b'), 'utf8')).toBe('old')
  })

  test('may lie in a folder that is a link', async () => {
    await symlink(path(), path('link'))
    await file(path('link/a')).save(chunks('new'))
    expect(await readFile(path('a'), 'utf8')).toBe('new')
  })

  test('that is a link to a file goes on being one', async () => {
    await writeFile(path('a'), 'old')
    await symlink(path('a'), path('link'))
    await file(path('link')).save(chunks('new'))
    expect(await readFile(path('a'), 'utf8')).toBe('new')
    expect((await lstat(path('link'))).isSymbolicLink()).toBe(true)
  })
})
