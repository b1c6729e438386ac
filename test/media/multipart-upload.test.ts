import { writeFile } from 'node:fs/promises'
import { authorizedFetch } from 'discokit/auth'
import { multipart } from 'discokit/media'
import { file } from 'discokit/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bytesOf, connect, type Connection, pieces, same } from './connection.ts'
import { useFolder } from './folder.ts'

const BYTES = bytesOf(1_300_000)
const path = useFolder()

describe('multipart bodies that authorizedFetch sends', () => {
  let box: Connection
  let fetch: ReturnType<typeof authorizedFetch>
  beforeAll(async () => {
    box = await connect('over a port')
    fetch = authorizedFetch(box.emulator.serviceAccount(), { allowedOrigins: [box.emulator.url] })
  })
  afterAll(() => box.close())

  const post = (body: object): Promise<Response> =>
    fetch(`${box.emulator.url}/upload/storage/v1/b/box/o?uploadType=multipart`, { method: 'POST', body })
  const metadata = (name: string): string => JSON.stringify({ name, cacheControl: 'no-store' })

  test('are taken as multipart/related', async () => {
    await writeFile(path('a.png'), BYTES)
    box.emulator.journal.clear()
    const body = multipart({
      kind: 'related',
      parts: [
        { contentType: 'application/json; charset=UTF-8', body: metadata('ü.png') },
        { contentType: 'image/png', body: file(path('a.png')) },
      ],
    })
    const answer = await post(body)
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({
      name: 'ü.png',
      cacheControl: 'no-store',
      contentType: 'image/png',
      size: String(BYTES.length),
    })
    expect(same(await box.stored('ü.png'), BYTES)).toBe(true)
    expect(box.calls('storage.objects.insert')[0]!.headers).toMatchObject({
      'content-type': body.contentType,
      'content-length': String(body.length),
      authorization: 'Bearer',
    })
  })

  test('are taken as multipart/form-data with two parts named file, metadata first', async () => {
    const answer = await post(
      multipart({
        kind: 'form-data',
        parts: [
          { name: 'file', contentType: 'application/json', body: metadata('form.png') },
          { name: 'file', fileName: 'form.png', contentType: 'image/png', body: new Blob([BYTES]) },
        ],
      }),
    )
    expect(await answer.json()).toMatchObject({ cacheControl: 'no-store', contentType: 'image/png' })
    expect(same(await box.stored('form.png'), BYTES)).toBe(true)
  })

  test('are chunked when a part does not say its length', async () => {
    box.emulator.journal.clear()
    const answer = await post(
      multipart({
        kind: 'related',
        parts: [
          { contentType: 'application/json', body: metadata('streamed') },
          { body: pieces(BYTES, 77_777) },
        ],
      }),
    )
    expect(answer.status).toBe(200)
    expect(same(await box.stored('streamed'), BYTES)).toBe(true)
    expect(box.calls('storage.objects.insert')[0]!.headers).toMatchObject({ 'transfer-encoding': 'chunked' })
  })

  test('are sent a second time after 401 when they can be read again', async () => {
    box.emulator.revokeTokens()
    const parts = [{ contentType: 'application/json', body: metadata('renewed') }, { body: BYTES }]
    expect((await post(multipart({ kind: 'related', parts }))).status).toBe(200)
    expect(same(await box.stored('renewed'), BYTES)).toBe(true)
  })

  test('store nothing when a part is not as long as it says', async () => {
    const parts = [
      { contentType: 'application/json', body: metadata('short') },
      { body: { content: pieces(BYTES, 100_000), length: BYTES.length + 1 } },
    ]
    await expect(post(multipart({ kind: 'related', parts }))).rejects.toMatchObject({ name: 'DataLossError' })
    expect(await box.stored('short')).toBeUndefined()
  })
})
