import type { MediaDescription } from '../../request/media-input.ts'
import type { UploadContent } from '../planned-upload.ts'
import type { UploadState } from '../upload-store.ts'
import { readUploadState } from '../upload-store.ts'
import type { Dialect } from './dialect.ts'
import type { RecordedFacts, StatePlace } from './session-record.ts'

/** What a state must say to be that of an upload. */
export async function recordedFacts(
  { prepared, description, contentType }: UploadContent,
  dialect: Dialect['name'],
): Promise<RecordedFacts> {
  const { id, method, upload, body } = prepared
  return {
    methodId: id,
    request: await digest([method, upload!.resumable, body, contentType]),
    dialect,
    total: description.length ?? null,
    contentType,
    fingerprint: description.fingerprint ?? null,
  }
}

/** Under which key a state is kept, when the caller names none. */
export async function stateKey(
  { request, fingerprint, total }: RecordedFacts,
  { name }: MediaDescription,
): Promise<string> {
  return digest([request, name, fingerprint, total])
}

/** The state that is kept for an upload; `stale` when there is one that is of another, or too old. */
export async function findState(
  { store, key }: StatePlace,
  facts: RecordedFacts,
  now: number,
): Promise<{ readonly state: UploadState; readonly stale: boolean } | undefined> {
  // What a store gives may have been written by anybody.
  const state = readUploadState(await store.get(key))
  if (state === undefined) return undefined
  const names = ['methodId', 'request', 'dialect', 'total', 'contentType', 'fingerprint'] as const
  const same = names.every((name) => state[name] === facts[name])
  const readable = state.fingerprint !== null || state.crc32c !== null
  return { state, stale: !same || !readable || now - state.createdAt > LIFETIME_MS }
}

/** Google forgets a session after a week. */
const LIFETIME_MS = 604_000_000

async function digest(parts: readonly unknown[]): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(parts))
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
