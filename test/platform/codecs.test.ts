import * as fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { codecs as node } from '../../src/platform/node.ts'
import { codecs as web } from '../../src/platform/web.ts'
import { crc32c } from '../../src/protocol/crc32c.ts'

describe('the checksum of the package @node-rs/crc32', () => {
  test('is the same as ours, from any state', async () => {
    const native = await node.loadCrc32c()
    expect(native).toBeDefined()
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 100 }),
        fc.integer({ min: 0, max: 0xffffffff }),
        (bytes, previous) => {
          expect(native!(bytes, previous)).toBe(crc32c(bytes, previous))
          expect(native!(bytes)).toBe(crc32c(bytes))
        },
      ),
    )
  })

  test.each<[string, () => unknown]>([
    [
      'is not installed',
      () => {
        throw new Error('Cannot find module')
      },
    ],
    ['computes something else', () => ({ crc32c: () => 1 })],
    ['has none', () => ({})],
  ])('is done without when it %s', async (_, require) => {
    const original = process.getBuiltinModule
    const without = (name: string): unknown =>
      name === 'node:module' ? { createRequire: () => require } : original(name)
    vi.spyOn(process, 'getBuiltinModule').mockImplementation(without as typeof original)
    expect(await node.loadCrc32c()).toBeUndefined()
  })

  test('is of Node alone', async () => {
    expect(await web.loadCrc32c()).toBeUndefined()
    expect(web.createMd5()).toBeUndefined()
  })
})
