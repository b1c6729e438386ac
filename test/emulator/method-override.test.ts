import { expect, test } from 'vitest'
import { openEmulated } from '../client/emulated.ts'

test('a GET with a long address reaches its method as a POST that says so', async () => {
  await using emulated = await openEmulated()
  const { storage, emulator } = emulated
  await storage['buckets'].insert({ project: 'p', body: { name: 'box' } })
  await storage['objects'].insert({ bucket: 'box', name: 'x'.repeat(900), media: 'a' })
  emulator.journal.clear()
  const prefix = 'x'.repeat(900)
  const startOffset = 'w'.repeat(1_024)
  const page = await storage['objects'].list({
    bucket: 'box',
    prefix,
    startOffset,
    fields: `items(name)${',kind'.repeat(40)}`,
  })
  expect(page).toEqual({ kind: 'storage#objects', items: [{ name: prefix }] })
  expect(emulator.journal.exchanges).toMatchObject([
    { method: 'GET', methodId: 'storage.objects.list', status: 200 },
  ])
})
