import { once } from 'node:events'
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { type Download, NotFoundError, ValidationError } from 'discokit'
import { file } from 'discokit/node'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { bytesOf, connect, type Connection, failureOf, MANNERS } from './connection.ts'
import { useFolder } from './folder.ts'

const GET = 'storage.objects.get'
const NEVER_AGAIN = { retry: false }
const path = useFolder()

describe.each(MANNERS)('a download to a file, %s', (manner) => {
  let box: Connection
  beforeAll(async () => {
    box = await connect(manner)
    await box.storage.objects.insert({ bucket: 'box', name: 'a', media: bytesOf(1_500_000) })
  })
  afterAll(() => box.close())
  beforeEach(() => box.emulator.journal.clear())

  const download = (object = 'a', options = {}): Download =>
    box.storage.objects.get.download({ bucket: 'box', object }, options)

  describe.each([
    ['changed bytes', 'return-corrupted-data', 'DataLossError', 'a'],
    ['an answer that breaks off', 'return-broken-stream-after-64K', 'TransportError', 'a'],
    ['an answer that breaks off half way', 'return-broken-stream', 'TransportError', 'a'],
    ['a failure of the server', 'return-400', 'GoogleApiError', 'a'],
    ['an object that does not exist', undefined, 'NotFoundError', 'nope'],
  ])('after %s', (_, fault, name, object) => {
    test('leaves an old file as it was, and nothing beside it', async () => {
      await writeFile(path('old'), 'old content', { mode: 0o640 })
      if (fault) box.emulator.fail(GET, [fault])
      expect(await failureOf(download(object, NEVER_AGAIN).to(file(path('old'))))).toMatchObject({ name })
      expect(await readdir(path())).toEqual(['old'])
      expect(await readFile(path('old'), 'utf8')).toBe('old content')
    })

    test('leaves no new file', async () => {
      if (fault) box.emulator.fail(GET, [fault])
      expect(await failureOf(download(object, NEVER_AGAIN).to(file(path('new'))))).toMatchObject({ name })
      expect(await readdir(path())).toEqual([])
    })
  })

  test('that is aborted leaves the old file, and nothing beside it', async () => {
    await writeFile(path('old'), 'old content')
    const controller = new AbortController()
    const onProgress = ({ received }: { received: number }): void => {
      if (received > 100_000) controller.abort()
    }
    const call = download('a', { signal: controller.signal, onProgress }).to(file(path('old')))
    expect(await failureOf(call)).toBe(controller.signal.reason)
    expect(await readdir(path())).toEqual(['old'])
    expect(await readFile(path('old'), 'utf8')).toBe('old content')
  })

  test('refuses a place that cannot be one, before anything is sent', async () => {
    await mkdir(path('folder'))
    await writeFile(path('plain'), '')
    await symlink(path('folder'), path('link'))
    const socket = createServer().listen(path('socket'))
    await once(socket, 'listening')
    const places = [
      [path('folder'), `${path('folder')} is a folder`],
      [`${path('folder')}/`, `${path('folder')}/ is a folder`],
      [path('link'), `${path('link')} is a folder`],
      [`${path('new')}/`, `${path('new')}/ is a folder`],
      [path('missing/a'), `${path('missing')} is not a folder`],
      [path('plain/a'), `${path('plain')} is not a folder`],
      [path('socket'), `${path('socket')} is not a file`],
      [path('x'.repeat(300)), `${path('x'.repeat(300))} cannot be written (ENAMETOOLONG)`],
      [path('a\u0000b'), `${path('a\u0000b')} cannot be written (ERR_INVALID_ARG_VALUE)`],
    ] as const
    for (const [place, message] of places) {
      const failure = await failureOf(download().to(file(place)))
      expect(failure).toBeInstanceOf(ValidationError)
      expect(failure.problems).toEqual([{ path: 'media', message }])
    }
    expect(box.emulator.journal.exchanges).toEqual([])
    expect((await readdir(path())).sort()).toEqual(['folder', 'link', 'plain', 'socket'])
    socket.close()
  })

  test('can be made again after a failure, with the same file', async () => {
    const destination = file(path('again'))
    expect(await failureOf(download('nope').to(destination))).toBeInstanceOf(NotFoundError)
    await download().to(destination)
    expect(await readFile(path('again'))).toHaveLength(1_500_000)
    await box.storage.objects.insert({ bucket: 'box', name: 'back', media: destination })
    expect(await box.stored('back')).toHaveLength(1_500_000)
  })

  test('can be made many times at once to the same place, of which one wins', async () => {
    await Promise.all(Array.from({ length: 8 }, () => download().to(file(path('same')))))
    expect(await readdir(path())).toEqual(['same'])
    expect((await readFile(path('same'))).equals(bytesOf(1_500_000))).toBe(true)
  })
})
