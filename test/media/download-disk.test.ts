import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { type Client, type DownloadProgress, ValidationError } from 'discokit'
import { file } from 'discokit/node'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { bytesOf, connectTo, failureOf, same } from './connection.ts'
import { type ContentServer, contentServer } from './content-server.ts'
import { useFolder } from './folder.ts'

const BYTES = bytesOf(6_000_000)
const path = useFolder()

let server: ContentServer
let google: Client
let storage: any
beforeEach(async () => {
  server = await contentServer({ bytes: BYTES, generation: '7' })
  ;({ google, storage } = await connectTo(server.url))
})
afterEach(async () => {
  vi.restoreAllMocks()
  await google.close()
  await server.close()
})

const save = (options: object, name = 'a', download = {}): Promise<unknown> =>
  storage.objects.get.download({ bucket: 'b', object: 'o' }, download).to(file(path(name)), options)

/** An error of the system. */
function coded(code: string): Error {
  return Object.assign(new Error(`${code}: it is so`), { code })
}

/** Makes the disk take so many bytes more. */
async function leaveRoom(bytes: number): Promise<void> {
  const probe = await open(path('probe'), 'w')
  const prototype = Object.getPrototypeOf(probe)
  await probe.close()
  await fs.promises.rm(path('probe'))
  const write = prototype.write
  let room = bytes
  async function writeSome(this: unknown, ...given: unknown[]): Promise<unknown> {
    const [chunk, offset = 0, length = chunk.length - offset, ...more] = given as [
      Uint8Array,
      number?,
      number?,
    ]
    if (room === 0) throw coded('ENOSPC')
    const taken = Math.min(room, length)
    room -= taken
    return write.call(this, chunk, offset, taken, ...more)
  }
  vi.spyOn(prototype, 'write').mockImplementation(writeSome as never) // which is what it takes the place of
  const writeFile = prototype.writeFile
  async function writeAll(this: unknown, ...given: unknown[]): Promise<unknown> {
    if (room === 0) throw coded('ENOSPC')
    return writeFile.apply(this, given)
  }
  vi.spyOn(prototype, 'writeFile').mockImplementation(writeAll as never)
}

const WAYS = [
  ['in order', {}],
  ['in slices', { slices: 3, sliceBytes: 1_000_000 }],
  ['to be gone on with', { resume: true }],
] as const

describe.each(WAYS)('a download that is saved %s', (way, options) => {
  const stays = way === 'to be gone on with'

  test.each([0, 1, 65_536, 5_000_000, 5_999_999])(
    'to a disk with room for %i bytes leaves the old file',
    async (room) => {
      await writeFile(path('a'), 'old')
      await leaveRoom(room)
      expect(await failureOf(save(options))).toMatchObject({
        name: 'ValidationError',
        message: expect.stringContaining(`${path()} has no room left (ENOSPC); make room there`),
      })
      vi.restoreAllMocks()
      expect(await readFile(path('a'), 'utf8')).toBe('old')
      const names = await readdir(path())
      expect(names.filter((name) => !(stays && /^\.a\.discokit\.(part|json)$/.test(name)))).toEqual(['a'])
      await save(options)
      expect(same(await readFile(path('a')), BYTES)).toBe(true)
      expect(await readdir(path())).toEqual(['a'])
    },
  )

  test('leaves no lock where the disk has no room for what is in it', async () => {
    const write = vi.spyOn(fs.promises, 'writeFile').mockImplementation(async (name) => {
      fs.writeFileSync(name as string, '') // which is as far as it comes
      throw coded('ENOSPC')
    })
    await (stays ? failureOf(save(options)) : save(options))
    expect(write).toHaveBeenCalledTimes(stays ? 1 : 0)
    expect(await readdir(path())).toEqual(stays ? [] : ['a'])
  })

  test('to what becomes a folder meanwhile says so', async () => {
    const onProgress = ({ received }: DownloadProgress): void => {
      if (received > 500_000) fs.mkdirSync(path('a/b'), { recursive: true })
    }
    const failure = await failureOf(save(options, 'a', { onProgress }))
    expect(failure).toBeInstanceOf(ValidationError)
    expect(failure.message).toContain(`${path('a')} became a folder meanwhile`)
    expect(await readdir(path('a'))).toEqual(['b'])
    await rm(path('a'), { recursive: true })
    await save(options)
    expect(await readdir(path())).toEqual(['a'])
  })

  test.each([
    ['EMFILE', { code: 'EMFILE' }],
    ['EACCES', { code: 'invalid_input', message: expect.stringMatching(/ may not be written \(EACCES\)$/) }],
    ['EROFS', { code: 'invalid_input', message: expect.stringMatching(/ may not be written \(EROFS\)$/) }],
  ])('where no file can be made (%s) fails at once, and can be made again', async (code, expected) => {
    vi.spyOn(fs.promises, 'open').mockRejectedValue(coded(code))
    vi.spyOn(fs.promises, 'writeFile').mockRejectedValue(coded(code))
    expect(await failureOf(save(options))).toMatchObject(expected)
    vi.restoreAllMocks()
    expect(await readdir(path())).toEqual([])
    expect(server.requests).toEqual([])
    await save(options)
    expect(same(await readFile(path('a')), BYTES)).toBe(true)
  })

  test('to what is no file is refused before anything is sent', async () => {
    await mkdir(path('folder'))
    execFileSync('mkfifo', [path('pipe')])
    for (const place of ['folder', 'pipe', 'missing/a']) {
      const failure = await failureOf(save(options, place))
      expect(failure).toBeInstanceOf(ValidationError)
    }
    const device = storage.objects.get.download({ bucket: 'b', object: 'o' }).to(file('/dev/null'), options)
    expect(await failureOf(device)).toBeInstanceOf(ValidationError)
    expect(server.requests).toEqual([])
  })

  test('through a link writes what the link points to', async () => {
    await writeFile(path('target'), 'old')
    await symlink(path('target'), path('link'))
    await save(options, 'link')
    expect(same(await readFile(path('target')), BYTES)).toBe(true)
    expect((await fs.promises.lstat(path('link'))).isSymbolicLink()).toBe(true)
    expect((await readdir(path())).sort()).toEqual(['link', 'target'])
  })

  test('writes nothing into a folder that takes the place of its own', async () => {
    await mkdir(path('folder'))
    await mkdir(path('other'))
    let swapped: Promise<void> | undefined
    const swap = async (): Promise<void> => {
      await rename(path('folder'), path('moved'))
      await symlink(path('other'), path('folder'))
    }
    const onProgress = ({ received }: DownloadProgress): void => {
      if (received > 500_000) swapped ??= swap()
    }
    expect(await failureOf(save(options, 'folder/a', { onProgress }))).toMatchObject({ code: 'ENOENT' })
    await swapped
    expect((await readdir(path('other'))).filter((name) => !name.startsWith('.a.discokit.json'))).toEqual([])
  })
})
