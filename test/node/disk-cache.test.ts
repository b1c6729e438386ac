import { execFileSync } from 'node:child_process'
import {
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { createClient, type CachedDocument } from 'discokit'
import { createEmulator } from 'discokit/emulator'
import { diskCache } from 'discokit/node'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { cacheFolder } from '../../src/platform/node/disk-cache.ts'
import { answer, answering } from '../client/answers.ts'
import { notes } from '../client/notes-document.ts'
import { useFolder } from '../media/folder.ts'

const windows = process.platform === 'win32'
const NO_POSIX = 'Windows has no owners, modes, pipes and links as POSIX has'
const NOTES = 'https://www.googleapis.com/discovery/v1/apis/notes/v1/rest'
const HOUR_MS = 3_600_000

const inParent = useFolder()
let folder: string
beforeEach(() => {
  folder = inParent('a/discokit')
})

const document = (text: string): CachedDocument => ({ text, storedAt: 7, etag: '"é"', lastModified: 'then' })
const only = async (): Promise<string> => join(folder, (await readdir(folder))[0]!)
/** Makes a file as if it had been used last so many hours ago. */
const age = (path: string, hours: number): Promise<void> => {
  const then = new Date(Date.now() - hours * HOUR_MS)
  return utimes(path, then, then)
}

describe('a cache on disk', () => {
  test('gives what it was given, to another process too', async () => {
    const kept: CachedDocument = { ...document('{"a":\n"ü\\u0000"}\n'), url: 'https://x.googleapis.com/' }
    await diskCache(folder).set('key', kept)
    expect(await diskCache(folder).get('key')).toEqual(kept)
    expect(await diskCache(folder).get('other')).toBeUndefined()
  })

  test('serves the second start of a program', async () => {
    await using emulator = await createEmulator()
    for (const id of ['storage', 'storage:v1', 'storage']) {
      const google = createClient({ ...emulator.connect(), cache: diskCache(folder) })
      expect((await google.discover(id)).$id).toBe('storage:v1')
    }
    expect(emulator.journal.exchanges).toHaveLength(2)
  })

  test('can be read by this user alone', async (context) => {
    context.skip(windows, NO_POSIX)
    await diskCache(folder).set('key', document('1'))
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    expect((await stat(await only())).mode & 0o777).toBe(0o600)
  })

  test('names no address in the names of its files', async () => {
    await diskCache(folder).set('https://example.com/../../key', document('1'))
    expect(await readdir(folder)).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.document$/)])
  })

  test('is written whole, however many write at once', async () => {
    const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(100_000))
    await Promise.all(texts.map((text) => diskCache(folder).set('key', document(text))))
    expect(texts).toContain((await diskCache(folder).get('key'))!.text)
    expect(await readdir(folder)).toHaveLength(1)
  })
})

describe('what others put there', () => {
  /** Discovers with what is on the disk, which then must be right again. */
  async function discover(): Promise<number> {
    const transport = answering(() => answer(200, notes))
    const google = createClient({ transport, cache: diskCache(folder) })
    expect((await google.discover('notes:v1')).$id).toBe('notes:v1')
    return transport.requests.length
  }

  test.each(['', '\n', 'x', '{"storedAt":1', '{"storedAt":1}\n{"name":', 'null\n{}', '\0'.repeat(100)])(
    'counts as missing when it is %j',
    async (content) => {
      expect(await discover()).toBe(1)
      await writeFile(await only(), content)
      expect(await discover()).toBe(1)
      expect(await discover()).toBe(0)
    },
  )

  test('counts as missing when it is a link, and the link is not written through', async (context) => {
    context.skip(windows, NO_POSIX)
    await discover()
    const [path, target] = [await only(), inParent('target')]
    await rename(path, target)
    await symlink(target, path)
    const before = await readFile(target, 'utf8')
    expect(await discover()).toBe(1)
    expect((await lstat(path)).isFile()).toBe(true)
    expect(await readFile(target, 'utf8')).toBe(before)
  })

  test('counts as missing when it is a pipe, which nobody waits for', async (context) => {
    context.skip(windows, NO_POSIX)
    await discover()
    const path = await only()
    await rename(path, `${path}.away`)
    execFileSync('sh', ['-c', 'mkfifo "$0"', path])
    expect(await discover()).toBe(1)
    expect((await lstat(path)).isFile()).toBe(true)
  })

  test('counts as missing when it belongs to somebody else', async (context) => {
    context.skip(windows, NO_POSIX)
    await discover()
    const us = process.getuid!()
    const getuid = vi.spyOn(process, 'getuid')
    getuid.mockReturnValueOnce(us).mockReturnValue(us + 1) // the folder is ours, the file is not
    await expect(diskCache(folder).get(NOTES)).resolves.toBeUndefined()
    getuid.mockReturnValue(us)
    await expect(diskCache(folder).get(NOTES)).resolves.toMatchObject({ text: JSON.stringify(notes) })
  })

  test('is left alone when the folder is a link or that of somebody else', async (context) => {
    context.skip(windows, NO_POSIX)
    const elsewhere = inParent('elsewhere')
    await mkdir(elsewhere)
    await mkdir(inParent('a'))
    await symlink(elsewhere, folder)
    expect(await discover()).toBe(1)
    vi.spyOn(process, 'getuid').mockReturnValue(process.getuid!() + 1)
    folder = elsewhere
    expect(await discover()).toBe(1)
    expect(await readdir(elsewhere)).toEqual([])
  })

  test('never fails a call: where there can be no folder there is no cache', async () => {
    await writeFile(inParent('a'), 'a file')
    expect(await discover()).toBe(1)
  })
})

describe('what is too much', () => {
  test('goes beyond 64 documents, those first that were not used for the longest time', async () => {
    const cache = diskCache(folder)
    for (let i = 0; i < 64; i++) {
      await cache.set(`key ${i}`, document(String(i)))
    }
    for (const name of await readdir(folder)) {
      const [, text] = (await readFile(join(folder, name), 'utf8')).split('\n')
      await age(join(folder, name), 100 - Number(text))
    }
    await cache.get('key 0') // the oldest, and now the one used last
    await cache.set('key 64', document('64'))
    expect(await readdir(folder)).toHaveLength(64)
    expect(await cache.get('key 0')).toMatchObject({ text: '0' })
    expect(await cache.get('key 1')).toBeUndefined()
    expect(await cache.get('key 2')).toMatchObject({ text: '2' })
  })

  test('goes beyond 128 MiB', async () => {
    const cache = diskCache(folder)
    for (const [i, name] of ['old', 'middle', 'young'].entries()) {
      await cache.set(name, document(''))
      for (const file of await readdir(folder)) {
        const path = join(folder, file)
        if ((await stat(path)).size > 1_000_000) continue
        await truncate(path, 60 * 1024 * 1024)
        await age(path, 10 - i)
      }
    }
    await cache.set('new', document('1'))
    expect(await readdir(folder)).toHaveLength(3)
    expect(await cache.get('old')).toBeUndefined()
    expect(await cache.get('new')).toMatchObject({ text: '1' })
  })

  test('is what a process that died has left, after an hour; what is not ours stays', async () => {
    const cache = diskCache(folder)
    await cache.set('key', document('1'))
    const name = (await readdir(folder))[0]!.replace('.document', '')
    const [fresh, dead] = [`${name}.a-1.unfinished`, `${name}.b-2.unfinished`]
    for (const file of [fresh, dead, 'notes.txt']) {
      await writeFile(join(folder, file), 'x')
      if (file !== fresh) await age(join(folder, file), 2)
    }
    await cache.set('key', document('2'))
    expect((await readdir(folder)).toSorted()).toEqual([`${name}.document`, fresh, 'notes.txt'].toSorted())
  })
})

describe('the cache of a client that names none', () => {
  beforeEach(() => {
    vi.stubEnv('DISCOKIT_CACHE', folder)
    vi.stubEnv('HTTPS_PROXY', 'http://127.0.0.1:1') // where nothing listens: no test may reach the network
    vi.stubEnv('NO_PROXY', '')
    vi.stubEnv('no_proxy', '')
    vi.stubEnv('https_proxy', '')
  })

  test('is the folder that DISCOKIT_CACHE names', async () => {
    await diskCache(folder).set(NOTES, { text: JSON.stringify(notes), storedAt: Date.now() })
    await using google = createClient({ retry: false })
    expect((await google.discover('notes:v1')).$id).toBe('notes:v1')
    await using none = createClient({ retry: false, cache: false })
    await expect(none.discover('notes:v1')).rejects.toMatchObject({ code: 'transport_failed' })
    vi.stubEnv('DISCOKIT_CACHE', 'off')
    await using off = createClient({ retry: false })
    await expect(off.discover('notes:v1')).rejects.toMatchObject({ code: 'transport_failed' })
  })

  test('is not used for emulators, or with a transport of its own', async () => {
    await using emulator = await createEmulator()
    await createClient(emulator.connect()).discover('storage')
    const { url } = await emulator.listen()
    await using overPort = createClient(emulator.connect())
    await overPort.discover('storage')
    vi.stubEnv('DISCOKIT_EMULATOR', url)
    await using named = createClient()
    await named.discover('storage:v1')
    vi.stubEnv('DISCOKIT_EMULATOR', '')
    await using elsewhere = createClient()
    await elsewhere.discover({ url: `${url}/discovery/v1/apis/storage/v1/rest` })
    await createClient({ transport: answering(() => answer(200, notes)) }).discover('notes:v1')
    await expect(lstat(folder)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('is off in the tests of this repository, unless one asks for it', async () => {
    vi.unstubAllEnvs()
    expect(cacheFolder(process.env, process.platform)).toBeUndefined()
  })
})

test.each([
  [{ XDG_CACHE_HOME: '/x', HOME: '/h' }, 'linux', '/x/discokit'],
  [{ XDG_CACHE_HOME: 'x', HOME: '/h' }, 'linux', '/h/.cache/discokit'],
  [{ XDG_CACHE_HOME: '', HOME: '/h' }, 'freebsd', '/h/.cache/discokit'],
  [{ XDG_CACHE_HOME: '/x', HOME: '/h' }, 'darwin', '/h/Library/Caches/discokit'],
  [{ LOCALAPPDATA: 'C:\\Users\\a\\AppData\\Local' }, 'win32', 'C:\\Users\\a\\AppData\\Local\\discokit'],
  [{}, 'win32', undefined],
  [{ HOME: 'relative' }, 'linux', undefined],
  [{ DISCOKIT_CACHE: '/d', XDG_CACHE_HOME: '/x' }, 'linux', '/d'],
  [{ DISCOKIT_CACHE: '/d' }, 'win32', '/d'],
  [{ DISCOKIT_CACHE: '', HOME: '/h' }, 'linux', '/h/.cache/discokit'],
  [{ DISCOKIT_CACHE: 'off', XDG_CACHE_HOME: '/x' }, 'linux', undefined],
])('%o on %s means the folder %s', (environment, system, expected) => {
  expect(cacheFolder(environment, system)).toBe(expected)
})
