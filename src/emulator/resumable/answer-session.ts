import type { HttpHeaders, HttpResponse } from '../../protocol/http.ts'
import { ApiFailure, notFound } from '../api-failure.ts'
import type { RequestBody } from '../request-body.ts'
import type { Call } from '../service.ts'
import { answerContentRange } from './content-range.ts'
import { answerGoogUpload, speaksGoogUpload } from './goog-upload.ts'
import { cancelUpload, sessions } from './session.ts'

/** A request to the address of an upload under way. It needs no credentials: the address is one. */
export interface SessionRequest {
  readonly method: string
  readonly headers: HttpHeaders
  /** How long the body is, as far as the request says. */
  readonly bodyLength: number | undefined
  /** The body, whose first byte belongs at this offset of the upload; undefined where it should be empty. */
  bodyFrom(offset: number | undefined): RequestBody
}

/**
 * Answers a request to an upload under way.
 * @throws {ApiFailure} 404 when there is no such upload (any more), 410 when it was begun more than a week ago.
 */
export async function answerSession(
  { state, clock }: Pick<Call, 'state' | 'clock'>,
  id: string,
  request: SessionRequest,
): Promise<HttpResponse> {
  const session = sessions({ state }).get(id)
  if (!session) throw notFound('There is no such upload: it was never begun, or it was forgotten.')
  if (clock.now() - session.createdAt >= LIFETIME_MS) {
    if (!session.outcome) await cancelUpload(session)
    throw new ApiFailure(410, 'gone', 'The upload was begun more than a week ago and has expired.')
  }
  const answer = speaksGoogUpload(request.headers) ? answerGoogUpload : answerContentRange
  // As with Google, answers bad and good name the upload; who logs that header logs a secret.
  const named = { 'x-guploader-uploadid': id }
  try {
    const response = await answer(session, request)
    return { ...response, headers: { ...response.headers, ...named } }
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error
    const { status, reason, message, details } = error
    throw new ApiFailure(status, reason, message, { ...details, headers: { ...details.headers, ...named } })
  }
}

/** Sessions live one week. */
const LIFETIME_MS = 7 * 24 * 3_600_000
