import { createClient, type Transport } from 'discokit'
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
        `${pathname} ${searchParams.get('uploadType')} ${request.headers['content-type']!.split(';')[0]}`,
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
    const stored = await objects.insert({ bucket: 'my-photos', body: { name: 'large' }, media: pieces() })
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
}
