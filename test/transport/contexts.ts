import type { TransportContext } from 'discokit'

/** What a transport is told by a caller who has nothing but a signal. */
export function contextOf(signal: AbortSignal = new AbortController().signal): TransportContext {
  return {
    signal,
    phase: 'start',
    onEnd(listener) {
      if (signal.aborted) {
        listener(signal.reason)
        return () => {}
      }
      const heard = (): void => listener(signal.reason)
      signal.addEventListener('abort', heard)
      return () => signal.removeEventListener('abort', heard)
    },
  }
}

/** What a promise fails with. Fails itself when the promise is kept. */
export async function failureOf(promise: PromiseLike<unknown>): Promise<any> {
  let value: unknown
  try {
    value = await promise
  } catch (error) {
    return error
  }
  throw new Error(`expected a failure, not ${String(value)}`)
}
