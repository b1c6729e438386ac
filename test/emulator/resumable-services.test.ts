import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEmulator, type Emulator } from '../../src/emulator/index.ts'
import { bytesOf, say, type Told } from './speak.ts'

let emulator: Emulator
let headers: Record<string, string>
beforeEach(async () => {
  emulator = await createEmulator()
  headers = { authorization: `Bearer ${emulator.accessToken({ email: 'ann@example.com' })}` }
})
afterEach(() => emulator.close())

async function begin(
  line: string,
  metadata: object = {},
): Promise<(body: Uint8Array | string) => Promise<Told>> {
  const told = await say(emulator, line, { headers, body: metadata })
  expect([told.status, told.text]).toEqual([200, ''])
  const path = told.headers.location!.slice(emulator.url.length)
  return (body) => say(emulator, `PUT ${path}`, { body })
}

test.each(['/upload/drive/v3/files', '/resumable/upload/drive/v3/files'])(
  'files of Drive are made and changed at %s',
  async (path) => {
    const content = bytesOf(700_000)
    const put = await begin(`POST ${path}?uploadType=resumable&fields=id,name,size,mimeType`, {
      name: 'a.bin',
      mimeType: 'image/x-test',
    })
    const { id, ...made } = (await put(content)).json
    expect(made).toEqual({ name: 'a.bin', size: '700000', mimeType: 'image/x-test' })
    const change = await begin(`PATCH ${path}/${id}?uploadType=resumable&fields=id,name,size`, {
      name: 'b.bin',
    })
    expect((await say(emulator, `GET /drive/v3/files/${id}?fields=name`, { headers })).json.name).toBe(
      'a.bin',
    )
    expect((await change('hello')).json).toEqual({ id, name: 'b.bin', size: '5' })
    const media = await say(emulator, `GET /drive/v3/files/${id}?alt=media`, { headers })
    expect(media.text).toBe('hello')
    const refused = await say(emulator, `PATCH ${path}/none?uploadType=resumable`, { headers })
    expect(refused.status).toBe(404)
  },
)

test('text becomes a document of Google in Drive', async () => {
  const type = 'application/vnd.google-apps.document'
  const put = await begin('POST /upload/drive/v3/files?uploadType=resumable', { name: 'd', mimeType: type })
  const { id } = (await put('words')).json
  const query = { mimeType: 'text/plain' }
  expect((await say(emulator, `GET /drive/v3/files/${id}/export`, { headers, query })).text).toBe('words')
})

test('videos of YouTube are uploaded', async () => {
  const put = await begin('POST /upload/youtube/v3/videos?uploadType=resumable&part=snippet,status', {
    snippet: { title: 'Sea' },
  })
  expect((await put(bytesOf(1000))).json.snippet.title).toBe('Sea')
  const list = await say(emulator, 'GET /youtube/v3/search?part=snippet&forMine=true&type=video', { headers })
  expect(list.json.items).toHaveLength(1)
})

test('methods that are not modelled say so when an upload begins', async () => {
  const line = 'POST /upload/youtube/v3/thumbnails/set?uploadType=resumable&videoId=v'
  expect((await say(emulator, line, { headers })).status).toBe(501)
})

test('an address of an upload that there is not is 404, and counts as a call of its method', async () => {
  const told = await say(emulator, 'PUT /upload/drive/v3/files?uploadType=resumable&upload_id=none', {
    headers,
  })
  expect(told.status).toBe(404)
  expect(emulator.journal.exchanges.at(-1)?.methodId).toBe('drive.files.create')
})
