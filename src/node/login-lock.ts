import { AuthError } from '../errors.ts'
import { type FileLock, lockFile } from './lock-file.ts'
import { unfit, whyUnfit } from './private-file.ts'

/**
 * Does something while no other process does it.
 * @param path of the lock
 * @throws {AuthError} reason `login_locked` when another has it for so long.
 */
export async function locked<Result>(
  path: string,
  waitMs: number,
  work: (lock: FileLock) => Promise<Result>,
): Promise<Result> {
  const busy = (advice: string): Error =>
    new AuthError(`a login cannot be changed: another program has ${path} for too long; ${advice}`, {
      reason: 'login_locked',
      retryable: true,
    })
  const lock = await lockFile(path, { busy, waitMs, refuse: unfit }).catch((error: unknown) => {
    throw whyUnfit(path, error)
  })
  try {
    return await work(lock)
  } catch (error) {
    throw whyUnfit(path, error)
  } finally {
    await lock.release()
  }
}
