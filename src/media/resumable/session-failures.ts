import {
  DataLossError,
  MaybeAppliedError,
  ParseError,
  type RequestSummary,
  SessionLostError,
  TransportError,
} from '../../errors.ts'
import type { AnswerHead } from './dialect.ts'
import type { SessionState } from './session-state.ts'

/** The error of a server that says that it has `bytes`, which cannot be. */
export function lostBytes(
  id: string,
  why: 'shrank' | 'beyond',
  { acknowledged, sent }: SessionState,
  bytes: number,
): DataLossError {
  const known = why === 'shrank' ? `it had ${acknowledged} before` : `${sent} were sent`
  return new DataLossError(
    `${id}: the server says that it has ${bytes} bytes of the content, and ${known}; the upload was given up`,
    { expected: String(why === 'shrank' ? acknowledged : sent), actual: String(bytes) },
  )
}

/** The error of a server that calls an upload complete before everything was sent. */
export function completedEarly(id: string, { sent, total }: SessionState): DataLossError {
  return new DataLossError(
    `${id}: the server says that the upload is complete after ${sent} of ${total ?? 'more'} bytes; look at what it stored`,
    { expected: String(total ?? 'more'), actual: String(sent) },
  )
}

/** The error of bytes that arrived changed, by a checksum that was declared. */
export function changedOnTheWay(id: string, declared: string): DataLossError {
  return new DataLossError(
    `${id}: what arrived at the server is not what was sent: its CRC-32C is not ${declared}; nothing was stored`,
    { expected: declared },
  )
}

/** The error of a session that the server does not know any more. */
export function lostSession(
  id: string,
  status: number,
  { acknowledged, restarts }: SessionState,
): SessionLostError {
  const why = restarts > 0 ? 'it was begun anew before' : 'the content can be read once'
  return new SessionLostError(
    `${id}: the server no longer knows the upload (${status}), of which it had ${acknowledged} bytes, and ${why}; ` +
      `upload it again from its beginning`,
    { status, acknowledged },
  )
}

/** The error of a new session that a precondition refuses, when the one before was lost with everything in it. */
export function perhapsStored(id: string): MaybeAppliedError {
  return new MaybeAppliedError(
    `${id}: the session was lost after everything had been sent, and a new one was refused by a precondition (412). ` +
      `The first may have been carried out: compare what is stored with what was sent`,
  )
}

/** The error of an upload all of which was sent, when nobody could be asked what became of it. */
export function perhapsWhole(
  id: string,
  request: RequestSummary,
  { recorded, cause }: { readonly recorded: boolean; readonly cause: unknown },
): MaybeAppliedError {
  const next = recorded ? 'make the same call again, which asks' : 'compare what is stored with what was sent'
  return new MaybeAppliedError(
    `${id}: all bytes were sent, and no answer says what became of them, so it may have been carried out; ${next}`,
    { request, cause },
  )
}

/** The error of a server that takes bytes and keeps none. */
export function nothingKept(id: string, { acknowledged }: SessionState): TransportError {
  return new TransportError(
    `${id}: the server keeps nothing of what it is sent; it has ${acknowledged} bytes`,
    { reason: 'NOTHING_STORED', progress: 'answered' },
  )
}

/** The error of an answer that does not say what it must. */
export function unreadable(id: string, { status, headers }: AnswerHead, what: string): ParseError {
  return new ParseError(`${id}: the answer (${status}) to a part of the upload cannot be used: ${what}`, {
    status,
    contentType: headers['content-type'] ?? '',
  })
}
