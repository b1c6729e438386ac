import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient, NotFoundError, PreconditionFailedError } from 'discokit'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { file, folder } from 'discokit/node'
import { createTransfer, postPolicy, signedUrl, startSession, uploadInParts } from 'discokit/storage'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { readRows, type RowTests } from '../examples/page-rows.ts'

let emulator: Emulator
let google: Client
let storage: Awaited<ReturnType<Client['discover']>>
let place: string

beforeAll(async () => {
  emulator = await createEmulator()
  await emulator.listen()
  google = createClient({ ...emulator.connect(), auth: emulator.serviceAccount() })
  storage = await google.discover('storage:v1')
  place = await mkdtemp(join(tmpdir(), 'discokit-rows-'))
})
afterAll(async () => {
  await google.close()
  await emulator.close()
  await rm(place, { recursive: true })
})
beforeEach(async () => {
  emulator.reset()
  await storage['buckets'].insert({ project: 'p', body: { name: 'box' } })
  await put('a.txt', 'hello')
})

const put = (name: string, media: unknown): Promise<unknown> =>
  storage['objects'].insert({ bucket: 'box', name, media })
const text = (object: string): Promise<string> =>
  storage['objects'].get.download({ bucket: 'box', object }).text()
const path = (name: string): string => join(place, name)
const A = { bucket: 'box', object: 'a.txt' }

const tests: RowTests = {
  async G1() {
    await storage['buckets'].insert({ project: 'p', body: { name: 'other' } })
    expect(await storage['buckets'].get({ bucket: 'other' })).toMatchObject({ name: 'other' })
  },
  async G2() {
    await writeFile(path('up.txt'), 'from a file')
    await put('up.txt', file(path('up.txt')))
    expect(await text('up.txt')).toBe('from a file')
  },
  async G3() {
    const body = { name: 'b', contentType: 'text/csv', metadata: { by: 'ada' } }
    const object = await storage['objects'].insert({ bucket: 'box', body, media: 'a,b' })
    expect(object).toMatchObject({ contentType: 'text/csv', metadata: { by: 'ada' }, size: '3' })
  },
  async G4() {
    await put('s', new Blob(['streamed']).stream())
    expect(await text('s')).toBe('streamed')
  },
  async G5() {
    expect(new Uint8Array(await storage['objects'].get.download(A).bytes())).toEqual(
      new TextEncoder().encode('hello'),
    )
    expect(await text('a.txt')).toBe('hello')
  },
  async G6() {
    await storage['objects'].get.download(A).to(file(path('down.txt')))
    expect(await readFile(path('down.txt'), 'utf8')).toBe('hello')
  },
  async G7() {
    const range = { first: 1, last: 3 }
    const stream = storage['objects'].get.download(A, { range }).stream()
    expect(await new Response(stream).text()).toBe('ell')
  },
  async G8() {
    expect(await storage['objects'].get(A)).toMatchObject({ name: 'a.txt' })
    const missing = storage['objects'].get({ bucket: 'box', object: 'none' })
    await expect(Promise.resolve(missing)).rejects.toBeInstanceOf(NotFoundError)
  },
  async G9() {
    await put('b/1', 'x')
    const names: string[] = []
    for await (const { name } of storage['objects'].list({ bucket: 'box', prefix: 'b/' })) names.push(name)
    expect(names).toEqual(['b/1'])
  },
  async G10() {
    const from = { sourceBucket: 'box', sourceObject: 'a.txt' }
    await storage['objects'].copy({ ...from, destinationBucket: 'box', destinationObject: 'copy' })
    await storage['objects'].move({ bucket: 'box', sourceObject: 'copy', destinationObject: 'moved' })
    const body = { sourceObjects: [{ name: 'a.txt' }, { name: 'moved' }] }
    await storage['objects'].compose({ destinationBucket: 'box', destinationObject: 'both', body })
    expect(await text('both')).toBe('hellohello')
  },
  async G11() {
    await storage['objects'].patch({ ...A, body: { cacheControl: 'no-store' } })
    expect(await storage['objects'].get(A)).toMatchObject({ cacheControl: 'no-store' })
  },
  async G12() {
    await storage['objects'].delete(A)
    await expect(Promise.resolve(storage['objects'].get(A))).rejects.toBeInstanceOf(NotFoundError)
  },
  async G13() {
    const signer = emulator.serviceAccount()
    const address = await signedUrl({ signer, ...A, expiresMs: 60_000, endpoint: emulator.url })
    expect(await (await fetch(address)).text()).toBe('hello')
  },
  async G14() {
    const signer = emulator.serviceAccount()
    const options = { signer, bucket: 'box', object: 'form', expiresMs: 60_000, endpoint: emulator.url }
    const { url, fields } = await postPolicy(options)
    const form = new FormData()
    for (const [name, value] of Object.entries(fields)) form.append(name, value)
    form.append('file', new Blob(['by form']))
    expect((await fetch(url, { method: 'POST', body: form })).status).toBe(204)
    expect(await text('form')).toBe('by form')
  },
  async G15() {
    const url = await startSession(google, { bucket: 'box', object: 'session' })
    expect((await fetch(url, { method: 'PUT', body: 'in a session' })).status).toBe(200)
    expect(await text('session')).toBe('in a session')
  },
  async G16() {
    const upload = { kind: 'resumable', chunkBytes: 262_144, checksum: false }
    const media = new Uint8Array(600_000)
    expect(await storage['objects'].insert({ bucket: 'box', name: 'c', media }, { upload })).toMatchObject({
      size: '600000',
    })
  },
  async G17() {
    const again = storage['objects'].insert({
      bucket: 'box',
      name: 'a.txt',
      media: 'x',
      ifGenerationMatch: 0,
    })
    await expect(Promise.resolve(again)).rejects.toBeInstanceOf(PreconditionFailedError)
  },
  async G18() {
    let last = 0
    const onProgress = ({ acknowledged }: { acknowledged: number }): void => void (last = acknowledged)
    await storage['objects'].insert({ bucket: 'box', name: 'p', media: 'progress' }, { onProgress })
    expect(last).toBe(8)
  },
  async G19() {
    await mkdir(path('many'), { recursive: true })
    await writeFile(path('many/one'), '1')
    await writeFile(path('many/two'), '2')
    const transfer = createTransfer(google)
    const there = { bucket: 'box', prefix: 'many/' }
    expect(await transfer.upload(folder(path('many')), there)).toMatchObject({ done: 2, failed: 0 })
    await mkdir(path('back'), { recursive: true })
    expect(await transfer.download(there, folder(path('back')))).toMatchObject({ done: 2, failed: 0 })
    expect(await readFile(path('back/two'), 'utf8')).toBe('2')
  },
  async G20() {
    const media = new Uint8Array(3_000_000).map((_, i) => i % 251)
    await put('large', media)
    const download = storage['objects'].get.download({ bucket: 'box', object: 'large' })
    await download.to(file(path('large')), { slices: 3 })
    expect(new Uint8Array(await readFile(path('large')))).toEqual(media)
  },
  async G21() {
    const media = new Uint8Array(1_000_000).fill(7)
    const object = await uploadInParts(google, { bucket: 'box', object: 'parts', media })
    expect(object).toMatchObject({ name: 'parts', size: '1000000' })
  },
  async G22() {
    expect(await storage['buckets'].getIamPolicy({ bucket: 'box' })).toHaveProperty('etag')
    expect(await storage['bucketAccessControls'].list({ bucket: 'box' })).toHaveProperty('items')
  },
  async G23() {
    await using other = createClient({ endpoint: emulator.url, auth: emulator.serviceAccount() })
    const api = await other.discover('storage:v1')
    expect(await api['objects'].get(A)).toMatchObject({ name: 'a.txt' })
  },
}

const rows = await readRows('from-google-cloud-storage')

test('the page has exactly the rows that are tested, each once', () => {
  expect(rows.map(({ id }) => id)).toEqual(Object.keys(tests))
})

describe.each(rows)('$id $there', ({ id }) => {
  test('is here as the page says', () => tests[id]!())
})
