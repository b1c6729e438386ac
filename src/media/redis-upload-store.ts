import { WEEK_MS } from './keyv-upload-store.ts'
import { readUploadState, type UploadStore } from './upload-store.ts'

/** What is used of a client of Redis, such as that of `@redis/client`. */
export interface RedisLike {
  get(key: string): Promise<unknown>
  set(key: string, value: string, options: { PX: number }): Promise<unknown>
  del(key: string): Promise<unknown>
}

/**
 * A store over the program's own client of Redis, so that any of several machines can go on with an upload.
 *
 * ```ts
 * import { redisUploadStore, type RedisLike } from 'discokit/media'
 *
 * declare const client: RedisLike // await createClient({ url }).connect() of @redis/client
 * const store = redisUploadStore(client, { prefix: 'uploads:' })
 * ```
 *
 * @param options `prefix`: what the keys begin with, default `discokit:upload:`. `ttlMs`: how long a state is kept,
 *   default one week, the life of a session
 */
export function redisUploadStore(
  client: RedisLike,
  { prefix = 'discokit:upload:', ttlMs = WEEK_MS }: { prefix?: string; ttlMs?: number } = {},
): UploadStore {
  return {
    get: async (key) => readUploadState(await client.get(prefix + key)),
    set: async (key, state) => void (await client.set(prefix + key, JSON.stringify(state), { PX: ttlMs })),
    delete: async (key) => void (await client.del(prefix + key)),
  }
}
