import type { WebAbortSignal } from '../web-types.ts'

type Listener = (reason: unknown) => void

/** Who waits for each signal: many calls may have the same, and runtimes warn of many listeners. */
const waiting = /* @__PURE__ */ new WeakMap<WebAbortSignal, Set<Listener>>()

/** Listens to a signal, once for all. Gives what ends that for this one; the last to end it lets go of the signal. */
export function onAbort(signal: WebAbortSignal, listener: Listener): () => void {
  const listeners = waiting.get(signal) ?? new Set()
  if (listeners.size === 0) {
    waiting.set(signal, listeners)
    const tell = (): void => {
      const failures: unknown[] = []
      for (const each of listeners) {
        try {
          each(signal.reason)
        } catch (error) {
          failures.push(error) // the others are told all the same
        }
      }
      if (failures.length > 0) throw failures[0]
    }
    signal.addEventListener('abort', tell)
    listeners.add(() => signal.removeEventListener('abort', tell))
  }
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 1) return
    // The one left is the first: it ends the listening.
    listeners.forEach((last) => last(undefined))
    listeners.clear()
  }
}
