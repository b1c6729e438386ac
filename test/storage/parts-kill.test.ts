import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { createClient } from 'discokit'
import { anonymous } from 'discokit/auth'
import { createEmulator } from 'discokit/emulator'
import { expect, test, vi } from 'vitest'
import { bytesOf, same } from '../media/connection.ts'
import { useFolder } from '../media/folder.ts'

const BYTES = bytesOf(9_500_000)
const INSERT = 'storage.objects.insert'
const path = useFolder()

function start(url: string): { readonly child: ChildProcess; output: string } {
  const program = fileURLToPath(new URL('children/upload-in-parts.ts', import.meta.url))
  const flags = ['--conditions=discokit-source', '--import', 'tsx']
  const child = spawn(process.execPath, [...flags, program, url, path('film')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const started = { child, output: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (started.output += text))
  return started
}

test('an upload in parts that is killed sends the part that was under way, and no other again', async () => {
  await using emulator = await createEmulator({ anonymous: true })
  const { url } = await emulator.listen()
  const { buckets, objects } = await createClient({ endpoint: url, auth: anonymous() }).discover('storage:v1')
  await buckets.insert({ project: 'p', body: { name: 'box' } })
  await writeFile(path('film'), BYTES)
  emulator.fail(INSERT, ['stall-for-600s-after-512K'])

  const first = start(url)
  const isThere = (): void => {
    expect(first.output).toMatch(/^at 8500000$/m) // all but the part that stalls
    expect(emulator.unusedFaults()).toEqual({})
  }
  await vi.waitFor(isThere, { timeout: 20_000, interval: 10 })
  first.child.kill('SIGKILL')
  await once(first.child, 'exit')
  const { items: kept } = await objects.list({ bucket: 'box' })
  expect(kept).toHaveLength(9)

  emulator.journal.clear()
  const second = start(url)
  await once(second.child, 'close')
  expect(second.output).toMatch(/^end 9500000$/m)
  const begun = emulator.journal.exchanges.filter(
    ({ methodId, method }) => methodId === INSERT && method === 'POST',
  )
  expect(begun).toHaveLength(1)
  expect(same(await objects.get.download({ bucket: 'box', object: 'film.mp4' }).bytes(), BYTES)).toBe(true)
  const { items } = await objects.list({ bucket: 'box' })
  expect(items.map(({ name }: { name: string }) => name)).toEqual(['film.mp4'])
})
