import type { CallContext } from '../transport/call-context.ts'
import type { CompactDocument } from './compact-document.ts'

/** The documents of a client and its children, each loaded once for any number of callers. */
export class SharedDocuments {
  readonly #loads = new Map<string, Load>()

  /**
   * The document of an id. Waiting ends with the caller's own call; the loading ends only when nobody waits any more.
   * A failure is not remembered.
   */
  async get(
    id: string,
    call: CallContext,
    load: (signal: AbortSignal) => Promise<CompactDocument>,
  ): Promise<CompactDocument> {
    call.throwIfEnded()
    const shared = this.#loads.get(id) ?? this.#begin(id, load)
    shared.waiting++
    try {
      return await call.wait(shared.document, 'discovery')
    } finally {
      if (--shared.waiting === 0 && !shared.loaded) {
        this.#forget(id, shared)
        shared.end.abort()
      }
    }
  }

  #begin(id: string, load: (signal: AbortSignal) => Promise<CompactDocument>): Load {
    const end = new AbortController()
    const shared: Load = { document: load(end.signal), end, waiting: 0, loaded: false }
    shared.document.then(
      () => (shared.loaded = true),
      () => this.#forget(id, shared),
    )
    this.#loads.set(id, shared)
    return shared
  }

  #forget(id: string, shared: Load): void {
    if (this.#loads.get(id) === shared) this.#loads.delete(id)
  }
}

interface Load {
  readonly document: Promise<CompactDocument>
  readonly end: AbortController
  /** How many callers wait. */
  waiting: number
  loaded: boolean
}
