import { TimeoutError } from '../errors.ts'
import type { HttpRequest } from '../protocol/http.ts'
import type { Clock } from './clock.ts'
import type { Credentials } from './credentials.ts'
import type { RetryPolicy } from './retry-decision.ts'
import type { Deadline, DeadlineQueue } from './deadline-queue.ts'
import { onAbort } from './shared-signal.ts'
import type { WebAbortSignal } from '../web-types.ts'
import type { WaitingCall } from './transport.ts'

/** What belongs to one call and not to its requests. */
export interface CallSettings {
  /** The method id, for errors. */
  readonly id?: string
  /** Scopes of which any one suffices. */
  readonly scopes?: readonly string[] | undefined
  readonly signal?: WebAbortSignal | undefined
  /** From now to the end of the call: milliseconds, or the queue of calls that all have the same time. */
  readonly timeout?: number | DeadlineQueue | undefined
  readonly credentials?: Credentials | undefined
  readonly retry?: RetryPolicy | undefined
  readonly clock: Clock
}

/**
 * The life of one call: it ends when the caller aborts, when the deadline passes, or by `finish`. Every wait of the
 * call listens here, so all of them settle at once and with the same reason.
 *
 * No AbortController is made unless somebody asks for `signal`: listeners in an array cost a tenth of it.
 */
export class CallContext implements WaitingCall, Deadline {
  phase = 'start'
  /** The request as last sent, credential and all, so that no error repeats any of it. */
  sent: HttpRequest | undefined
  /** Whether a further try was left out because the client's budget for them is used up. */
  declare retryBudgetExhausted?: boolean
  deadlineAt: number = Infinity
  earlier: Deadline | undefined
  later: Deadline | undefined
  readonly settings: CallSettings
  #listeners: ((reason: unknown) => void)[] | undefined
  #ended = false
  #reason: unknown
  #timer: ReturnType<typeof setTimeout> | undefined
  #controller: AbortController | undefined
  #forgetSignal: (() => void) | undefined

  constructor(settings: CallSettings) {
    this.settings = settings
    const { signal, timeout } = settings
    if (signal?.aborted) {
      this.end(signal.reason)
    } else {
      if (signal) {
        this.#forgetSignal = onAbort(signal, (reason) => this.end(reason))
      }
      if (typeof timeout === 'object') timeout.add(this)
      // Timers hold at most 2^31 - 1 ms; longer limits are as good as none.
      else if (timeout !== undefined && timeout < 2 ** 31) {
        this.deadlineAt = performance.now() + timeout
        this.#timer = setTimeout(() => this.expire(), timeout)
      }
    }
  }

  get signal(): WebAbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      this.onEnd((reason) => this.#controller!.abort(reason))
    }
    return this.#controller.signal
  }

  onEnd(listener: (reason: unknown) => void): () => void {
    if (this.#ended) {
      listener(this.#reason)
      return nothing
    }
    const listeners = (this.#listeners ??= [])
    listeners.push(listener)
    return () => {
      const at = listeners.indexOf(listener)
      if (at >= 0) listeners.splice(at, 1)
    }
  }

  /** Throws the reason when the call has ended. */
  throwIfEnded(): void {
    if (this.#ended) throw this.#reason
  }

  /** Milliseconds until the deadline; Infinity without one. */
  remainingMs(): number {
    return this.deadlineAt - performance.now()
  }

  /** Waits for something that is not this call's alone: the wait ends with the call, the thing itself goes on. */
  async wait<T>(promise: Promise<T>, phase: string): Promise<T> {
    if (this.#ended) promise.catch(nothing) // nobody waits for it any more
    this.throwIfEnded()
    this.phase = phase
    let forget = nothing
    const ended = new Promise<never>((_, reject) => (forget = this.onEnd(reject)))
    try {
      return await Promise.race([promise, ended])
    } finally {
      forget()
    }
  }

  /** Waits for a time. */
  async sleep(ms: number, phase: string): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined
    try {
      await this.wait(new Promise<void>((resolve) => (timer = setTimeout(resolve, ms))), phase)
    } finally {
      clearTimeout(timer)
    }
  }

  /** The call is over: stop the timer, let go of the caller's signal. */
  finish(): void {
    const { timeout } = this.settings
    if (typeof timeout === 'object') timeout.remove(this)
    else clearTimeout(this.#timer)
    this.#forgetSignal?.()
  }

  /** The deadline has passed. */
  expire(): void {
    const { id, timeout } = this.settings
    const timeoutMs = typeof timeout === 'object' ? timeout.timeoutMs : (timeout ?? Infinity)
    const phase = this.phase
    const message = `${id ?? 'the request'} did not finish within ${timeoutMs} ms (it was at: ${phase}); set timeoutMs to allow more`
    this.end(new TimeoutError(message, { timeoutMs, phase }))
  }

  /** Ends the call for a reason, the caller's or ours. Does nothing when it has ended already. */
  end(reason: unknown): void {
    if (this.#ended) return
    this.#ended = true
    this.#reason = reason
    this.finish()
    for (const listener of this.#listeners?.splice(0) ?? []) listener(reason)
  }
}

const nothing = (): void => {}
