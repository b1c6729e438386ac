import { createHash } from 'node:crypto'
import { ValidationError } from '../../errors.ts'

/** What `discokit.lock.json` says: which files were written for which APIs, and from what. */
export interface LockFile {
  readonly lockfileVersion: 1
  /** By id, such as `drive:v3`. */
  readonly apis: Readonly<Record<string, LockedApi>>
}

/** An API and the file that was written for it. */
export interface LockedApi {
  readonly name: string
  readonly version: string
  readonly revision?: string
  /** SHA-256 of the document. */
  readonly document: string
  /** From where the lock file is, with `/` between folders. */
  readonly file: string
  /** SHA-256 of the file. */
  readonly sha256: string
  /** The options that it was written with. */
  readonly only?: readonly string[]
  readonly augment?: true
  /** The file that the document was read from, where it was one. */
  readonly from?: string
}

export const LOCK_FILE = 'discokit.lock.json'

/** What is said where there is none. */
export const NO_APIS: string = `no ${LOCK_FILE} with an API is in this folder; go to where it is, or begin with discokit add`

/** @throws {ValidationError} when the text is not that of a lock file of ours. */
export function parseLock(text: string): LockFile {
  const lock = parseJson(text) as Partial<LockFile> | undefined
  const { lockfileVersion, apis } = lock ?? {}
  if (lockfileVersion !== undefined && lockfileVersion !== 1)
    throw unusable(`has the version ${String(lockfileVersion)}; this discokit knows version 1`)
  if (lockfileVersion === undefined || !isObject(apis)) throw unusable('is not a lock file of discokit')
  for (const [id, api] of Object.entries<unknown>(apis)) {
    if (!isLockedApi(api)) throw unusable(`says something of ${id} that discokit did not write`)
  }
  return lock as LockFile
}

/** The APIs in order of their ids, so that two branches that add one each seldom meet. */
export function formatLock({ lockfileVersion, apis }: LockFile): string {
  const sorted = Object.fromEntries(Object.entries(apis).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  return `${JSON.stringify({ lockfileVersion, apis: sorted }, null, 2)}\n`
}

/** SHA-256 of a file as it was written: some tools change the ends of its lines. */
export function hashText(text: string): string {
  return sha256(text.replaceAll('\r\n', '\n'))
}

/** SHA-256 of a document, whatever the order of its members. */
export function hashDocument(document: object): string {
  return sha256(JSON.stringify(document, (_, value: unknown) => (isObject(value) ? sorted(value) : value)))
}

function isLockedApi(value: unknown): value is LockedApi {
  if (!isObject(value)) return false
  const {
    name,
    version,
    revision = '',
    document,
    file,
    sha256: hash,
    only = [],
    augment = true,
    from = '',
  } = value as Partial<LockedApi>
  const texts: readonly unknown[] = [name, version, revision, document, file, hash, from]
  const isList = Array.isArray(only) && only.every((pattern: unknown) => typeof pattern === 'string')
  return texts.every((text) => typeof text === 'string') && isList && augment
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function sorted(value: object): object {
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function unusable(message: string): ValidationError {
  return new ValidationError('the lock file cannot be used', [{ path: LOCK_FILE, message }])
}
