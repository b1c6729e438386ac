import { type Problem, ValidationError } from '../errors.ts'
import { checkOptionNames } from '../request/option-names.ts'
import { LONGEST_WAIT_MS } from '../transport/retry.ts'
import { isUploadControl, type UploadControl } from './upload-control.ts'
import type { UploadStore } from './upload-store.ts'

/** How one content is uploaded. Everything has a default. */
export interface UploadSettings {
  /**
   * The bytes alone, with the metadata in one body, or in a session that survives broken connections. Default:
   * `resumable` from 8 MiB on and for content of unknown length where the method has it, else by whether there is
   * metadata.
   */
  readonly kind?: 'simple' | 'multipart' | 'resumable'
  /**
   * The bytes of one request of a session: a multiple of 262,144. Default: one request for everything when the content
   * can be read again; 8 MiB, which are then held in memory, when it cannot.
   */
  readonly chunkBytes?: number
  /** The protocol of the session. Default `content-range`, which all APIs of discovery documents speak. */
  readonly dialect?: 'content-range' | 'goog-upload'
  /** Whether size and media type are held against what the method says it takes. Default true. */
  readonly checkLimits?: boolean
  /**
   * Whether a CRC-32C is computed while the bytes are sent, declared where the API takes it and compared with the
   * answer. Default true. With a store, content that has no fingerprint (all but files) is known by it, so there it is
   * computed in any case.
   */
  readonly checksum?: boolean
  /** Keeps where the upload stands, so that the same call goes on after a crash, or on another machine. */
  readonly store?: UploadStore
  /** Under which name. Default: made of method, address, metadata, and name and fingerprint of the content. */
  readonly key?: string
  /** Pauses, resumes or aborts it. Made by `createUploadControl()`; serves one upload. */
  readonly control?: UploadControl
  /** The most that goes out in a second. Default: no limit. */
  readonly maxBytesPerSecond?: number
  /**
   * A connection that took nothing and answered nothing, or nothing more, for so many milliseconds is taken for broken.
   * Default 60,000.
   */
  readonly stallTimeoutMs?: number
}

/** @throws {ValidationError} for settings that cannot be used, naming all of them. */
export function checkUploadSettings(id: string, settings: UploadSettings): void {
  checkOptionNames(id, settings, NAMES, 'upload')
  const problems: Problem[] = []
  const check = (ok: boolean, name: keyof UploadSettings, message: string): void => {
    if (settings[name] !== undefined && !ok) problems.push({ path: `upload.${name}`, message })
  }
  const { kind, chunkBytes, dialect, store, key, control, maxBytesPerSecond, stallTimeoutMs } = settings
  check(KINDS.includes(kind), 'kind', 'must be simple, multipart or resumable')
  check(
    isPositive(chunkBytes) && chunkBytes! % GRANULARITY_BYTES === 0 && chunkBytes! <= MOST_CHUNK_BYTES,
    'chunkBytes',
    'must be a multiple of 262,144 bytes, and at most 1 GiB',
  )
  check(DIALECTS.includes(dialect), 'dialect', 'must be content-range or goog-upload')
  for (const name of ['checkLimits', 'checksum'] as const) {
    check(typeof settings[name] === 'boolean', name, 'must be true or false')
  }
  const functions = (['get', 'set', 'delete'] as const).every((name) => typeof store?.[name] === 'function')
  check(functions, 'store', 'must be an object with the functions get, set and delete')
  check(typeof key === 'string' && key !== '', 'key', 'must be a text')
  check(isUploadControl(control), 'control', 'must be made by createUploadControl()')
  check(isPositive(maxBytesPerSecond), 'maxBytesPerSecond', 'must be a positive number')
  check(isPositive(stallTimeoutMs), 'stallTimeoutMs', 'must be a positive number of milliseconds')
  if (kind === 'simple' || kind === 'multipart') {
    for (const name of ['chunkBytes', 'dialect', 'store'] as const)
      check(false, name, `does nothing in a ${kind} upload; leave it or the kind out`)
  }
  check(store !== undefined || key === '', 'key', 'does nothing without a store')
  if (problems.length > 0) throw new ValidationError(id, problems)
}

/** After how long a connection that does nothing is taken for broken, in milliseconds. */
export function stallTimeoutOf({ stallTimeoutMs = STALL_TIMEOUT_MS }: UploadSettings): number {
  return Math.min(stallTimeoutMs, LONGEST_WAIT_MS)
}

const STALL_TIMEOUT_MS = 60_000
/** What every chunk but the last is a multiple of, unless the server says otherwise. */
export const GRANULARITY_BYTES = 262_144
const MOST_CHUNK_BYTES = 1_073_741_824
const NAMES = [
  'kind',
  'chunkBytes',
  'dialect',
  'checkLimits',
  'checksum',
  'store',
  'key',
  'control',
  'maxBytesPerSecond',
  'stallTimeoutMs',
]
const KINDS: readonly unknown[] = ['simple', 'multipart', 'resumable']
const DIALECTS: readonly unknown[] = ['content-range', 'goog-upload']

function isPositive(value: unknown): boolean {
  return typeof value === 'number' && value > 0
}
