import { execFile } from 'node:child_process'
import { open, readdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createEmulator } from 'discokit/emulator'
import { expect, test } from 'vitest'
import { bytesOf, connectTo } from '../media/connection.ts'
import { useFolder } from '../media/folder.ts'

const MIB = 1_048_576
const LARGE = 256 * MIB
/** Node 24 collects later: plain `node:http` with nothing around it takes 70 MiB there for the same. */
const MOST = (Number(process.versions.node.split('.')[0]) < 24 ? 50 : 80) * MIB

const path = useFolder()
const script = fileURLToPath(new URL('fixtures/move.ts', import.meta.url))

test('256 MiB up and down take the client little memory, whatever their size', async () => {
  const emulator = await createEmulator()
  try {
    const { url } = await emulator.listen()
    const key = await emulator.serviceAccountKey()
    await writeFile(path('key.json'), JSON.stringify(key))
    const { google, storage } = await connectTo(url, { auth: emulator.serviceAccount() })
    await storage.buckets.insert({ project: 'p', body: { name: 'box' } })
    await google.close()
    await writeFile(path('small'), bytesOf(MIB))
    await writeLarge(path('large'))

    const node = ['--import', 'tsx', '--conditions=discokit-source', script]
    const files = [path('key.json'), path('small'), path('large')]
    const { stdout } = await promisify(execFile)(process.execPath, [...node, url, ...files])
    const told = JSON.parse(stdout)
    const growth = {
      peak: told.after.peak - told.before.peak,
      up: Math.max(told.simple.up, told.multipart.up) - told.before.resident,
      down: Math.max(told.simple.down, told.multipart.down) - told.before.resident,
    }
    for (const [what, bytes] of Object.entries(growth)) {
      expect(bytes, `${what}: ${Math.round(bytes / MIB)} MiB; ${stdout}`).toBeLessThan(MOST)
    }
    expect((await readdir(path())).sort()).toEqual(['key.json', 'large', 'small'])
  } finally {
    await emulator.close()
  }
}, 120_000)

/** Writes the large file piece by piece, each piece different. */
async function writeLarge(place: string): Promise<void> {
  const piece = bytesOf(MIB)
  const handle = await open(place, 'w')
  for (let i = 0; i < LARGE / MIB; i++) {
    piece[0] = i
    await handle.write(piece)
  }
  await handle.close()
}
