import { AuthError } from '../../errors.ts'
import type { WaitingCall } from '../../transport/transport.ts'

/**
 * Does something again whose failure may pass: after about one second, and then after twice as long each time. The waits
 * differ by up to a tenth, so that many programs do not ask at once.
 */
export async function retryPassing<Result>(
  attempts: number,
  call: WaitingCall,
  work: () => Promise<Result>,
  mayRepeat: (error: AuthError) => boolean = () => true,
  random: () => number = Math.random,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      const passing = error instanceof AuthError && error.retryable && mayRepeat(error)
      if (!passing || attempt === attempts) throw error
      await call.sleep(500 * 2 ** attempt * (0.9 + random() / 5), 'token retry')
    }
  }
}
