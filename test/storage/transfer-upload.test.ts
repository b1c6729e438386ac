import { rmSync } from 'node:fs'
import { mkdir, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Client, createClient, NotFoundError, ValidationError } from 'discokit'
import { memoryUploadStore } from 'discokit/media'
import { fileManifest, folder } from 'discokit/node'
import {
  createTransfer,
  type TransferOptions,
  type TransferProgress,
  type TransferResult,
  type TransferRun,
  type TransferSummary,
} from 'discokit/storage'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { bytesOf, connect, type Connection, failureOf, same, until } from '../media/connection.ts'
import { useFolder } from '../media/folder.ts'

const INSERT = 'storage.objects.insert'
const path = useFolder()
let box: Connection
beforeAll(async () => void (box = await connect('over a port')))
afterAll(() => box.close())
beforeEach(async () => {
  box.emulator.reset()
  await box.storage.buckets.insert({ project: 'p', body: { name: 'box' } })
  await writeFiles({ 'a.txt': 'a', 'dir/b.txt': 'bb', 'dir.txt': 'ccc', 'dir/in/d': '' })
})

async function writeFiles(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const place = path(`src/${name}`)
    await mkdir(dirname(place), { recursive: true })
    await writeFile(place, content)
  }
}

const TO = { bucket: 'box', prefix: 'up/' }
const upload = (options: TransferOptions = {}, client: Client = box.google): TransferRun =>
  createTransfer(client, options).upload(folder(path('src')), TO)

async function all(run: TransferRun): Promise<TransferResult[]> {
  const results: TransferResult[] = []
  for await (const result of run) results.push(result)
  return results.sort((a, b) => (a.name < b.name ? -1 : 1))
}
const outcomes = async (run: TransferRun): Promise<string[]> =>
  (await all(run)).map(({ name, outcome, reason }) => [name, outcome, ...(reason ? [reason] : [])].join(' '))
const text = async (name: string): Promise<string> => new TextDecoder().decode(await box.stored(name))

describe('an upload of a folder', () => {
  test('takes all files in it, and in the folders in it', async () => {
    const run = upload()
    expect(await all(run)).toEqual([
      { name: 'a.txt', object: 'up/a.txt', outcome: 'done', bytes: 1 },
      { name: 'dir.txt', object: 'up/dir.txt', outcome: 'done', bytes: 3 },
      { name: 'dir/b.txt', object: 'up/dir/b.txt', outcome: 'done', bytes: 2 },
      { name: 'dir/in/d', object: 'up/dir/in/d', outcome: 'done', bytes: 0 },
    ])
    expect(await run).toEqual({ done: 4, skipped: 0, failed: 0, bytes: 6, aborted: false, failures: [] })
    expect(await text('up/dir/b.txt')).toBe('bb')
    expect(await box.storage.objects.get({ bucket: 'box', object: 'up/a.txt' })).toMatchObject({
      contentType: 'text/plain',
    })
  })

  test('begins when it is awaited, and once', async () => {
    const run = upload()
    await new Promise((resolve) => setImmediate(resolve))
    expect(box.calls(INSERT)).toHaveLength(0)
    expect(await run).toMatchObject({ done: 4 })
    expect(await run).toMatchObject({ done: 4 })
    expect(box.calls(INSERT)).toHaveLength(4)
    expect(() => run[Symbol.asyncIterator]()).toThrow(TypeError)
  })

  test('gives every object the same fields', async () => {
    await createTransfer(box.google).upload(folder(path('src')), {
      bucket: 'box',
      metadata: { cacheControl: 'no-store', contentType: 'a/b' },
    })
    const { items } = await box.storage.objects.list({ bucket: 'box' })
    expect(items).toHaveLength(4)
    expect(items.every((each: object) => 'cacheControl' in each)).toBe(true)
    expect(items[0]).toMatchObject({ name: 'a.txt', contentType: 'a/b' })
  })

  test('leaves links and what is no file out, unless it is told to follow', async () => {
    await symlink(path('src/dir'), path('src/to-folder'))
    await symlink(path('src/a.txt'), path('src/to-file'))
    await symlink(path('src'), path('src/dir/back'))
    await symlink(path('nowhere'), path('src/to-nothing'))
    await writeFiles({
      '.x.discokit.part': 'half',
      '.x.txt.01234567-0123-0123-0123-0123456789ab.part': 'half',
    })
    const left = (await outcomes(upload())).filter((line) => !line.endsWith('done'))
    expect(left).toEqual([
      '.x.discokit.part skipped temporary',
      '.x.txt.01234567-0123-0123-0123-0123456789ab.part skipped temporary',
      'dir/back skipped link',
      'to-file skipped link',
      'to-folder skipped link',
      'to-nothing skipped link',
    ])
    const followed = createTransfer(box.google).upload(folder(path('src'), { followLinks: true }), TO)
    const lines = await outcomes(followed)
    expect(lines).toContain('to-file done')
    expect(lines).toContain('to-folder/b.txt done')
    expect(lines).toContain('dir/back skipped link')
    expect(lines).toContain('to-nothing skipped link')
  })

  test('goes through in the order of names as UTF-8, whatever the folders', async () => {
    const names = ['dir-a', 'dir/', 'ﬀ/x', '😀', 'dir!', 'dir0/y', 'Z']
    await writeFiles(Object.fromEntries(names.map((name) => [name.endsWith('/') ? `${name}z` : name, 'x'])))
    const seen: string[] = []
    for await (const { name } of folder(path('src')).files()) seen.push(name)
    expect(seen).toHaveLength(11)
    expect(seen).toEqual(seen.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
  })

  test('says which of its folders and files went meanwhile', async () => {
    const names: string[] = []
    for await (const { name, error } of folder(path('src')).files()) {
      names.push(name)
      if (names.length === 1) await rm(path('src/dir'), { recursive: true })
      if (name === 'dir/') expect(error).toMatchObject({ message: /src\/dir does not exist/ })
    }
    expect(names).toEqual(['a.txt', 'dir.txt', 'dir/'])
    const failing = upload({
      concurrency: 1,
      onProgress: ({ done, file }) => done === 1 && file.name === 'a.txt' && rmSync(path('src/dir.txt')),
    })
    expect(await all(failing)).toMatchObject([
      { name: 'a.txt', outcome: 'done' },
      { name: 'dir.txt', outcome: 'failed', error: { message: /dir.txt does not exist/ } },
    ])
  })

  test('is refused as a whole when there is no such folder', async () => {
    const run = createTransfer(box.google).upload(folder(path('none')), TO)
    expect(await failureOf(run)).toMatchObject({ name: 'ValidationError', message: /none does not exist/ })
    const iterated = createTransfer(box.google).upload(folder(path('src/a.txt')), TO)
    expect(await failureOf(all(iterated))).toMatchObject({ message: /a.txt is not a folder/ })
    expect(await failureOf(iterated)).toBeInstanceOf(ValidationError)
  })

  test('goes on after a file that fails', async () => {
    box.emulator.fail(INSERT, ['return-403'])
    const run = upload({ concurrency: 1 })
    const results = await all(run)
    expect(results.map(({ outcome }) => outcome)).toEqual(['failed', 'done', 'done', 'done'])
    expect(results[0]).toMatchObject({ name: 'a.txt', bytes: 0, error: { status: 403 } })
    expect(await run).toMatchObject({ done: 3, failed: 1, failures: [{ name: 'a.txt' }] })
  })

  test.each([
    ['return-503', 'return-429'],
    ['return-reset-connection', 'return-503', 'return-reset-connection-after-commit'],
  ])('arrives through faults: %s %s', async (...faults) => {
    box.emulator.fail(INSERT, faults.filter(Boolean))
    expect(await upload()).toMatchObject({ done: 4, failed: 0 })
    expect(box.emulator.unusedFaults()).toEqual({})
    expect(await text('up/dir.txt')).toBe('ccc')
  })

  test('says of each file when the bucket is not there, and fails as a whole when it has to look first', async () => {
    const transfer = createTransfer(box.google)
    const summary = await transfer.upload(folder(path('src')), { bucket: 'nobox' })
    expect(summary).toMatchObject({ done: 0, failed: 4 })
    expect(summary.failures[0]!.error).toBeInstanceOf(NotFoundError)
    const looking = createTransfer(box.google, { skipUnchanged: true })
    expect(await failureOf(looking.upload(folder(path('src')), { bucket: 'nobox' }))).toBeInstanceOf(
      NotFoundError,
    )
  })

  test('tells the progress of each file and of all', async () => {
    await writeFiles({ big: bytesOf(3_000_000) })
    const seen: TransferProgress[] = []
    await upload({ concurrency: 2, onProgress: (progress) => void seen.push(progress) })
    const whole = 3_000_006
    expect(seen.at(-1)).toMatchObject({ bytes: whole, total: { files: 5, bytes: whole }, done: 5, failed: 0 })
    expect(seen.filter(({ file }) => file.name === 'big').length).toBeGreaterThan(3)
    expect(seen.every(({ file }) => file.total === undefined || file.bytes <= file.total)).toBe(true)
    expect(seen[0]!.total).toBeUndefined()
  })
})

describe('unchanged files', () => {
  test('are left out by size and CRC-32C', async () => {
    await upload()
    await writeFiles({ 'dir/b.txt': 'BB', new: 'n' })
    await utimes(path('src/a.txt'), 1, 1) // another time is not another content
    await box.storage.objects.delete({ bucket: 'box', object: 'up/dir/in/d' })
    const run = upload({ skipUnchanged: true })
    expect(await outcomes(run)).toEqual([
      'a.txt skipped unchanged',
      'dir.txt skipped unchanged',
      'dir/b.txt done',
      'dir/in/d done',
      'new done',
    ])
    expect(await run).toMatchObject({ done: 3, skipped: 2 })
    expect(await text('up/dir/b.txt')).toBe('BB')
  })

  test('are found among others in the bucket, over several pages', async () => {
    for (const name of ['up/', 'up/Z', 'up/b', 'up/dir', 'up/dir/a', 'up/dir/zz', 'up/zz', 'v'])
      await box.storage.objects.insert({ bucket: 'box', name, media: 'x' })
    await upload()
    expect(await upload({ skipUnchanged: true })).toMatchObject({ done: 0, skipped: 4 })
  })
})

describe('a manifest', () => {
  const manifest = (): ReturnType<typeof fileManifest> => fileManifest(path('manifest.jsonl'))

  test('leaves out what was done, without asking the server', async () => {
    await upload({ manifest: manifest() })
    box.emulator.journal.clear()
    await writeFiles({ 'dir.txt': 'CCC!' })
    expect(await outcomes(upload({ manifest: manifest() }))).toEqual([
      'a.txt skipped unchanged',
      'dir.txt done',
      'dir/b.txt skipped unchanged',
      'dir/in/d skipped unchanged',
    ])
    expect(box.emulator.journal.exchanges).toHaveLength(1)
    expect(await text('up/dir.txt')).toBe('CCC!')
  })

  test('is of one bucket and one prefix', async () => {
    await upload({ manifest: manifest() })
    const other = createTransfer(box.google, { manifest: manifest() })
    expect(await other.upload(folder(path('src')), { bucket: 'box', prefix: 'else/' })).toMatchObject({
      done: 4,
    })
    expect(await other.upload(folder(path('src')), { bucket: 'box', prefix: 'else/' })).toMatchObject({
      skipped: 4,
    })
    expect(await upload({ manifest: manifest() })).toMatchObject({ skipped: 4 })
  })

  test('does not hide that an object changed, when the bucket is looked at', async () => {
    await upload({ manifest: manifest() })
    await box.storage.objects.insert({ bucket: 'box', name: 'up/a.txt', media: 'other' })
    await box.storage.objects.delete({ bucket: 'box', object: 'up/dir.txt' })
    const again = upload({ manifest: manifest(), skipUnchanged: true })
    expect((await outcomes(again)).filter((line) => line.endsWith('done'))).toEqual([
      'a.txt done',
      'dir.txt done',
    ])
    expect(await text('up/a.txt')).toBe('a')
  })

  test('has those that failed go again', async () => {
    box.emulator.fail(INSERT, ['return-403'])
    expect(await upload({ manifest: manifest(), concurrency: 1 })).toMatchObject({ done: 3, failed: 1 })
    expect(await upload({ manifest: manifest() })).toMatchObject({ done: 1, skipped: 3 })
    expect(await text('up/a.txt')).toBe('a')
  })

  test('that cannot be written ends the transfer', async () => {
    const broken = { ...manifest(), append: () => Promise.reject(new Error('disk full')) }
    expect(await failureOf(upload({ manifest: broken }))).toMatchObject({ message: 'disk full' })
  })
})

describe('an upload that is stopped', () => {
  const MANY = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`many/${i}`, `${i}`]))

  test('says what was done, and goes on with the rest', async () => {
    await writeFiles(MANY)
    const controller = new AbortController()
    const reason = new Error('enough')
    const manifest = fileManifest(path('manifest.jsonl'))
    const run = upload({
      manifest,
      concurrency: 4,
      signal: controller.signal,
      onProgress: ({ done }) => done === 20 && controller.abort(reason),
    })
    const results = await all(run)
    const summary = await run
    expect(summary.aborted).toBe(true)
    expect(summary.done).toBeGreaterThanOrEqual(20)
    expect(summary.done).toBeLessThan(30)
    expect(results).toHaveLength(summary.done + summary.failed)
    expect(summary.failed).toBeLessThanOrEqual(4)
    expect(summary.failures.every(({ error }) => error === reason)).toBe(true)
    const rest = await upload({ manifest })
    expect(rest).toMatchObject({ skipped: summary.done, done: 64 - summary.done, aborted: false })
  })

  test.each(['stall-for-600s-after-0K', 'return-503'])(
    'waits neither for a server nor for its turn: %s',
    async (fault) => {
      // This one waits half a minute before it tries again.
      const google = createClient({
        ...box.emulator.connect(),
        auth: box.emulator.serviceAccount(),
        retry: { baseDelayMs: 60_000 },
      })
      box.emulator.fail(
        INSERT,
        Array.from({ length: 4 }, () => fault),
      )
      const controller = new AbortController()
      const run = upload({ signal: controller.signal }, google)
      const ended = Promise.resolve(run)
      await until(() => box.emulator.unusedFaults()[INSERT] === undefined)
      controller.abort()
      expect(await ended).toMatchObject({ done: 0, failed: 4, aborted: true })
      await google.close()
    },
  )

  test('before it begins does nothing', async () => {
    box.emulator.journal.clear()
    const summary = await upload({ signal: AbortSignal.abort(new Error('no')), skipUnchanged: true })
    expect(summary).toMatchObject({ done: 0, failed: 0, aborted: true })
    expect(box.emulator.journal.exchanges).toEqual([])
  })

  test('by leaving the loop begins nothing further', async () => {
    await writeFiles(MANY)
    const run = upload({ concurrency: 2 })
    for await (const _ of run) break
    const { done, failed, aborted } = await run
    expect(aborted).toBe(true)
    expect(done + failed).toBeLessThanOrEqual(4)
  })
})

describe('large files', () => {
  test('go on in the middle, where a store has them', async () => {
    const bytes = bytesOf(9_000_000)
    await writeFiles({ big: bytes })
    const store = memoryUploadStore()
    const controller = new AbortController()
    const stopped = await upload({
      store,
      signal: controller.signal,
      onProgress: ({ file }) => file.name === 'big' && file.bytes > 4_000_000 && controller.abort(),
    })
    expect(stopped).toMatchObject({ aborted: true })
    box.emulator.journal.clear()
    expect(await upload({ store })).toMatchObject({ done: 5 })
    const ranges = box.calls(INSERT).map(({ headers }) => headers['content-range'])
    const sent = ranges.flatMap((range) => /^bytes (\d+)-8999999\/9000000$/.exec(range ?? '')?.[1] ?? [])
    expect(sent).toHaveLength(1)
    expect(Number(sent[0])).toBeGreaterThanOrEqual(2_097_152)
    expect(same(await box.stored('up/big'), bytes)).toBe(true)
  })
})

describe('files that are not of a disk', () => {
  test('are contents with names, and files of forms', async () => {
    const inFolder = Object.assign(new File(['in'], 'c.txt', { type: 'text/plain' }), {
      webkitRelativePath: 'chosen/c.txt',
    })
    const files = [{ name: 'z', media: 'zz' }, new File(['b'], 'b.bin'), inFolder]
    const transfer = createTransfer(box.google, { skipUnchanged: true })
    expect(await outcomes(transfer.upload(files, { bucket: 'box' }))).toEqual([
      'b.bin done',
      'chosen/c.txt done',
      'z done',
    ])
    expect(await text('chosen/c.txt')).toBe('in')
    expect(await transfer.upload(files, { bucket: 'box' })).toMatchObject({ done: 0, skipped: 3 })
  })

  test('are refused one by one', async () => {
    const files = [
      { name: 'a', media: 'first' },
      { name: 'a', media: 'second' },
      { name: '', media: 'x' },
      { name: 'x'.repeat(1_025), media: 'x' },
      { name: 'n', media: 5 as unknown as string },
      { name: 'ok', media: 'x' },
    ]
    const summary: TransferSummary = await createTransfer(box.google).upload(files, { bucket: 'box' })
    expect(summary).toMatchObject({ done: 2, failed: 4 })
    expect(summary.failures.every(({ error }) => error instanceof ValidationError)).toBe(true)
    expect(await text('a')).toBe('first')
    expect(await failureOf(createTransfer(box.google).upload([3 as never], TO))).toBeInstanceOf(
      ValidationError,
    )
  })
})

test('options that cannot be used are refused at once', () => {
  const make = (options: object) => (): unknown => createTransfer(box.google, options)
  expect(make({ concurrency: 0 })).toThrow(ValidationError)
  expect(make({ concurency: 1 })).toThrow("did you mean 'concurrency'")
  expect(make({ manifest: {}, store: {} })).toThrow(/manifest.*store/)
  const { upload: up, download } = createTransfer(box.google)
  expect(() => up([], { bucket: '' })).toThrow(ValidationError)
  expect(() => download({ bucket: 'b', prefex: '' } as never, folder('x'))).toThrow("did you mean 'prefix'")
})
