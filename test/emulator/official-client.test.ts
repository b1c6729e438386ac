import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Bucket, Storage } from '@google-cloud/storage'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createEmulator, type Emulator } from '../../src/emulator/index.ts'
import { bytesOf, obtainToken } from './speak.ts'

let folder: string
let emulator: Emulator

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'discokit-test-'))
})
afterEach(async () => {
  vi.unstubAllGlobals()
  await emulator.close()
  await rm(folder, { recursive: true })
})

describe.each(['without credentials', 'with a token of the emulator'])(
  '@google-cloud/storage, %s',
  (manner) => {
    async function connect(): Promise<Storage> {
      const anonymous = manner === 'without credentials'
      emulator = await createEmulator({ anonymous })
      const { url } = await emulator.listen()
      const options = { apiEndpoint: url, projectId: 'emulator-project', retryOptions: { autoRetry: false } }
      if (anonymous) return new Storage(options)
      // The client's own auth library, reached through it, with a token that it need not renew.
      const secrets = { client_id: 'c', client_secret: 's', refresh_token: 'r' }
      const authClient = new Storage().authClient.fromJSON({ type: 'authorized_user', ...secrets })
      authClient.setCredentials({ access_token: await obtainToken(emulator) })
      return new Storage({ ...options, useAuthWithCustomEndpoint: true, authClient })
    }

    test('creates a bucket, uploads, lists, downloads with checksums, changes and deletes', async () => {
      const storage = await connect()
      const [bucket] = await storage.createBucket('box', { location: 'EU' })
      expect((await bucket.getMetadata())[0].location).toBe('EU')
      await expect(storage.createBucket('box')).rejects.toMatchObject({ code: 409 })

      const content = bytesOf(3_000_000)
      const source = join(folder, 'source.bin')
      await writeFile(source, content)
      const [file] = await bucket.upload(source, {
        resumable: false,
        destination: 'photos/ä b/1.bin',
        metadata: { contentType: 'image/x-test', metadata: { colour: 'red' } },
      })
      expect(file.metadata).toMatchObject({ size: '3000000', contentType: 'image/x-test' })
      const [downloaded] = await file.download()
      expect(Buffer.compare(downloaded, content)).toBe(0)
      await file.download({ destination: join(folder, 'copy.bin') })
      expect(Buffer.compare(await readFile(join(folder, 'copy.bin')), content)).toBe(0)
      const [part] = await file.download({ start: 10, end: 19 })
      expect(Buffer.compare(part, content.subarray(10, 20))).toBe(0)

      await file.setMetadata({ cacheControl: 'no-store', metadata: { colour: null, size: 'L' } })
      const [metadata] = await file.getMetadata()
      expect(metadata).toMatchObject({
        cacheControl: 'no-store',
        metageneration: '2',
        metadata: { size: 'L' },
      })
      expect(metadata.metadata).not.toHaveProperty('colour')

      for (const name of ['a/1', 'a/2', 'b/1', 'c']) await bucket.file(name).save(name, { resumable: false })
      const pages: string[][] = []
      for (let query: object | null = { maxResults: 2, autoPaginate: false }; query;) {
        const [files, next] = await bucket.getFiles(query)
        pages.push(files.map((each) => each.name))
        query = next as object | null
      }
      expect(pages).toEqual([['a/1', 'a/2'], ['b/1', 'c'], ['photos/ä b/1.bin']])
      const [files, , answer] = await bucket.getFiles({ delimiter: '/', autoPaginate: false })
      expect(files.map((each) => each.name)).toEqual(['c'])
      expect(answer).toMatchObject({ prefixes: ['a/', 'b/', 'photos/'] })
      expect((await bucket.getFiles({ prefix: 'a/', maxResults: 1 }))[0].map((each) => each.name)).toEqual([
        'a/1',
      ])

      await expect(bucket.delete()).rejects.toMatchObject({ code: 409 })
      await bucket.deleteFiles()
      expect(await bucket.file('c').exists()).toEqual([false])
      await bucket.delete()
      expect(await bucket.exists()).toEqual([false])
    }, 30_000)

    test('notices bytes that changed on their way', async () => {
      const storage = await connect()
      const [bucket] = await storage.createBucket('box')
      await bucket.file('f').save('content', { resumable: false })
      emulator.fail('storage.objects.get', ['return-corrupted-data'])
      await expect(bucket.file('f').download()).rejects.toMatchObject({ code: 'CONTENT_DOWNLOAD_MISMATCH' })
    })

    test('is told that a precondition does not hold', async () => {
      const storage = await connect()
      const [bucket] = await storage.createBucket('box')
      const file = bucket.file('f')
      const createOnly = { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } }
      await file.save('1', createOnly)
      await expect(file.save('2', createOnly)).rejects.toMatchObject({ code: 412 })
      expect(String((await file.download())[0])).toBe('1')
    })
  },
)

test('@google-cloud/storage, led here by STORAGE_EMULATOR_HOST, creates, uploads, lists, downloads and deletes', async () => {
  emulator = await createEmulator({ anonymous: true })
  const { url } = await emulator.listen()
  vi.stubEnv('STORAGE_EMULATOR_HOST', url)
  const storage = new Storage({ projectId: 'emulator-project', retryOptions: { autoRetry: false } })
  const [bucket] = await storage.createBucket('box')
  const content = bytesOf(100_000)
  const source = join(folder, 'source.bin')
  await writeFile(source, content)
  const [file] = await bucket.upload(source, { resumable: false, destination: 'photos/ä b/1.bin' })
  expect((await bucket.getFiles())[0].map(({ name }) => name)).toEqual(['photos/ä b/1.bin'])
  expect(Buffer.compare((await file.download())[0], content)).toBe(0)
  expect((await file.getMetadata())[0]).toMatchObject({ size: '100000' })
  await file.delete()
  await bucket.delete()
  expect((await storage.getBuckets())[0]).toEqual([])
})

describe('@google-cloud/storage, its uploads', () => {
  const content = bytesOf(5 * 1024 * 1024 + 321)
  let bucket: Bucket
  let source: string
  beforeEach(async () => {
    emulator = await createEmulator({ anonymous: true })
    const { url } = await emulator.listen()
    // The client waits a second or two between two tries.
    const { setTimeout } = globalThis
    const hurry = (listener: () => void, ms = 0): NodeJS.Timeout =>
      setTimeout(listener, ms >= 1000 && ms <= 2000 ? 1 : ms)
    vi.stubGlobal('setTimeout', hurry)
    const retryOptions = { autoRetry: true, maxRetries: 5, maxRetryDelay: 1 }
    const storage = new Storage({ apiEndpoint: url, projectId: 'emulator-project', retryOptions })
    ;[bucket] = await storage.createBucket('box')
    source = join(folder, 'source.bin')
    await writeFile(source, content)
  })

  const WAYS = {
    'in one multipart body': { resumable: false },
    'in one resumable request': { resumable: true },
    'in chunks': { resumable: true, chunkSize: 1024 * 1024 },
  }
  const puts = (): number => emulator.journal.exchanges.filter(({ method }) => method === 'PUT').length

  async function downloaded(): Promise<Buffer> {
    return (await bucket.file('f').download())[0]
  }

  describe.each(Object.entries(WAYS))('%s', (_, how) => {
    test.each(['crc32c', 'md5', false] as const)('arrive whole, validated by %s', async (validation) => {
      const [file] = await bucket.upload(source, {
        ...how,
        validation,
        destination: 'f',
        metadata: { contentType: 'image/x-test', metadata: { colour: 'red' } },
      })
      // A number after a resumable upload.
      expect(Number(file.metadata.size)).toBe(content.length)
      expect(file.metadata).toMatchObject({
        contentType: 'image/x-test',
        metadata: { colour: 'red' },
      })
      expect(puts()).toBe('chunkSize' in how ? 6 : how.resumable ? 1 : 0)
      expect(Buffer.compare(await downloaded(), content)).toBe(0)
    })

    test('arrive empty', async () => {
      if ('chunkSize' in how) {
        // The client says `bytes 0--1/0` of nothing then.
        await expect(bucket.file('f').save('', how)).rejects.toMatchObject({ code: 400 })
        return
      }
      await bucket.file('f').save('', how)
      expect((await downloaded()).length).toBe(0)
    })

    test('are refused when the object is there already', async () => {
      const createOnly = { ...how, preconditionOpts: { ifGenerationMatch: 0 } }
      await bucket.file('f').save('1', createOnly)
      const failure = await bucket
        .file('f')
        .save('2', createOnly)
        .catch((error: { code?: number; status?: number }) => error.status ?? error.code)
      expect(failure).toBe(412)
      expect(String(await downloaded())).toBe('1')
    })

    test('are told of bytes that changed on their way', async () => {
      const saving = bucket.file('f').save('content', { ...how, metadata: { crc32c: 'AAAAAA==' } })
      await expect(saving).rejects.toMatchObject({ message: expect.stringContaining("doesn't match") })
    })
  })

  // What the client does not survive is not here: a lost last answer, and any of these without chunks.
  test.each([
    'return-503',
    'return-503-after-2048K',
    'return-reset-connection',
    'return-reset-connection-after-2500K',
  ])('in chunks go on after %s', async (instruction) => {
    emulator.fail('storage.objects.insert', [instruction])
    await bucket.upload(source, {
      ...WAYS['in chunks'],
      destination: 'f',
      preconditionOpts: { ifGenerationMatch: 0 },
    })
    expect(emulator.unusedFaults()).toEqual({})
    expect(Buffer.compare(await downloaded(), content)).toBe(0)
  })

  test('made elsewhere are taken up where they stand', async () => {
    const file = bucket.file('f')
    const [uri] = await file.createResumableUpload()
    const half = Buffer.from(content.subarray(0, 3 * 1024 * 1024))
    const headers = { 'content-range': `bytes 0-${half.length - 1}/${content.length}` }
    const first = await fetch(uri, { method: 'PUT', headers, body: half, redirect: 'manual' })
    expect([first.status, first.headers.get('range')]).toEqual([308, `bytes=0-${half.length - 1}`])
    await bucket.upload(source, { ...WAYS['in chunks'], uri, destination: file, validation: false })
    expect(Buffer.compare(await downloaded(), content)).toBe(0)
  })
})
