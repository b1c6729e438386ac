import type { HttpRequest } from '../../protocol/http.ts'
import { DEFAULT_RETRY } from '../../transport/retry-decision.ts'
import { splitOrigin } from '../../transport/origin.ts'
import { fastestCrc32c, RunningChecksum } from '../checksum.ts'
import { Pace } from '../pace.ts'
import { ProgressMeter } from '../progress.ts'
import type { PlannedUpload, UploadContent, UploadHost } from '../planned-upload.ts'
import { UploadHand } from '../upload-hand.ts'
import { GRANULARITY_BYTES } from '../upload-settings.ts'
import { DataLossError } from '../../errors.ts'
import type { UploadState } from '../upload-store.ts'
import { type Content, HeldContent, ReopenedContent } from './content.ts'
import { findState, recordedFacts, stateKey } from './find-session.ts'
import { SessionRecord } from './session-record.ts'
import { contentRange } from './content-range.ts'
import type { Dialect } from './dialect.ts'
import { googUpload } from './goog-upload.ts'
import { cancelSession, runSession, type SessionHost, type SessionPlan } from './run-session.ts'
import { newSession } from './session.ts'
import type { SessionFacts } from './session-state.ts'

/** An upload in a session: it goes on where the server stands, whatever breaks on the way. */
export function resumableUpload(content: UploadContent, host: UploadHost): PlannedUpload {
  const { prepared, description, contentType, settings, onProgress } = content
  const dialect = DIALECTS[settings.dialect ?? 'content-range']
  const { method, upload, headers, body } = prepared
  const start: HttpRequest = {
    method,
    url: upload!.resumable!,
    headers: {
      ...headers,
      ...(body !== undefined && { 'content-type': 'application/json; charset=UTF-8' }),
      ...dialect.start({ contentType, total: description.length }),
    },
    body: body ?? '',
  }
  return {
    ...start,
    async send(request, call) {
      const hand = new UploadHand(settings.control)
      const tell = (progress: Parameters<NonNullable<typeof onProgress>>[0]): void => {
        onProgress?.(progress)
        hand.attached?.tell(progress)
      }
      const sessionHost: SessionHost = {
        handler: host.once,
        call,
        meter: new ProgressMeter(host.clock, description.length, tell),
        pace: new Pace(host.clock, settings.maxBytesPerSecond),
        stallTimeoutMs: settings.stallTimeoutMs ?? STALL_TIMEOUT_MS,
        hand,
        random: Math.random,
        guard: (sessionUrl) => guardSession(sessionUrl, request.url, prepared.id, host),
        budget: host.budget,
      }
      call.sent = request
      let plan: SessionPlan
      try {
        plan = await planSession(content, request, dialect, sessionHost)
      } catch (error) {
        hand.end('failed')
        throw error
      }
      return runSession(plan, sessionHost)
    },
  }
}

const DIALECTS: Readonly<Record<Dialect['name'], Dialect>> = {
  'content-range': contentRange,
  'goog-upload': googUpload,
}
const STALL_TIMEOUT_MS = 60_000
const CHUNK_BYTES = 8_388_608

async function planSession(
  content: UploadContent,
  start: HttpRequest,
  dialect: Dialect,
  host: SessionHost,
): Promise<SessionPlan> {
  const { prepared, source, description, contentType, settings } = content
  const { length, replayable, seekable = false } = description
  const now = (): number => host.call.settings.clock.now()
  const facts = settings.store && (await recordedFacts(content, dialect.name))
  const place = settings.store &&
    facts && { store: settings.store, key: settings.key ?? (await stateKey(facts, description)) }
  const found = place && (await host.call.wait(findState(place, facts, now()), 'store'))
  const { state } = found ?? {}
  const isKnown = found !== undefined && !found.stale && state!.fingerprint !== null

  // A store knows content that has no fingerprint by it.
  const verifies = settings.checksum ?? true
  const checksum =
    verifies || (place !== undefined && description.fingerprint === undefined)
      ? new RunningChecksum(
          await fastestCrc32c(),
          ...(isKnown && state!.crc32c !== null ? ([state!.crc32c, state!.hashed] as const) : []),
        )
      : undefined
  // One request for all that can be opened again where it broke off; else what the server does not have is held. So are
  // the chunks of a content of unknown length: only what was read shows where it ends.
  const reopened = replayable && (settings.chunkBytes === undefined || (seekable && length !== undefined))
  const ContentKind = reopened ? ReopenedContent : HeldContent
  const bytes = new ContentKind(source, description, checksum)
  const declares = verifies && prepared.upload?.crc32c === true && !('x-goog-hash' in start.headers)
  const sessionFacts: SessionFacts = {
    chunkBytes: settings.chunkBytes ?? (reopened ? undefined : CHUNK_BYTES),
    replayable,
    declares,
    shared: place !== undefined,
    policy: host.call.settings.retry ?? DEFAULT_RETRY,
  }
  const plan: SessionPlan = {
    id: prepared.id,
    start,
    dialect,
    contentType,
    content: bytes,
    checksum,
    declares,
    state: newSession(sessionFacts, length, GRANULARITY_BYTES),
    resume: undefined,
    record: place && new SessionRecord(place, facts, checksum, now),
  }
  if (state === undefined) return plan
  if (isKnown || (!found!.stale && (await isSame(bytes, state, host)))) {
    const { sessionUrl, offset, granularity } = state
    host.guard(sessionUrl)
    host.meter.acknowledge(offset)
    return {
      ...plan,
      resume: { sessionUrl, event: { type: 'continue', acknowledged: offset, granularity } },
      record: new SessionRecord(place!, facts!, checksum, now, state),
    }
  }
  await cancelSession(state, start, host)
  if (bytes.rewindable) return plan
  await plan.record!.end()
  throw new DataLossError(
    `${prepared.id}: the content is not the one whose upload was begun under this key; what was begun is given up, so upload it again`,
  )
}

/** Whether the content begins with the bytes that a state speaks of, where nothing else tells. */
function isSame(
  content: Content,
  { offset, hashed, crc32c }: UploadState,
  { call }: SessionHost,
): Promise<boolean> {
  return call.wait(content.matches({ kept: offset, hashed, crc: crc32c! }), 'content')
}

/** The address of a session comes from an answer: it must be where the upload began, or where credentials may go. */
function guardSession(sessionUrl: string, startUrl: string, id: string, { guard }: UploadHost): void {
  const origin = splitOrigin(sessionUrl)?.origin
  if (origin === undefined || origin !== splitOrigin(startUrl)?.origin)
    guard(sessionUrl, `the session of ${id}`)
}
