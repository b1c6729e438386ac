import { expect, test } from 'vitest'
import type { SpooledBytes } from '../../../../src/emulator/receive.ts'
import { releaseBytes, shareBytes } from '../../../../src/emulator/services/storage/share-bytes.ts'
import { createMemorySpool } from '../../../../src/platform/spool.ts'
import { collect } from '../../../../src/protocol/http-body.ts'

/** Bytes at rest, and how often they were deleted. */
async function counted(): Promise<{ bytes: SpooledBytes; deletions(): number }> {
  const spool = createMemorySpool()
  await spool.write(Buffer.from('hello'))
  const bytes = await spool.finish()
  let count = 0
  const remove = async (): Promise<void> => {
    count += 1
    await bytes.delete()
  }
  return { bytes: { ...bytes, delete: remove }, deletions: () => count }
}

test('bytes go when they are let go, where one object alone has them', async () => {
  const { bytes, deletions } = await counted()
  await releaseBytes(bytes)
  expect(deletions()).toBe(1)
})

test.each([
  [0, 1, 2],
  [2, 1, 0],
  [1, 2, 0],
])('bytes that three objects have go with the last, let go in the order %i %i %i', async (...order) => {
  const { bytes, deletions } = await counted()
  const second = shareBytes(bytes)
  const holders = [bytes, second, shareBytes(second)]
  for (const [index, holder] of order.entries()) {
    expect(deletions()).toBe(0)
    for (const each of order.slice(index))
      expect(new TextDecoder().decode(await collect(holders[each]!.read(1, 3)))).toBe('ell')
    await releaseBytes(holders[holder]!)
  }
  expect(deletions()).toBe(1)
})

test('what shares bytes lets them go by its own delete too', async () => {
  const { bytes, deletions } = await counted()
  const second = shareBytes(bytes)
  await releaseBytes(bytes)
  expect(deletions()).toBe(0)
  await second.delete()
  expect(deletions()).toBe(1)
})
