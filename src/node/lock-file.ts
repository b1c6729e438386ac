import fs from 'node:fs'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { refused, whyNot } from './save-file.ts'

/**
 * Makes sure that one process at a time works on something. A lock whose process has ended is taken over; one of another
 * machine, whose processes cannot be seen, when it was not renewed for two minutes. Gives what unlocks.
 * @throws {ValidationError} when another process, or another download of this one, has it.
 */
export async function lockFile(name: string, path: string): Promise<() => Promise<void>> {
  const own = `${process.pid} ${hostname()} ${crypto.randomUUID()}`
  for (let tries = 0; tries < 10; tries++) {
    try {
      await fs.promises.writeFile(name, own, { flag: 'wx', mode: 0o600 })
      held.add(own)
      const renewing = setInterval(() => void renew(name), RENEW_MS)
      renewing.unref()
      return async () => {
        clearInterval(renewing)
        held.delete(own)
        if ((await readLock(name)) === own) await fs.promises.rm(name, { force: true })
      }
    } catch (error) {
      const { code = '' } = error as { code?: string }
      if (code !== 'EEXIST') {
        // A disk that is full may have had room for the name.
        if (/^(ENOSPC|EDQUOT)$/.test(code) && (await readLock(name)) === '')
          await fs.promises.rm(name, { force: true })
        throw whyNot(dirname(name), error)
      }
    }
    const holder = await readLock(name)
    if (holder !== undefined && (isAlive(holder, name) || (holder === '' && isNew(name, 10_000))))
      throw refused(path, `is being written by another download; if there is none, remove ${name}`)
    await takeAway(name, holder)
  }
  throw refused(path, `is being written by another download; if there is none, remove ${name}`)
}

/** The locks of this process. */
const held = /* @__PURE__ */ new Set<string>()
const RENEW_MS = 20_000
/** A process that stands still for so long, or a clock that is off by so much, costs a lock. */
const STALE_MS = 120_000

async function renew(name: string): Promise<void> {
  const now = new Date()
  await fs.promises.utimes(name, now, now).catch(() => {}) // it is tried again soon
}

async function readLock(name: string): Promise<string | undefined> {
  const handle = await fs.promises.open(name, 'r').catch(() => undefined)
  if (!handle) return undefined
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(512), 0, 512, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await handle.close()
  }
}

/** Another machine's processes cannot be seen: those that renew their locks live. */
function isAlive(holder: string, name: string): boolean {
  const [, pid, host] = /^(\d+) (\S+) \S+$/.exec(holder) ?? []
  if (pid === undefined) return false
  if (host !== hostname()) return isNew(name, STALE_MS)
  if (Number(pid) === process.pid) return held.has(holder)
  try {
    process.kill(Number(pid), 0)
    return true
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM'
  }
}

/** Whether a lock was written or renewed so lately. */
function isNew(name: string, ms: number): boolean {
  const stats = fs.statSync(name, { throwIfNoEntry: false })
  return stats !== undefined && Date.now() - stats.mtimeMs < ms
}

/** Another process may have taken it over meanwhile: its lock is put back. */
async function takeAway(name: string, holder: string | undefined): Promise<void> {
  const aside = `${name}.${crypto.randomUUID()}`
  try {
    await fs.promises.rename(name, aside)
  } catch {
    return // it is gone
  }
  if ((await readLock(aside)) !== holder) await fs.promises.link(aside, name).catch(() => {})
  await fs.promises.rm(aside, { force: true })
}
