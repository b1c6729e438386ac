import { readUploadState, type UploadStore } from './upload-store.ts'

/** What is used of a `Keyv`. */
export interface KeyvLike {
  get(key: string): Promise<unknown>
  set(key: string, value: unknown, ttlMs?: number): Promise<unknown>
  delete(key: string): Promise<unknown>
}

/**
 * A store over the program's own `Keyv`: Redis, SQL, files and others.
 *
 * ```ts
 * import { keyvUploadStore, type KeyvLike } from 'discokit/media'
 *
 * declare const keyv: KeyvLike // new Keyv(…)
 * const store = keyvUploadStore(keyv)
 * ```
 *
 * @param options `ttlMs`: how long a state is kept; default one week, the life of a session
 */
export function keyvUploadStore(keyv: KeyvLike, { ttlMs = WEEK_MS }: { ttlMs?: number } = {}): UploadStore {
  return {
    get: async (key) => readUploadState(await keyv.get(key)),
    async set(key, state) {
      // It gives false, and tells only its listeners why.
      if ((await keyv.set(key, state, ttlMs)) === false)
        throw new Error('the state of an upload was not kept: set() of the keyv gave false; see its errors')
    },
    delete: async (key) => void (await keyv.delete(key)),
  }
}

/** How long Google keeps a session. */
export const WEEK_MS = 604_800_000
