/** Where the states of unfinished uploads are kept. A database of the program's own can be one: three functions. */
export interface UploadStore {
  get(key: string): Promise<UploadState | undefined>
  set(key: string, state: UploadState): Promise<void>
  delete(key: string): Promise<void>
}

/** Where an upload stands: plain JSON. Whoever has the session's address can write to the upload. */
export interface UploadState {
  readonly version: 1
  /** Of which method, such as `storage.objects.insert`. */
  readonly methodId: string
  /** A digest of address, metadata and media type: the session was begun with these. */
  readonly request: string
  /** A secret. */
  readonly sessionUrl: string
  readonly dialect: 'content-range' | 'goog-upload'
  /** Bytes in all; null when not known. */
  readonly total: number | null
  readonly contentType: string
  /** Of the content; null when it has none. */
  readonly fingerprint: string | null
  /** Bytes that the server has said it has. */
  readonly offset: number
  /** The CRC-32C of the first `hashed` bytes; null when none is computed. */
  readonly crc32c: number | null
  readonly hashed: number
  /** What every chunk but the last is a multiple of. */
  readonly granularity: number
  /** Milliseconds since 1970. Google forgets a session after a week. */
  readonly createdAt: number
}

/**
 * A store in this process: uploads go on after a call that failed, but not after a crash.
 *
 * ```ts
 * import { memoryUploadStore } from 'discokit/media'
 * import { file } from 'discokit/node'
 *
 * const store = memoryUploadStore()
 * await storage.objects.insert({ bucket, name: 'v.mp4', media: file('v.mp4') }, { upload: { store } })
 * ```
 */
export function memoryUploadStore(): UploadStore {
  const states = new Map<string, UploadState>()
  return {
    get: async (key) => states.get(key),
    set: async (key, state) => void states.set(key, state),
    delete: async (key) => void states.delete(key),
  }
}

/**
 * Reads a state that was kept as text or as an object. Undefined for anything else, which somebody else may have put
 * there.
 */
export function readUploadState(kept: unknown): UploadState | undefined {
  let value: unknown = kept
  if (typeof kept === 'string') {
    try {
      value = JSON.parse(kept)
    } catch {
      return undefined
    }
  }
  return isUploadState(value) ? value : undefined
}

function isUploadState(value: unknown): value is UploadState {
  if (typeof value !== 'object' || value === null) return false
  const state = value as Partial<Record<keyof UploadState, unknown>>
  const isCount = (member: unknown): boolean => Number.isSafeInteger(member) && (member as number) >= 0
  return (
    state.version === 1 &&
    [state.methodId, state.request, state.sessionUrl, state.contentType].every(
      (member) => typeof member === 'string',
    ) &&
    (state.dialect === 'content-range' || state.dialect === 'goog-upload') &&
    [state.offset, state.hashed, state.createdAt].every(isCount) &&
    isCount(state.granularity) &&
    state.granularity !== 0 &&
    (state.total === null || isCount(state.total)) &&
    (state.crc32c === null || isCount(state.crc32c)) &&
    (state.fingerprint === null || typeof state.fingerprint === 'string')
  )
}
