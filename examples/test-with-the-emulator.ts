/** A test of code that talks to Cloud Storage: no account, no network, no port. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { createClient } from 'discokit'
import { createEmulator } from 'discokit/emulator'

test('a report is stored once', async () => {
  await using emulator = await createEmulator()
  const google = createClient({ ...emulator.connect(), auth: emulator.serviceAccount() })
  const storage = await google.discover('storage:v1')
  await storage.buckets.insert({ project: 'test', body: { name: 'reports' } })

  const report = { bucket: 'reports', name: 'today.txt', media: 'all is well', ifGenerationMatch: 0 }
  await storage.objects.insert(report)
  await assert.rejects(storage.objects.insert(report), { code: 'precondition_failed' })

  const text = await storage.objects.get.download({ bucket: 'reports', object: 'today.txt' }).text()
  assert.equal(text, 'all is well')
})
