import { createClient, type Transport, ValidationError } from 'discokit'
import { expect } from 'vitest'
import { notes } from '../client/notes-document.ts'
import { type Connected, connect } from './connect.ts'
import type { RowTests } from '../examples/page-rows.ts'

/** A client that remembers how uploads began. */
function watched(c: Connected): { google: ReturnType<Connected['client']>; begun: string[] } {
  const begun: string[] = []
  const { transport: inner } = c.emulator.connect()
  const transport: Transport = (request, context) => {
    if (request.url.includes('/upload/')) {
      const { pathname, searchParams } = new URL(request.url)
      begun.push(
        `${pathname} ${searchParams.get('uploadType')} ${request.headers['content-type']?.split(';')[0]}`,
      )
    }
    return inner!(request, context)
  }
  return { google: c.client({ transport, auth: c.emulator.serviceAccount() }), begun }
}

/** Bytes, up and down. */
export const mediaRows: RowTests = {
  async M1() {
    await using c = await connect()
    const { insert } = (await c.google.discover('storage:v1')).objects
    const typeOf = async (name: string, media: unknown): Promise<string> =>
      (await insert({ bucket: 'my-photos', name, media })).contentType
    expect(await typeOf('a', { content: 'a,b', contentType: 'text/csv' })).toBe('text/csv')
    expect(await typeOf('b', { content: Buffer.from('x'), name: 'x.png' })).toBe('image/png')
    expect(await typeOf('c', new Blob(['x'], { type: 'text/xml' }))).toBe('text/xml')
    expect(await typeOf('d.jpg', new Uint8Array(1))).toBe('image/jpeg')
  },

  async M2() {
    const mediaUpload = { protocols: { simple: { path: '/elsewhere/v9/{noteId}', multipart: true } } }
    const insert = {
      id: 'x.insert',
      path: 'x/{noteId}',
      httpMethod: 'POST',
      parameters: { noteId: { type: 'string', location: 'path', required: true } },
      request: { $ref: 'X' },
      mediaUpload,
    }
    const api = createClient().api({ ...notes, methods: { insert } })
    expect(api['insert'].prepare({ noteId: '1', media: 'x' }).url).toBe(
      'https://notes.googleapis.com/elsewhere/v9/1?uploadType=media',
    )
  },

  async M3() {
    await using c = await connect()
    const { set } = (await c.google.discover('youtube:v3')).thumbnails
    expect(set.$raw.mediaUpload.maxSize).toBe('52428800')
    const media = { content: new Uint8Array(52_428_801), contentType: 'image/png' }
    const call = set({ videoId: 'v', media })
    await expect(Promise.resolve(call)).rejects.toBeInstanceOf(ValidationError)
    expect(c.emulator.journal.exchanges.some(({ methodId }) => methodId === 'youtube.thumbnails.set')).toBe(
      false,
    )
    const unchecked = set({ videoId: 'v', media }, { upload: { checkLimits: false } })
    await expect(Promise.resolve(unchecked)).rejects.not.toBeInstanceOf(ValidationError)
  },

  async M4() {
    await using c = await connect()
    const { google, begun } = watched(c)
    const { objects } = await google.discover('storage:v1')
    const size = 8 * 1_048_576
    let most = 0
    async function* pieces(): AsyncGenerator<Uint8Array> {
      const piece = new Uint8Array(65_536)
      for (let made = 0; made < size; made += piece.length) {
        most = Math.max(most, made)
        yield piece
      }
    }
    const upload = { kind: 'multipart' as const }
    const stored = await objects.insert(
      { bucket: 'my-photos', body: { name: 'large' }, media: pieces() },
      { upload },
    )
    expect(stored.size).toBe(String(size))
    expect(most).toBe(size - 65_536)
    expect(begun).toEqual(['/upload/storage/v1/b/my-photos/o multipart multipart/related'])
  },

  async M5() {
    await using c = await connect()
    const { google, begun } = watched(c)
    const { objects } = await google.discover('storage:v1')
    const stored = await objects.insert({ bucket: 'my-photos', name: 'plain.txt', media: 'bytes alone' })
    expect(stored.size).toBe('11')
    expect(begun).toEqual(['/upload/storage/v1/b/my-photos/o media text/plain'])
  },

  async M6() {
    await using c = await connect()
    const { google, begun } = watched(c)
    const { objects } = await google.discover('storage:v1')
    const size = 9 * 1_048_576
    c.emulator.fail('storage.objects.insert', ['return-reset-connection-after-1024K'])
    const media = new Uint8Array(size)
    const stored = await objects.insert({ bucket: 'my-photos', body: { name: 'large' }, media })
    expect(stored.size).toBe(String(size))
    expect(begun[0]).toBe('/resumable/upload/storage/v1/b/my-photos/o resumable application/json')
    expect(c.emulator.unusedFaults()).toEqual({})
  },

  async M7() {
    await using c = await connect()
    const { objects } = await c.google.discover('storage:v1')
    const object = { bucket: 'my-photos', object: 'a' }
    await objects.insert({ bucket: 'my-photos', name: 'a', media: 'content' })
    const download = (): any => objects.get.download(object)
    expect(await download().text()).toBe('content')
    expect(await download().bytes()).toEqual(new TextEncoder().encode('content'))
    expect(await new Response(download().stream()).text()).toBe('content')
    const destination = {
      async save(chunks: AsyncIterable<unknown>) {
        for await (const _ of chunks);
      },
    }
    expect(await download().to(destination)).toMatchObject({ length: 7, verified: true })
    c.emulator.fail('storage.objects.get', ['return-corrupted-data'])
    await expect(download().text()).rejects.toMatchObject({ code: 'data_loss' })
  },

  async M8() {
    await using c = await connect()
    const drive = await c.google.discover('drive:v3')
    expect(drive.files.get.$raw.useMediaDownloadService).toBe(true)
    const { id } = await drive.files.create({ media: 'x' })
    await drive.files.get.download({ fileId: id }).text()
    expect(c.emulator.journal.exchanges.at(-1)!.path).toBe(`/download/drive/v3/files/${id}?alt=media`)
  },

  async M9() {
    await using c = await connect()
    const { set } = (await c.google.discover('youtube:v3')).thumbnails
    expect(set.$raw.mediaUpload.accept).not.toContain('text/csv')
    const call = set({ videoId: 'v', media: { content: 'a,b', contentType: 'text/csv' } })
    await expect(Promise.resolve(call)).rejects.toMatchObject({
      problems: [
        {
          path: 'media.contentType',
          message: 'is text/csv, and the method takes image/jpeg, image/png, application/octet-stream',
        },
      ],
    })
  },
}
