import type { RunningChecksum } from '../checksum.ts'
import type { UploadState, UploadStore } from '../upload-store.ts'

/** What a state has that does not change. */
export type RecordedFacts = Pick<
  UploadState,
  'methodId' | 'request' | 'dialect' | 'total' | 'contentType' | 'fingerprint'
>

/** Where a state is kept. */
export interface StatePlace {
  readonly store: UploadStore
  readonly key: string
}

/**
 * Keeps the state of one upload in a store: at the beginning, and whenever the server has said that it has more. A store
 * that fails at the beginning fails the upload; later it does not, since the server knows better where it stands.
 */
export class SessionRecord {
  readonly #place: StatePlace
  readonly #facts: RecordedFacts
  readonly #checksum: RunningChecksum | undefined
  readonly #now: () => number
  #state: UploadState | undefined

  constructor(
    place: StatePlace,
    facts: RecordedFacts,
    checksum: RunningChecksum | undefined,
    now: () => number,
    state?: UploadState,
  ) {
    this.#place = place
    this.#facts = facts
    this.#checksum = checksum
    this.#now = now
    this.#state = state
  }

  async begin(sessionUrl: string, granularity: number): Promise<void> {
    const state = {
      version: 1,
      ...this.#facts,
      sessionUrl,
      granularity,
      createdAt: this.#now(),
      offset: 0,
    } as const
    await this.#set({ ...state, ...this.#hash() })
  }

  async advance(offset: number): Promise<void> {
    if (this.#state) await this.#set({ ...this.#state, offset, ...this.#hash() }).catch(() => {})
  }

  async end(): Promise<void> {
    this.#state = undefined
    await this.#place.store.delete(this.#place.key).catch(() => {}) // a state of nothing is found out when it is used
  }

  #hash(): Pick<UploadState, 'crc32c' | 'hashed'> {
    const { crc, hashed } = this.#checksum ?? {}
    return { crc32c: crc ?? null, hashed: hashed ?? 0 }
  }

  async #set(state: UploadState): Promise<void> {
    this.#state = state
    await this.#place.store.set(this.#place.key, state)
  }
}
