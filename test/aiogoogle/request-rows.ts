import { createClient, type UntypedApi, ValidationError } from 'discokit'
import { file } from 'discokit/node'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { notes } from '../client/notes-document.ts'
import { connect, failure } from './connect.ts'
import type { RowTests } from '../examples/page-rows.ts'

const at = 'https://notes.googleapis.com/notes/v1'
const methods = createClient().api(notes)['notes']

/** What is wrong with an input: the places. */
async function wrong(call: () => unknown): Promise<string[]> {
  const error = await failure(call)
  expect(error).toBeInstanceOf(ValidationError)
  return (error as ValidationError).problems.map(({ path }) => path)
}

/** A folder of one test. */
async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'discokit-rows-'))
  try {
    await work(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Making requests, and what they may carry. */
export const requestRows: RowTests = {
  async R1() {
    await using c = await connect()
    const { insert } = (await c.google.discover('storage:v1')).buckets
    c.emulator.journal.clear()
    const parameters = { project: 'p', body: { name: 'another' } }
    expect(insert.prepare(parameters).url).toMatch(/\/storage\/v1\/b\?project=p$/)
    expect(c.called()).toEqual([])
    expect(await insert(parameters, { timeoutMs: 5_000 })).toMatchObject({ name: 'another' })
  },

  R2() {
    expect(methods.get.prepare({ noteId: '1', view: null, deleted: undefined }).url).toBe(`${at}/notes/1`)
    expect(methods.insert.prepare({ body: { a: null, b: undefined } }).body).toBe('{"a":null}')
  },

  R3() {
    const url = (parameters: object): string => methods.get.prepare(parameters).url
    expect(url({ view: 'FULL', noteId: '1', fields: 'id' })).toBe(`${at}/notes/1?view=FULL&fields=id`)
    expect(url({ fields: 'id', view: 'FULL', noteId: '1' })).toBe(`${at}/notes/1?fields=id&view=FULL`)
  },

  async R4() {
    for (const validate of [true, false])
      expect(await wrong(() => methods.get.prepare({}, { validate }))).toEqual(['noteId'])
  },

  async R5() {
    for (const validate of [true, false])
      expect(await wrong(() => methods.list.prepare({}, { validate }))).toEqual(['owner'])
    await using c = await connect()
    const { files } = await c.google.discover('drive:v3')
    expect(await wrong(() => files.export.prepare({ feilds: 'id' }))).toEqual([
      'feilds',
      'fileId',
      'mimeType',
    ])
  },

  async R6() {
    const call = (): unknown => methods.get.prepare({ noteId: '1', veiw: 'FULL' }, { validate: false })
    expect(await failure(call)).toMatchObject({ problems: [{ path: 'veiw', suggestion: 'view' }] })
  },

  async R8() {
    expect(methods.get.prepare({ noteId: 'a b' }).url).toBe(`${at}/notes/a%20b`)
    expect(methods.move.prepare({ name: 'folders/1/notes/2' }).url).toBe(`${at}/folders/1/notes/2:move`)
    expect(await wrong(() => methods.get.prepare({ noteId: '..' }))).toEqual(['noteId'])
    expect(await wrong(() => methods.move.prepare({ name: 'a/../../b' }))).toEqual(['name'])
  },

  async R9() {
    await using c = await connect()
    const { objects } = await c.google.discover('storage:v1')
    const object = 'folder/a b.txt'
    await objects.insert({ bucket: 'my-photos', name: object, media: 'x' })
    expect(objects.get.prepare({ bucket: 'my-photos', object }).url).toMatch(/\/o\/folder%2Fa%20b\.txt$/)
    expect(await objects.get({ bucket: 'my-photos', object })).toMatchObject({ name: object })
    expect(methods.move.prepare({ name: 'a/b' }).url).toBe(`${at}/a/b:move`)
  },

  R10() {
    const given = { labels: ['a', 'b'], deleted: true, readTime: new Date(0), fields: 'a b' }
    expect(methods.get.prepare({ noteId: '1', ...given }).url).toBe(
      `${at}/notes/1?labels=a&labels=b&deleted=true&readTime=1970-01-01T00%3A00%3A00.000Z&fields=a%20b`,
    )
  },

  async R11() {
    await using c = await connect()
    const { list } = (await c.google.discover('urlshortener:v1')).url
    expect(list.prepare({ 'start-token': 't' }).url).toMatch(/[?]start-token=t$/)
    expect(await wrong(() => list.prepare({ start_token: 't' }))).toEqual(['start_token'])
    const { videos } = await c.google.discover('youtube:v3')
    expect(videos.list.prepare({ part: ['id'], '$.xgafv': '2' }).url).toMatch(/[?]part=id&%24\.xgafv=2$/)
  },

  R12() {
    const names = ['validate', 'data', 'json', 'timeout', 'timeoutMs', 'signal', 'headers', 'media', 'body']
    const parameters = Object.fromEntries(names.map((name) => [name, { type: 'string', location: 'query' }]))
    const get = { id: 'odd.get', path: 'odd', httpMethod: 'GET', parameters }
    const api = createClient().api({ ...notes, methods: { get } })
    const free = names.slice(0, -2)
    const given = Object.fromEntries(free.map((name) => [name, '1']))
    expect(api['get'].prepare(given).url).toBe(`${at}/odd?${free.map((name) => `${name}=1`).join('&')}`)
  },

  async R13() {
    await using c = await connect()
    const { objects, buckets } = await c.google.discover('storage:v1')
    const stored = await objects.insert({
      bucket: 'my-photos',
      body: { name: 'a.txt', cacheControl: 'no-store' },
      media: 'text',
    })
    expect(stored).toMatchObject({ cacheControl: 'no-store', size: '4' })
    expect(await wrong(() => buckets.insert.prepare({ project: 'p', body: {}, media: 'x' }))).toEqual([
      'media',
    ])
  },

  async R14() {
    const sent: [string | undefined, string][] = []
    const google = createClient({
      auth: { kind: 'none', headers: () => ({}) },
      transport: async ({ headers, body }) => {
        const bytes = typeof body === 'string' || body instanceof Uint8Array ? [body] : body!.open()
        const chunks: Buffer[] = []
        for await (const chunk of bytes) chunks.push(Buffer.from(chunk as Uint8Array))
        sent.push([headers['content-type'], Buffer.concat(chunks).toString()])
        throw new Error('seen')
      },
    })
    const { insert } = google.api(notes)['notes']
    const bodies = [
      'text',
      Buffer.from('bytes'),
      new URLSearchParams({ a: '1 2' }),
      new Blob(['<a/>'], { type: 'text/xml' }),
      { a: 1 },
    ]
    for (const body of bodies) await failure(() => insert({ body }, { retry: false }))
    expect(sent.map(([type, text]) => [type?.split(';')[0], text])).toEqual([
      ['text/plain', 'text'],
      ['application/octet-stream', 'bytes'],
      ['application/x-www-form-urlencoded', 'a=1+2'],
      ['text/xml', '<a/>'],
      ['application/json', '{"a":1}'],
    ])
  },

  async R15() {
    expect(await wrong(() => createClient({ timeoutMs: 0 }))).toEqual(['timeoutMs'])
    await using c = await connect()
    const { list } = (await c.google.discover('drive:v3')).files
    for (const timeoutMs of [true, '5', -1, Number.NaN])
      expect(await wrong(() => list({}, { timeoutMs }))).toEqual(['timeoutMs'])
    expect(await list({}, { timeoutMs: 4_999.5 })).toMatchObject({ files: [] })
  },

  async R16() {
    await using c = await connect()
    const bad = { pageSize: 'ten' }
    const isRefused = async (api: UntypedApi, options?: object): Promise<boolean> => {
      try {
        api['files'].list.prepare(bad, options)
        return false
      } catch {
        return true
      }
    }
    const drive = await c.google.discover('drive:v3')
    expect([await isRefused(drive), await isRefused(drive, { validate: false })]).toEqual([true, false])
    const definition = await drive.$load()
    const easy = createClient({ validate: false })
    expect([
      await isRefused(easy.api(definition)),
      await isRefused(easy.api(definition), { validate: true }),
    ]).toEqual([false, true])
    expect(await isRefused(easy.api(definition, { validate: true }))).toBe(true)
    expect(await wrong(() => drive.files.list(bad))).toEqual(['pageSize'])
    expect(await failure(() => drive.files.list(bad, { validate: false }))).toMatchObject({ status: 400 })
  },

  async R17() {
    await using c = await connect()
    const { files } = await c.google.discover('drive:v3')
    await inFolder(async (folder) => {
      const path = join(folder, 'note.txt')
      await writeFile(path, 'abc')
      for (const media of [file(path), 'abc', Buffer.from('abc'), new Blob(['abc'])]) {
        const { id } = await files.create({ media })
        expect(await files.get.download({ fileId: id }).text()).toBe('abc')
      }
      expect(await wrong(() => files.create({ media: file(join(folder, 'nothing')) }))).toEqual(['media'])
    })
    const empty = await files.create({ media: '' }) // no bytes are bytes
    expect(await files.get.download({ fileId: empty.id }).text()).toBe('')
    expect(await wrong(() => files.list.prepare({ media: 'abc' }))).toEqual(['media'])
  },

  async R18() {
    await using c = await connect()
    const { files } = await c.google.discover('drive:v3')
    async function* chunks(): AsyncGenerator<string> {
      yield 'chunk1 '
      yield 'chunk2'
    }
    for (const media of [chunks(), new Blob(['chunk1 chunk2']).stream()]) {
      const { id } = await files.create({ media })
      expect(await files.get.download({ fileId: id }).text()).toBe('chunk1 chunk2')
    }
  },

  async R19() {
    await using c = await connect()
    const { files } = await c.google.discover('drive:v3')
    const { id } = await files.create({ media: 'content' })
    await inFolder(async (folder) => {
      const path = join(folder, 'copy')
      await files.get.download({ fileId: id }).to(file(path))
      expect(await readFile(path, 'utf8')).toBe('content')
      const missing = (): unknown => files.get.download({ fileId: 'none' }).to(file(path))
      expect(await failure(missing)).toMatchObject({ code: 'not_found' })
      expect(await readFile(path, 'utf8')).toBe('content') // not the text of the error
    })
    expect(files.list.download).toBeUndefined()
  },

  async R20() {
    await using c = await connect()
    const { files } = await c.google.discover('drive:v3')
    const { id } = await files.create({ media: 'content' })
    const looped: Uint8Array[] = []
    for await (const chunk of files.get.download({ fileId: id })) looped.push(chunk)
    const written: Uint8Array[] = []
    await files.get.download({ fileId: id }).to({
      async save(chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) written.push(chunk)
      },
    })
    for (const chunks of [looped, written]) expect(Buffer.concat(chunks).toString()).toBe('content')
  },

  async R21() {
    await using c = await connect()
    const { insert } = (await c.google.discover('storage:v1')).buckets
    const request = insert.prepare({ project: 'p', body: { name: 'another' } })
    expect(request).toMatchObject({
      id: 'storage.buckets.insert',
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"name":"another"}',
      scopes: insert.$scopes,
    })
    request.headers['x-goog-request-reason'] = 'a new team'
    const [result] = await c.google.send([JSON.parse(JSON.stringify(request))])
    expect(result).toMatchObject({ status: 'fulfilled', value: { name: 'another' } })
    expect(c.emulator.journal.exchanges.at(-1)!.headers['x-goog-request-reason']).toBe('a new team')
  },

  async R22() {
    await using c = await connect()
    const { list } = (await c.google.discover('drive:v3')).files
    expect(list.prepare().batchUrl).toMatch(/\/batch\/drive\/v3$/)
  },
}
