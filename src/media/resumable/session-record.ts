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
 * that fails at the beginning fails the upload; later it does not, since the server knows better where it stands, and the
 * upload does not wait for it.
 */
export class SessionRecord {
  readonly #place: StatePlace
  readonly #facts: RecordedFacts
  readonly #checksum: RunningChecksum | undefined
  readonly #now: () => number
  #state: UploadState | undefined
  /** The write that is under way: they go one after the other. */
  #writing: Promise<void> | undefined
  /** What is to be written after it. */
  #newest: UploadState | undefined

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
    const { store, key } = this.#place
    const state = {
      version: 1,
      ...this.#facts,
      sessionUrl,
      granularity,
      createdAt: this.#now(),
      offset: 0,
      ...this.#hash(),
    } as const
    this.#state = state
    await store.set(key, state)
  }

  /** Notes how far the upload is. A write that is still under way is followed by the newest state. */
  advance(offset: number): void {
    if (this.#state === undefined) return
    this.#newest = this.#state = { ...this.#state, offset, ...this.#hash() }
    this.#writing ??= this.#write()
  }

  /** Fulfilled when the newest state is kept, or after a short time for a store that is slow: the call failed already. */
  async kept(): Promise<void> {
    if (this.#writing !== undefined) await settled(() => this.#writing!, LAST_WRITE_MS)
  }

  /** Takes the state out of the store; a state that stays is found out when it is used. */
  async end(): Promise<void> {
    this.#newest = this.#state = undefined
    await this.#writing
    await settled(async () => this.#place.store.delete(this.#place.key))
  }

  async #write(): Promise<void> {
    const { store, key } = this.#place
    while (this.#newest !== undefined) {
      const state = this.#newest
      this.#newest = undefined
      await settled(async () => store.set(key, state))
    }
    this.#writing = undefined
  }

  #hash(): Pick<UploadState, 'crc32c' | 'hashed'> {
    const { crc, hashed } = this.#checksum ?? {}
    return { crc32c: crc ?? null, hashed: hashed ?? 0 }
  }
}

/** Fulfilled when something is done or has failed, and in any case after the time that a store has for it. */
async function settled(work: () => Promise<unknown>, timeoutMs = STORE_TIMEOUT_MS): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, timeoutMs)))
  await Promise.race([work().catch(() => {}), late])
  clearTimeout(timer)
}

const STORE_TIMEOUT_MS = 2_000
const LAST_WRITE_MS = 1_000
