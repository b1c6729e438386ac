import { createClient } from 'discokit'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bytesOf, same } from './connection.ts'

let emulator: Emulator
let drive: any
beforeAll(async () => {
  emulator = await createEmulator()
  const google = createClient({
    ...emulator.connect(),
    auth: emulator.serviceAccount({ scopes: ['https://www.googleapis.com/auth/drive'] }),
    retry: { baseDelayMs: 1 },
  })
  drive = await google.discover('drive:v3')
})
afterAll(() => emulator.close())

const calls = (methodId: string): Emulator['journal']['exchanges'] =>
  emulator.journal.exchanges.filter((exchange) => exchange.methodId === methodId)

describe('a download from Drive', () => {
  test('comes without a coding of the way, from the address for downloads, and with acknowledgeAbuse', async () => {
    const bytes = bytesOf(100_000)
    const { id: fileId } = await drive.files.create({ body: { name: 'a' }, media: bytes })
    const download = drive.files.get.download({ fileId, acknowledgeAbuse: true })
    expect(same(await download.bytes(), bytes)).toBe(true)
    const [call] = calls('drive.files.get')
    expect(call!.path).toBe(`/download/drive/v3/files/${fileId}?alt=media&acknowledgeAbuse=true`)
    expect(call!.headers).toMatchObject({ 'accept-encoding': 'identity' })
  })

  test('may be of a range', async () => {
    const bytes = bytesOf(1_000)
    const { id: fileId } = await drive.files.create({ body: { name: 'b' }, media: bytes })
    const last = await drive.files.get.download({ fileId }, { range: { lastBytes: 10 } }).bytes()
    expect(same(last, bytes.subarray(-10))).toBe(true)
  })

  test('exports what has no bytes of its own', async () => {
    const { id: fileId } = await drive.files.create({
      body: { name: 'letter', mimeType: 'application/vnd.google-apps.document' },
      media: { content: 'Dear all', contentType: 'text/plain' },
    })
    const text = await drive.files.export.download({ fileId, mimeType: 'text/plain' }).text()
    expect(text).toBe('Dear all')
    const [call] = calls('drive.files.export')
    expect(call!.path).toBe(`/download/drive/v3/files/${fileId}/export?alt=media&mimeType=text%2Fplain`)
  })
})
