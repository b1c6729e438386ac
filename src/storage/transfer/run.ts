import { DiscokitError } from '../../errors.ts'
import { onAbort } from '../../transport/shared-signal.ts'
import { inParallel } from '../in-parallel.ts'
import type { TransferOptions } from '../transfer.ts'
import type { Moving, TransferHost, TransferPlan } from './plan.ts'
import type { TransferResult, TransferRun, TransferSummary } from './result.ts'

/**
 * A transfer that begins when somebody asks for its results.
 * @param load makes the plan, when it begins
 */
export function startRun<Thing>(
  options: TransferOptions,
  load: (host: TransferHost) => Promise<TransferPlan<Thing>>,
): TransferRun {
  return new Run(options, load)
}

const MOST_FAILURES = 100

class Run<Thing> implements TransferRun {
  readonly #options: TransferOptions
  readonly #load: (host: TransferHost) => Promise<TransferPlan<Thing>>
  readonly #stopper = new AbortController()
  readonly #end: Promise<TransferSummary>
  #settle!: { resolve(summary: TransferSummary): void; reject(error: unknown): void }
  #results: AsyncGenerator<TransferResult, void, undefined> | undefined
  readonly #counts = { done: 0, skipped: 0, failed: 0 }
  readonly #failures: TransferResult[] = []
  /** Bytes of files that are done, of all that were found, and of those under way. */
  #bytes = 0
  #foundBytes = 0
  #foundFiles = 0
  #allFound = false
  readonly #moving = new Set<{ bytes: number }>()

  constructor(options: TransferOptions, load: (host: TransferHost) => Promise<TransferPlan<Thing>>) {
    this.#options = options
    this.#load = load
    this.#end = new Promise((resolve, reject) => (this.#settle = { resolve, reject }))
    this.#end.catch(() => {}) // the loop over the results fails too
  }

  [Symbol.asyncIterator](): AsyncIterator<TransferResult, void, undefined> {
    if (this.#results)
      throw new TypeError('this transfer was begun already; call upload() or download() again')
    return (this.#results = this.#run())
  }

  then<A = TransferSummary, B = never>(
    onFulfilled?: ((summary: TransferSummary) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    if (!this.#results) void this.#drain((this.#results = this.#run()))
    return this.#end.then(onFulfilled, onRejected)
  }

  async #drain(results: AsyncIterable<TransferResult>): Promise<void> {
    try {
      for await (const _ of results);
    } catch {
      // The summary says it.
    }
  }

  async *#run(): AsyncGenerator<TransferResult, void, undefined> {
    const { signal, manifest, store, skipUnchanged, concurrency = 8 } = this.#options
    let ended = false
    let failure: { readonly error: unknown } | undefined
    const listenNoMore = signal && onAbort(signal, (reason) => this.#stopper.abort(reason))
    if (signal?.aborted) this.#stopper.abort(signal.reason)
    try {
      const plan = await this.#load({ manifest, store, skipUnchanged, signal: this.#stopper.signal })
      const move = (thing: Thing): Promise<TransferResult> => this.#move(plan, thing)
      const stop = (): void => this.#stopper.abort(new DOMException('the transfer was left', 'AbortError'))
      for await (const result of inParallel(this.#things(plan), concurrency, move, stop)) yield result
      ended = !this.#stopper.signal.aborted
    } catch (error) {
      failure = { error }
      throw error
    } finally {
      listenNoMore?.()
      await manifest?.close().catch((error: unknown) => (failure ??= { error }))
      if (failure) this.#settle.reject(failure.error)
      else {
        const { done, skipped, failed } = this.#counts
        const aborted = !ended
        this.#settle.resolve({ done, skipped, failed, bytes: this.#bytes, aborted, failures: this.#failures })
      }
    }
  }

  /** The things to move, until the transfer is stopped. */
  async *#things(plan: TransferPlan<Thing>): AsyncGenerator<Thing, void, undefined> {
    const { signal } = this.#stopper
    try {
      if (signal.aborted) return
      for await (const thing of plan.things()) {
        if (signal.aborted) return
        this.#foundFiles++
        yield thing
      }
      this.#allFound = true
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  async #move(plan: TransferPlan<Thing>, thing: Thing): Promise<TransferResult> {
    const { direction, bucket } = plan
    const { name, object } = plan.namesOf(thing)
    const state: { bytes: number; total: number | undefined } = { bytes: 0, total: undefined }
    this.#moving.add(state)
    const tell = (): void => this.#tell(name, state)
    const moving: Moving = {
      found: (total) => {
        state.total = total
        this.#foundBytes += total ?? 0
      },
      at: (bytes) => {
        state.bytes = bytes
        tell()
      },
    }
    const key = { version: 1, direction, bucket, object } as const
    let result: TransferResult
    try {
      const { reason, bytes = 0, record } = await plan.move(thing, moving)
      if (record) await this.#options.manifest?.append({ ...key, outcome: 'done', ...record })
      result = {
        name,
        object,
        outcome: reason === undefined ? 'done' : 'skipped',
        ...(reason && { reason }),
        bytes,
      }
    } catch (error) {
      result = { name, object, outcome: 'failed', error, bytes: 0 }
      // An abort leaves no trace: the next run begins where this one ended.
      if (!this.#stopper.signal.aborted) {
        const code = error instanceof DiscokitError ? error.code : 'unknown'
        await this.#options.manifest?.append({ ...key, outcome: 'failed', error: code })
      }
    }
    this.#moving.delete(state)
    this.#count(result)
    state.bytes = result.bytes
    tell()
    return result
  }

  #count(result: TransferResult): void {
    this.#counts[result.outcome]++
    this.#bytes += result.bytes
    if (result.outcome === 'failed' && this.#failures.length < MOST_FAILURES) this.#failures.push(result)
  }

  #tell(name: string, { bytes: own, total }: { bytes: number; total: number | undefined }): void {
    const { onProgress } = this.#options
    if (!onProgress) return
    let bytes = this.#bytes
    for (const each of this.#moving) bytes += each.bytes
    const all = this.#allFound ? { files: this.#foundFiles, bytes: this.#foundBytes } : undefined
    onProgress({ file: { name, bytes: own, total }, bytes, total: all, ...this.#counts })
  }
}
