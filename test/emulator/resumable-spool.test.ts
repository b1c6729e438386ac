import { storage } from '#platform'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Emulator } from '../../src/emulator/index.ts'
import { until } from '../media/connection.ts'
import { type Resumable, sender } from './resumable.ts'
import { bytesOf, openStorage, say } from './speak.ts'

const GRANULE = 256 * 1024

let emulator: Emulator
/** The spools whose bytes are still held. */
let held: number
beforeEach(async () => {
  held = 0
  const { createSpool } = storage
  vi.spyOn(storage, 'createSpool').mockImplementation(async () => {
    const spool = await createSpool()
    let mine = 1
    const release = (): void => {
      held -= mine
      mine = 0
    }
    held += 1
    return {
      write: (bytes) => spool.write(bytes),
      discard: () => spool.discard().then(release),
      finish: async () => {
        const bytes = await spool.finish()
        return { ...bytes, delete: () => bytes.delete().then(release) }
      },
    }
  })
  emulator = await openStorage()
})
afterEach(async () => {
  await emulator.close()
  expect(held).toBe(0)
  vi.restoreAllMocks()
})

async function half(): Promise<Resumable> {
  const upload = await sender(emulator, 'in process').begin()
  await upload.put(`bytes 0-${GRANULE - 1}/*`, bytesOf(GRANULE))
  return upload
}

test('an upload that has not ended goes when the emulator is closed', async () => {
  await half()
  expect(held).toBe(1)
})

test('its bytes go with a cancel, a reset, and when it has expired', async () => {
  const upload = await half()
  await upload.delete()
  expect(held).toBe(0)
  await half()
  emulator.reset()
  await until(() => held === 0)
  await say(emulator, 'POST /storage/v1/b?project=p', { body: { name: 'box' } })
  const old = await half()
  emulator.clock.advance(7 * 24 * 3_600_000)
  await old.query()
  expect(held).toBe(0)
})

test('its bytes become those of the object, or go when it is refused', async () => {
  const last = `bytes ${GRANULE}-${GRANULE + 4}/${GRANULE + 5}`
  expect((await (await half()).put(last, 'hello', { 'x-goog-hash': 'crc32c=AAAAAA==' })).status).toBe(400)
  expect(held).toBe(0)
  expect((await (await half()).put(last, 'hello')).status).toBe(200)
  expect(held).toBe(1)
  await say(emulator, 'DELETE /storage/v1/b/box/o/f')
  await until(() => held === 0)
})

test('a reset in the middle of a request leaves nothing behind', async () => {
  const upload = await sender(emulator, 'in process').begin()
  const breakOff = upload.beginPut(`bytes 0-${2 * GRANULE - 1}/*`, bytesOf(GRANULE), 2 * GRANULE)
  await upload.queryUntil(`bytes=0-${GRANULE - 1}`)
  emulator.reset()
  await until(() => held === 0)
  await breakOff()
  expect((await upload.query()).status).toBe(404)
})

test('a disk that fails ends the upload: nobody knows what is on it', async () => {
  const upload = await half()
  const spool = await storage.createSpool()
  const broken = { ...spool, write: () => Promise.reject(new Error('no space left on device')) }
  vi.mocked(storage.createSpool).mockResolvedValueOnce(broken)
  const other = await sender(emulator, 'in process').begin()
  const told = await other.put(`bytes 0-${GRANULE - 1}/*`, bytesOf(GRANULE))
  expect([told.status, told.json.error.message]).toEqual([500, expect.stringContaining('no space left')])
  expect((await other.query()).status).toBe(404)
  expect((await upload.query()).status).toBe(308)
})
