import { readdir, readFile, rm } from 'node:fs/promises'
import * as fc from 'fast-check'
import { DataLossError, DiscokitError } from 'discokit'
import { file } from 'discokit/node'
import { expect, test } from 'vitest'
import { bytesOf, connectTo, same } from './connection.ts'
import { contentServer, type Mishap } from './content-server.ts'
import { useFolder } from './folder.ts'

const OLD = bytesOf(300_000)
const NEW = bytesOf(250_000).fill(9, 0, 1_000)
const path = useFolder()

const place = fc.integer({ min: 0, max: OLD.length })
const mishap: fc.Arbitrary<Mishap> = fc.oneof(
  { weight: 7, arbitrary: fc.constant<Mishap>('none') },
  fc.constantFrom<Mishap>('reset', { status: 503 }, { status: 429 }),
  place.map((resetAfter) => ({ resetAfter })),
  place.map((closeAfter) => ({ closeAfter })),
  place.map((stallAfter) => ({ stallAfter })),
)
const saving = fc.constantFrom(
  {},
  { resume: true },
  { slices: 3, sliceBytes: 70_000 },
  { resume: true, slices: 2, sliceBytes: 100_000 },
)

test('whatever happens, a file is byte for byte that of one version, or as it was', async () => {
  const server = await contentServer({ bytes: OLD, generation: '1' })
  const { google, storage } = await connectTo(server.url, { retry: { baseDelayMs: 1, maxDelayMs: 4 } })
  const run = fc.asyncProperty(
    fc.array(mishap, { maxLength: 12 }),
    fc.array(saving, { minLength: 1, maxLength: 3 }),
    fc.option(fc.integer({ min: 1, max: 4 })),
    async (mishaps, ways, changesAt) => {
      server.content = { bytes: OLD, generation: '1' }
      server.mishaps = [...mishaps]
      const changing: Mishap = (request, response) => {
        server.content = { bytes: NEW, generation: '2' }
        return request.socket.resetAndDestroy() && response
      }
      if (changesAt !== null) server.mishaps.splice(changesAt, 0, changing)
      for (const way of ways) {
        try {
          const download = storage.objects.get.download({ bucket: 'b', object: 'o' }, { stallTimeoutMs: 40 })
          expect(await download.to(file(path('a')), way)).toMatchObject({ verified: true })
          const bytes = await readFile(path('a'))
          expect(same(bytes, OLD) || same(bytes, NEW)).toBe(true)
        } catch (error) {
          if (!(error instanceof DiscokitError)) throw error
          if (error instanceof DataLossError) expect(changesAt).not.toBeNull()
        }
      }
      server.mishaps = []
      await storage.objects.get.download({ bucket: 'b', object: 'o' }).to(file(path('a')), { resume: true })
      expect(same(await readFile(path('a')), server.content.bytes)).toBe(true)
      expect(await readdir(path())).toEqual(['a'])
      await rm(path('a'))
    },
  )
  try {
    await fc.assert(run, { numRuns: 40, interruptAfterTimeLimit: 20_000 })
  } finally {
    await google.close()
    await server.close()
  }
}, 60_000)
