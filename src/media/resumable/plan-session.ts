import { DataLossError } from '../../errors.ts'
import type { HttpRequest } from '../../protocol/http.ts'
import { DEFAULT_RETRY } from '../../transport/retry-decision.ts'
import { type Crc32c, fastestCrc32c, RunningChecksum } from '../checksum.ts'
import type { UploadContent } from '../planned-upload.ts'
import { GRANULARITY_BYTES } from '../upload-settings.ts'
import type { UploadState } from '../upload-store.ts'
import type { Content } from './content.ts'
import { HeldContent } from './held-content.ts'
import { ReopenedContent } from './reopened-content.ts'
import type { Dialect } from './dialect.ts'
import { findState, recordedFacts, stateKey } from './find-session.ts'
import type { SessionHost, SessionPlan } from './session-plan.ts'
import { cancelSession } from './session-request.ts'
import { SessionRecord } from './session-record.ts'
import { newSession } from './session.ts'
import type { SessionFacts } from './session-state.ts'

/** Plans the session of an upload: a new one, or the one of before whose state is kept. */
export async function planSession(
  content: UploadContent,
  start: HttpRequest,
  dialect: Dialect,
  host: SessionHost,
): Promise<SessionPlan> {
  const { settings } = content
  if (settings.store === undefined) return newPlan(content, start, dialect, host, await fastestCrc32c())
  const now = (): number => host.call.settings.clock.now()
  const facts = await recordedFacts(content, dialect.name)
  const key = settings.key ?? (await stateKey(facts, content.description))
  const place = { store: settings.store, key }
  const found = await host.call.wait(findState(place, facts, now()), 'store')
  const state = found?.stale === false && mayBeAsked(found.state, host) ? found.state : undefined
  const isKnown = state !== undefined && state.fingerprint !== null
  const plan = newPlan(content, start, dialect, host, await fastestCrc32c(), isKnown ? state : undefined)
  const record = new SessionRecord(place, facts, plan.checksum, now, state)
  if (found === undefined) return { ...plan, record }
  if (state !== undefined && (isKnown || (await isSame(plan.content, state, host)))) {
    const { sessionUrl, offset, granularity } = state
    host.meter.acknowledge(offset)
    const event = { type: 'continue', acknowledged: offset, granularity } as const
    return { ...plan, record, resume: { sessionUrl, event } }
  }
  await cancelSession(found.state, start, host)
  if (plan.content.rewindable) return { ...plan, record }
  await record.end()
  throw new DataLossError(
    `${plan.id}: the content is not the one whose upload was begun under this key; what was begun is given up, so upload it again`,
  )
}

/** Whether the address in a state is one that may see the credentials. What a store gives may be of anybody. */
function mayBeAsked({ sessionUrl }: UploadState, { guard }: SessionHost): boolean {
  try {
    guard(sessionUrl)
    return true
  } catch {
    return false
  }
}

/** What is held is held in pieces of this size. */
const CHUNK_BYTES = 8_388_608

/** @param known a state whose checksum is that of the same content */
function newPlan(
  { prepared, source, description, contentType, settings }: UploadContent,
  start: HttpRequest,
  dialect: Dialect,
  host: SessionHost,
  compute: Crc32c,
  known?: UploadState,
): SessionPlan {
  const { length, replayable, seekable = false } = description
  const { crc32c = null, hashed = 0 } = known ?? {}
  const wanted = settings.checksum ?? true
  // A store knows content that has no fingerprint by it.
  const needed = wanted || (settings.store !== undefined && description.fingerprint === undefined)
  const checksum = needed
    ? crc32c === null
      ? new RunningChecksum(compute)
      : new RunningChecksum(compute, crc32c, hashed)
    : undefined
  const { chunkBytes = host.holdsBodies ? CHUNK_BYTES : undefined } = settings
  // One request for all that can be opened again where it broke off; else what the server does not have is held. So are
  // the chunks of a content of unknown length: only what was read shows where it ends.
  const reopened = replayable && (chunkBytes === undefined || (seekable && length !== undefined))
  const facts: SessionFacts = {
    chunkBytes: chunkBytes ?? (reopened ? undefined : CHUNK_BYTES),
    replayable,
    declares: wanted && prepared.upload?.crc32c === true && !('x-goog-hash' in start.headers),
    shared: settings.store !== undefined,
    policy: host.call.settings.retry ?? DEFAULT_RETRY,
  }
  return {
    id: prepared.id,
    start,
    dialect,
    contentType,
    content: new (reopened ? ReopenedContent : HeldContent)(source, description, checksum),
    checksum,
    state: newSession(facts, length, GRANULARITY_BYTES),
    resume: undefined,
    record: undefined,
  }
}

/** Whether the content begins with the bytes that a state speaks of, where nothing else tells. */
function isSame(
  content: Content,
  { offset, hashed, crc32c }: UploadState,
  { call }: SessionHost,
): Promise<boolean> {
  return call.wait(content.matches({ kept: offset, hashed, crc: crc32c! }), 'content')
}
