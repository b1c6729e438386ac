import fs from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import { type FileLock, lockFile } from '../../src/node/lock-file.ts'
import { useFolder } from '../media/folder.ts'

const path = useFolder()
afterEach(() => vi.restoreAllMocks())

const take = (): Promise<FileLock> =>
  lockFile(path('x.lock'), { busy: (advice) => new Error(advice), waitMs: 60_000 })

test('of twenty that take a lock of this process again and again, one has it at a time', async () => {
  let having = 0
  let most = 0
  const takeAgainAndAgain = async (): Promise<void> => {
    for (let i = 0; i < 30; i++) {
      const lock = await take()
      most = Math.max(most, ++having)
      await setImmediate()
      having--
      await lock.release()
    }
  }
  await Promise.all(Array.from({ length: 20 }, takeAgainAndAgain))
  expect(most).toBe(1)
  expect(fs.existsSync(path('x.lock'))).toBe(false)
})

test('a lock that is being released is not taken over: what removes it would remove the next one', async () => {
  const first = await take()
  let removeIt = (): void => {}
  const isLetGo = new Promise<void>((resolve) => (removeIt = resolve))
  const { rm } = fs.promises
  vi.spyOn(fs.promises, 'rm').mockImplementationOnce(async (...given) => {
    await isLetGo
    return rm(...given)
  })
  const released = first.release()
  let isTaken = false
  const second = take().finally(() => (isTaken = true))
  for (let looks = 0; looks < 500; looks++) await setImmediate()
  expect(isTaken).toBe(false)
  removeIt()
  await released
  expect(await (await second).isHeld()).toBe(true)
  await (await second).release()
  expect(fs.readdirSync(join(path('x.lock'), '..'))).toEqual([])
})
