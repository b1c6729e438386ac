import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { refused, whyNot } from './save-file.ts'

/** A lock that this process has. */
export interface FileLock {
  /** False when this process stood still for so long that another took the lock over. */
  isHeld(): Promise<boolean>
  release(): Promise<void>
}

export interface LockOptions {
  /**
   * The error when somebody else has it for too long.
   * @param advice what to do about it, as the end of a sentence
   */
  busy(advice: string): Error
  /** How long to wait for who has it. Default 0: not at all. */
  readonly waitMs?: number
  /** Makes the error for a folder that takes no lock. */
  readonly refuse?: typeof refused
}

/**
 * Makes sure that one process at a time works on something, and one at a time in this process. A lock whose process has ended is taken
 * over; one of another machine, whose processes cannot be seen, when it was not renewed for two minutes.
 * @throws what `busy` gives when somebody else has it.
 */
export async function lockFile(
  name: string,
  { busy, waitMs = 0, refuse = refused }: LockOptions,
): Promise<FileLock> {
  const own = `${process.pid} ${hostname()} ${crypto.randomUUID()}`
  held.add(own) // before others of this process can find it
  try {
    await take(name, own, { busy, waitMs, refuse })
  } catch (error) {
    held.delete(own)
    throw error
  }
  const renewing = setInterval(() => void renew(name), RENEW_MS)
  renewing.unref()
  const isHeld = async (): Promise<boolean> => (await readLock(name)) === own
  return {
    isHeld,
    async release() {
      clearInterval(renewing)
      try {
        if (await isHeld()) await fs.promises.rm(name, { force: true })
      } finally {
        held.delete(own) // not before: others of this process would take it away, and this would remove the next one
      }
    },
  }
}

async function take(
  name: string,
  own: string,
  { busy, waitMs, refuse }: Required<LockOptions>,
): Promise<void> {
  const until = performance.now() + waitMs
  for (let tries = 0; ; tries++) {
    if (await isMade(name, own, refuse)) return
    const holder = await readLock(name)
    const isLeft = holder !== undefined && !isAlive(holder, name)
    if (isLeft) await takeAway(name, holder, own, refuse)
    if ((isLeft || holder === undefined) && tries < MAX_TRIES) continue
    if (performance.now() >= until) throw busy(`if there is none, remove ${name}`)
    // Those who wait do not come back at the same moment.
    await new Promise((resolve) => setTimeout(resolve, 2 + Math.random() * Math.min(50, 5 + tries)))
  }
}

/** Tries that need no pause: what was in the way is gone. */
const MAX_TRIES = 10

/** @returns false when there is one. */
async function isMade(name: string, own: string, refuse: typeof refused): Promise<boolean> {
  try {
    await fs.promises.writeFile(name, own, { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    const { code = '' } = error as { code?: string }
    if (code === 'EEXIST') return false
    // A disk that is full may have had room for the name.
    if (/^(ENOSPC|EDQUOT)$/.test(code) && (await readLock(name)) === '')
      await fs.promises.rm(name, { force: true })
    throw whyNot(dirname(name), error, refuse)
  }
}

/** The locks of this process. */
const held = /* @__PURE__ */ new Set<string>()
const RENEW_MS = 20_000
/** A process that stands still for so long, or a clock that is off by so much, costs a lock. */
const STALE_MS = 120_000
const MAKING_MS = 10_000

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

/** Another machine's processes cannot be seen: those that renew their locks live. One without a word in it is being made. */
function isAlive(holder: string, name: string): boolean {
  if (holder === '') return isNew(name, MAKING_MS)
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

/**
 * Of all that find the same lock without its process, one at a time has a claim to it, and takes it away: whoever looked too long ago
 * finds another lock there, and leaves that.
 */
async function takeAway(name: string, holder: string, own: string, refuse: typeof refused): Promise<void> {
  const claim = `${name}.${createHash('sha256').update(holder).digest('hex').slice(0, 16)}`
  if (!(await isMade(claim, own, refuse))) {
    const claimant = await readLock(claim)
    // Who took the lock away may have ended too.
    if (claimant !== undefined && !isAlive(claimant, claim)) await fs.promises.rm(claim, { force: true })
    return
  }
  try {
    if ((await readLock(name)) === holder && !isAlive(holder, name))
      await fs.promises.rm(name, { force: true })
  } finally {
    await fs.promises.rm(claim, { force: true })
  }
}
