import type { HttpRequest } from '../../protocol/http.ts'
import { DEFAULT_RETRY } from '../../transport/retry-decision.ts'
import { splitOrigin } from '../../transport/origin.ts'
import { RunningChecksum } from '../checksum.ts'
import { Pace } from '../pace.ts'
import { ProgressMeter } from '../progress.ts'
import type { PlannedUpload, UploadContent, UploadHost } from '../planned-upload.ts'
import { UploadHand } from '../upload-hand.ts'
import { GRANULARITY_BYTES } from '../upload-settings.ts'
import { HeldContent, ReopenedContent } from './content.ts'
import { contentRange } from './content-range.ts'
import type { Dialect } from './dialect.ts'
import { googUpload } from './goog-upload.ts'
import { runSession, type SessionHost, type SessionPlan } from './run-session.ts'
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
      return runSession(
        planSession(content, request, dialect, call.settings.retry ?? DEFAULT_RETRY),
        sessionHost,
      )
    },
  }
}

const DIALECTS: Readonly<Record<Dialect['name'], Dialect>> = {
  'content-range': contentRange,
  'goog-upload': googUpload,
}
const STALL_TIMEOUT_MS = 60_000
const CHUNK_BYTES = 8_388_608

function planSession(
  { prepared, source, description, contentType, settings }: UploadContent,
  start: HttpRequest,
  dialect: Dialect,
  policy: SessionFacts['policy'],
): SessionPlan {
  const { length, replayable, seekable = false } = description
  const checksum = (settings.checksum ?? true) ? new RunningChecksum() : undefined
  // One request for all that can be opened again where it broke off; else what the server does not have is held.
  const reopened = replayable && (seekable || settings.chunkBytes === undefined)
  const chunkBytes = settings.chunkBytes ?? (reopened ? undefined : CHUNK_BYTES)
  const ContentKind = reopened ? ReopenedContent : HeldContent
  const declares =
    checksum !== undefined && prepared.upload?.crc32c === true && !('x-goog-hash' in start.headers)
  const facts: SessionFacts = {
    chunkBytes,
    replayable,
    declares,
    shared: settings.store !== undefined,
    policy,
  }
  return {
    id: prepared.id,
    start,
    dialect,
    contentType,
    content: new ContentKind(source, description, checksum),
    checksum,
    declares,
    state: newSession(facts, length, GRANULARITY_BYTES),
    resume: undefined,
    record: undefined,
  }
}

/** The address of a session comes from an answer: it must be where the upload began, or where credentials may go. */
function guardSession(sessionUrl: string, startUrl: string, id: string, { guard }: UploadHost): void {
  const origin = splitOrigin(sessionUrl)?.origin
  if (origin === undefined || origin !== splitOrigin(startUrl)?.origin)
    guard(sessionUrl, `the session of ${id}`)
}
