import type { HttpHeaders, HttpResponse } from '../../protocol/http.ts'
import { emptyAnswer } from '../answers.ts'
import { ApiFailure, invalid } from '../api-failure.ts'
import type { SessionRequest } from './answer-session.ts'
import { cancelUpload, checkNotCancelled, finishUpload, repeatOutcome, type Session } from './session.ts'
import { expectNothing, upTo } from './expected-bytes.ts'
import { takeBytes } from './take-bytes.ts'
import { parseUploadRange, type UploadRange } from './upload-range.ts'

/** Answers a request to an upload in the dialect of `uploadType=resumable`: `PUT` with `Content-Range`, and `DELETE`. */
export async function answerContentRange(session: Session, request: SessionRequest): Promise<HttpResponse> {
  const { method, headers } = request
  checkNotCancelled(session)
  if (method === 'DELETE') return answerCancel(session)
  if (method !== 'PUT' && method !== 'POST') {
    throw new ApiFailure(405, 'httpMethodNotAllowed', `An upload under way does not answer ${method}.`)
  }
  const range = parseUploadRange(headers['content-range'])
  if (range.kind === 'query') return answerQuery(session, range.total, request)
  // Whoever missed the answer to the last bytes sends them again, and is told.
  if (session.outcome) return repeatOutcome(session.outcome)
  return answerBytes(session, range, request)
}

async function answerCancel(session: Session): Promise<HttpResponse> {
  if (session.outcome) throw invalid('The upload is complete and cannot be cancelled.')
  await cancelUpload(session)
  return emptyAnswer(499)
}

/** A total that has come in full ends the upload; nothing else about a question does. */
async function answerQuery(
  session: Session,
  total: number | undefined,
  { headers, bodyFrom }: SessionRequest,
): Promise<HttpResponse> {
  await expectNothing(bodyFrom(undefined).chunks)
  if (session.outcome) return repeatOutcome(session.outcome)
  if (total === undefined || total !== session.stored) return incomplete(session, headers)
  checkTotal(session, total)
  return finishUpload(session, total, NOTHING, headers)
}

async function answerBytes(
  session: Session,
  { first, last, total: named }: Extract<UploadRange, { kind: 'bytes' }>,
  { headers, bodyLength, bodyFrom }: SessionRequest,
): Promise<HttpResponse> {
  if (named !== undefined) checkTotal(session, named)
  checkOffset(session, first)
  const total = named ?? session.declaredLength
  const expected = last === undefined ? (total ?? Infinity) - first : last + 1 - first
  if (last !== undefined && bodyLength !== undefined && bodyLength !== expected) {
    throw invalid(`The body has ${bodyLength} bytes, the Content-Range ${expected}.`)
  }
  const isLast = last === undefined || last + 1 === total
  if (!isLast && expected < session.granularityBytes) throw tooSmall(session, expected)
  const { end, tail, tailOffset } = await takeBytes(session, first, upTo(expected, bodyFrom(first).chunks))
  if (last !== undefined && end !== last + 1) {
    throw invalid(`The body has ${end - first} bytes, the Content-Range ${expected}.`)
  }
  if (!isLast || (named !== undefined && end < named)) return incomplete(session, headers)
  checkTotal(session, end)
  if (end < session.stored) throw invalid(`The upload has ${session.stored} bytes already, more than ${end}.`)
  return finishUpload(session, tailOffset, tail, headers)
}

/**
 * Google has been seen to answer a gap with 400, 416 and 503. This one does with 400: a sender that knows what it does
 * never leaves one, and is not to be helped by trying again.
 */
export function checkOffset(session: Session, offset: number): void {
  if (offset <= session.stored) return
  throw invalid(`The upload offset is ${offset}, beyond the ${session.stored} bytes that are stored.`)
}

/** Fails when an upload ends with another size than it began with. */
export function checkTotal({ declaredLength }: Session, total: number): void {
  if (declaredLength === undefined || declaredLength === total) return
  throw invalid(`The upload was declared with ${declaredLength} bytes and has ${total}.`)
}

/** 308, which here is no redirect. Some senders cannot read one and say so; they get 200, and the status in a header. */
function incomplete({ stored }: Session, headers: HttpHeaders): HttpResponse {
  const range: HttpHeaders = stored === 0 ? {} : { range: `bytes=0-${stored - 1}` }
  if (headers['x-guploader-no-308']?.toLowerCase() !== 'yes') return emptyAnswer(308, range)
  return emptyAnswer(200, { ...range, 'x-http-status-code-override': '308' })
}

function tooSmall({ granularityBytes }: Session, length: number): ApiFailure {
  return invalid(
    `A request that is not the last must bring at least ${granularityBytes} bytes, best a multiple of them; this one has ${length}.`,
  )
}

const NOTHING = new Uint8Array(0)
