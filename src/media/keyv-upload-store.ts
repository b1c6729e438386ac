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
    set: async (key, state) => void (await keyv.set(key, state, ttlMs)),
    delete: async (key) => void (await keyv.delete(key)),
  }
}

/** How long Google keeps a session. */
export const WEEK_MS = 604_800_000
