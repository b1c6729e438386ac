import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { sender } from './resumable.ts'
import { at, bytesOf, openStorage, say, streamed } from './speak.ts'

const GRANULE = 8
const PATH = '/upload/storage/v1/b/box/o?name=f'

/** A request of a sender that begins at what the server has, or before, and may break off; several at once. */
const anyRequest = fc.record({
  back: fc.nat({ max: 20 }),
  granules: fc.integer({ min: 1, max: 5 }),
  breakAfter: fc.option(fc.nat({ max: 40 })),
  step: fc.integer({ min: 1, max: 11 }),
})
const anyUpload = fc.record({
  length: fc.nat({ max: 100 }),
  rounds: fc.array(fc.array(anyRequest, { minLength: 1, maxLength: 3 }), { maxLength: 8 }),
})

test('whatever senders do that keep to what the server says, the upload is theirs byte for byte', async () => {
  await using emulator = await openStorage({ chunkGranularityBytes: GRANULE })
  const send = sender(emulator, 'in process')
  await fc.assert(
    fc.asyncProperty(anyUpload, async ({ length, rounds }) => {
      const content = bytesOf(length)
      const start = { 'x-goog-upload-protocol': 'resumable', 'x-goog-upload-command': 'start' }
      const { 'x-goog-upload-url': url } = (await send.say('POST', PATH, { headers: start })).headers
      const command = (
        name: string,
        offset: number,
        body: AsyncIterable<Uint8Array> | string,
      ): ReturnType<typeof send.to> =>
        send.to(
          url!,
          'POST',
          { 'x-goog-upload-command': name, 'x-goog-upload-offset': String(offset) },
          typeof body === 'string' ? body : streamed(body),
        )
      const received = async (): Promise<number> =>
        Number((await command('query', 0, '')).headers['x-goog-upload-size-received'])

      let known = 0
      for (const round of rounds) {
        await Promise.all(
          round.map(async ({ back, granules, breakAfter, step }) => {
            const offset = Math.max(0, known - back)
            const end = offset + granules * GRANULE
            if (end > length) return
            const body = pieces(content.subarray(offset, end), step, breakAfter)
            await command('upload', offset, body).catch(() => {})
          }),
        )
        const now = await received()
        expect(now % GRANULE).toBe(0)
        expect(now).toBeGreaterThanOrEqual(known)
        known = now
      }
      const done = await command('upload, finalize', known, pieces(content.subarray(known), 7, null))
      expect([done.status, done.json.size]).toEqual([200, String(length)])
      expect(Buffer.compare((await say(emulator, `GET ${at('f')}?alt=media`)).bytes, content)).toBe(0)
    }),
    { numRuns: 300 },
  )
})

async function* pieces(
  bytes: Uint8Array,
  step: number,
  breakAfter: number | null,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let sent = 0; sent < bytes.length; sent += step) {
    if (breakAfter !== null && sent >= breakAfter) throw new Error('the sender has gone')
    await Promise.resolve()
    yield bytes.subarray(sent, sent + step)
  }
}
