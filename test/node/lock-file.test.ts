import fs from 'node:fs'
import { afterEach, expect, test, vi } from 'vitest'
import { lockFile } from '../../src/node/lock-file.ts'
import { useFolder } from '../media/folder.ts'

const path = useFolder()
afterEach(() => vi.restoreAllMocks())

test('a lock that is about to be given back is nobody else’s yet', async () => {
  const name = path('a.lock')
  const lock = (): ReturnType<typeof lockFile> => lockFile(name, { busy: (advice) => new Error(advice) })
  const first = await lock()
  const remove = fs.promises.rm
  const others: unknown[] = []
  // Between the look at whose it is and taking it away, another of this process comes.
  vi.spyOn(fs.promises, 'rm').mockImplementation(async (place, options) => {
    if (place === name && others.length === 0) {
      others.push('asks')
      others.push(await lock().catch((error: Error) => error.message))
    }
    return remove(place, options)
  })
  await first.release()
  expect(others).toEqual(['asks', `if there is none, remove ${name}`])
  const next = await lock()
  expect(await next.isHeld()).toBe(true)
  await next.release()
})
