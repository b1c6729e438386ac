import type { HttpRequest } from '../../protocol/http.ts'
import { splitOrigin } from '../../transport/origin.ts'
import { Pace } from '../pace.ts'
import { ProgressMeter } from '../progress.ts'
import type { PlannedUpload, UploadContent, UploadHost } from '../planned-upload.ts'
import { contentRange } from './content-range.ts'
import { stallTimeoutOf } from '../upload-settings.ts'
import type { Dialect } from './dialect.ts'
import { googUpload } from './goog-upload.ts'
import { planSession } from './plan-session.ts'
import { runSession } from './run-session.ts'
import type { SessionHost, SessionPlan } from './session-plan.ts'

/** An upload in a session: it goes on where the server stands, whatever breaks on the way. */
export function resumableUpload(content: UploadContent, host: UploadHost): PlannedUpload {
  const { prepared, description, contentType, settings, onProgress, hand } = content
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
      const tell = (progress: Parameters<NonNullable<typeof onProgress>>[0]): void => {
        onProgress?.(progress)
        hand.attached?.tell(progress)
      }
      const sessionHost: SessionHost = {
        handler: host.once,
        call,
        meter: new ProgressMeter(host.clock, description.length, tell),
        pace: new Pace(host.clock, settings.maxBytesPerSecond),
        stallTimeoutMs: stallTimeoutOf(settings),
        hand,
        holdsBodies: host.holdsBodies,
        random: Math.random,
        guard: (sessionUrl) => guardSession(sessionUrl, request.url, prepared.id, host),
        budget: host.budget,
      }
      call.sent = request
      let plan: SessionPlan
      try {
        plan = await hand.during(
          () => hand.aborted && call.end(hand.aborted.reason),
          () => planSession(content, request, dialect, sessionHost),
        )
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
/** The address of a session comes from an answer: it must be where the upload began, or where credentials may go. */
function guardSession(sessionUrl: string, startUrl: string, id: string, { guard }: UploadHost): void {
  const origin = splitOrigin(sessionUrl)?.origin
  if (origin === undefined || origin !== splitOrigin(startUrl)?.origin)
    guard(sessionUrl, `the session of ${id}`)
}
