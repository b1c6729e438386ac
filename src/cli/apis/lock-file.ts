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

/** @throws {ValidationError} when the text is not that of a lock file of ours. */
export function parseLock(text: string): LockFile {
  const lock = parseJson(text) as Partial<LockFile> | undefined
  const { lockfileVersion, apis } = lock ?? {}
  if (lockfileVersion !== undefined && lockfileVersion !== 1)
    throw unusable(`has the version ${String(lockfileVersion)}; this discokit knows version 1`)
  if (lockfileVersion === undefined || typeof apis !== 'object' || apis === null)
    throw unusable('is not a lock file of discokit')
  for (const [id, api] of Object.entries<Partial<LockedApi> | null>(apis)) {
    const texts = [api?.name, api?.version, api?.document, api?.file, api?.sha256]
    if (!texts.every((member) => typeof member === 'string')) throw unusable(`says too little of ${id}`)
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
