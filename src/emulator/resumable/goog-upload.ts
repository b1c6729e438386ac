import type { HttpHeaders, HttpResponse } from '../../protocol/http.ts'
import { emptyAnswer } from '../answers.ts'
import { invalid } from '../api-failure.ts'
import type { SessionRequest } from './answer-session.ts'
import { checkOffset, checkTotal } from './content-range.ts'
import { expectNothing, upTo } from './expected-bytes.ts'
import { cancelUpload, checkNotCancelled, finishUpload, repeatOutcome, type Session } from './session.ts'
import { takeBytes } from './take-bytes.ts'

/** Answers a request to an upload in the dialect of `X-Goog-Upload-Command`: upload, finalize, query, cancel. */
export async function answerGoogUpload(session: Session, request: SessionRequest): Promise<HttpResponse> {
  const { headers, bodyFrom } = request
  const commands = readCommands(headers['x-goog-upload-command'])
  if (session.cancelled && commands.has('query')) return emptyAnswer(200, { [STATUS]: 'cancelled' })
  checkNotCancelled(session)
  if (commands.has('upload')) return answerUpload(session, commands.has('finalize'), request)
  await expectNothing(bodyFrom(undefined).chunks)
  if (commands.has('cancel')) {
    if (session.outcome) throw invalid('The upload is complete and cannot be cancelled.')
    await cancelUpload(session)
    return emptyAnswer(200, { [STATUS]: 'cancelled' })
  }
  if (session.outcome) return final(session, repeatOutcome(session.outcome))
  if (commands.has('query')) return active(session)
  checkTotal(session, session.stored)
  return final(session, finishUpload(session, session.stored, new Uint8Array(0), headers))
}

/** Whether a request speaks this dialect. */
export function speaksGoogUpload(headers: HttpHeaders): boolean {
  return headers['x-goog-upload-command'] !== undefined
}

const COMMANDS = ['upload', 'finalize', 'finalize upload', 'query', 'cancel']
const STATUS = 'x-goog-upload-status'
const RECEIVED = 'x-goog-upload-size-received'

async function answerUpload(
  session: Session,
  isLast: boolean,
  { headers, bodyLength, bodyFrom }: SessionRequest,
): Promise<HttpResponse> {
  if (session.outcome) return final(session, repeatOutcome(session.outcome))
  const offset = readOffset(headers['x-goog-upload-offset'])
  checkOffset(session, offset)
  if (!isLast && bodyLength !== undefined) checkGranularity(session, bodyLength)
  const most = (session.declaredLength ?? Infinity) - offset
  const { end, tail, tailOffset } = await takeBytes(session, offset, upTo(most, bodyFrom(offset).chunks))
  if (!isLast) {
    checkGranularity(session, end - offset)
    return active(session)
  }
  checkTotal(session, end)
  if (end < session.stored) throw invalid(`The upload has ${session.stored} bytes already, more than ${end}.`)
  return final(session, finishUpload(session, tailOffset, tail, headers))
}

function active({ stored, granularityBytes }: Session): HttpResponse {
  return emptyAnswer(200, {
    [STATUS]: 'active',
    [RECEIVED]: String(stored),
    'x-goog-upload-chunk-granularity': String(granularityBytes),
  })
}

/** Over is over, whether the method took the upload or refused it. */
async function final(session: Session, answering: Promise<HttpResponse>): Promise<HttpResponse> {
  const response = await answering
  const headers = { ...response.headers, [STATUS]: 'final', [RECEIVED]: String(session.stored) }
  return { ...response, headers }
}

function readCommands(header: string | undefined): ReadonlySet<string> {
  const commands = (header ?? '').split(',').map((command) => command.trim().toLowerCase())
  const known = COMMANDS.includes(commands.toSorted().join(' '))
  if (!known) throw invalid(`Invalid X-Goog-Upload-Command for an upload under way: '${header ?? ''}'`)
  return new Set(commands)
}

function readOffset(header: string | undefined): number {
  if (header !== undefined && /^\d{1,15}$/.test(header.trim())) return Number(header)
  throw invalid(`X-Goog-Upload-Offset must say where the bytes belong; it is '${header ?? ''}'.`)
}

function checkGranularity({ granularityBytes }: Session, length: number): void {
  if (length % granularityBytes === 0) return
  throw invalid(
    `A request that does not finalize must bring a multiple of ${granularityBytes} bytes; this one has ${length}.`,
  )
}
