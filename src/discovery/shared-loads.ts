import type { CallContext } from '../transport/call-context.ts'

/** What a client and its children load, such as documents, each once for any number of callers. */
export class SharedLoads<T> {
  readonly #loads = new Map<string, Load<T>>()

  /**
   * What belongs to an id. Waiting ends with the caller's own call; the loading ends only when nobody waits any more.
   * A failure is not remembered.
   */
  async get(id: string, call: CallContext, load: (signal: AbortSignal) => Promise<T>): Promise<T> {
    call.throwIfEnded()
    const shared = this.#loads.get(id) ?? this.#begin(id, load)
    shared.waiting++
    try {
      return await call.wait(shared.value, 'discovery')
    } finally {
      if (--shared.waiting === 0 && !shared.loaded) {
        this.#forget(id, shared)
        shared.end.abort()
      }
    }
  }

  #begin(id: string, load: (signal: AbortSignal) => Promise<T>): Load<T> {
    const end = new AbortController()
    const shared: Load<T> = { value: load(end.signal), end, waiting: 0, loaded: false }
    shared.value.then(
      () => (shared.loaded = true),
      () => this.#forget(id, shared),
    )
    this.#loads.set(id, shared)
    return shared
  }

  #forget(id: string, shared: Load<T>): void {
    if (this.#loads.get(id) === shared) this.#loads.delete(id)
  }
}

interface Load<T> {
  readonly value: Promise<T>
  readonly end: AbortController
  /** How many callers wait. */
  waiting: number
  loaded: boolean
}
