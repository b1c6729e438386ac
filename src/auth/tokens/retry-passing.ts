import { AuthError } from '../../errors.ts'
import type { WaitingCall } from '../../transport/transport.ts'

/** Does something again whose failure may pass: after one second, and then after twice as long each time. */
export async function retryPassing<Result>(
  attempts: number,
  call: WaitingCall,
  work: () => Promise<Result>,
  mayRepeat: (error: AuthError) => boolean = () => true,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      const passing = error instanceof AuthError && error.retryable && mayRepeat(error)
      if (!passing || attempt === attempts) throw error
      await call.sleep(1_000 * 2 ** (attempt - 1), 'token retry')
    }
  }
}
