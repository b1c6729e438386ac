import { responseBody } from '../../protocol/http-body.ts'
import type { HttpHeaders, HttpResponse } from '../../protocol/http.ts'
import { errorAnswer } from '../answers.ts'
import { ApiFailure, notFound } from '../api-failure.ts'
import { createReceiver, type ReceivedBytes, type Receiver } from '../receive.ts'
import type { Call, JsonObject } from '../service.ts'
import type { StateSlot } from '../state.ts'

/** An upload that goes over several requests: what it was begun with, and what has come. */
export interface Session {
  readonly id: string
  /** The call that began it: parameters and preconditions are those of that request. */
  readonly call: Call
  readonly metadata: JsonObject
  readonly mediaType: string | undefined
  /** How long the upload will be, as far as its beginning said. */
  readonly declaredLength: number | undefined
  /** Only multiples of so many bytes are kept of what is not the end. */
  readonly granularityBytes: number
  readonly createdAt: number
  /** Answers the whole upload: what the method's handler makes of the call once the bytes are there. */
  readonly answer: (call: Call) => Promise<HttpResponse>
  /** How many bytes are kept. */
  stored: number
  /** The bytes kept so far; made with the first ones. */
  receiver: Receiver | undefined
  /** Writes go one after the other, also those of several requests. */
  writing: Promise<void>
  cancelled: boolean
  /** What the upload ended in, to be told to everyone who asks again. */
  outcome: Promise<Outcome> | undefined
}

/** The answer that a finished upload has, good or bad. */
interface Outcome {
  readonly status: number
  readonly headers: HttpHeaders
  readonly bytes: Uint8Array
}

/** The uploads under way and those that ended, by id. */
export function sessions({ state }: Pick<Call, 'state'>): Map<string, Session> {
  return state.get(slot)
}

/**
 * Keeps bytes that belong at `offset`, at the latest where the kept ones end; those that are there already are passed
 * over. Does nothing once the upload has ended.
 */
export function keepBytes(session: Session, offset: number, bytes: Uint8Array): Promise<void> {
  const writing = session.writing.then(async () => {
    if (session.cancelled || session.outcome) return
    await append(session, offset, bytes)
  })
  // After a write that failed nobody knows what is there.
  session.writing = writing.catch(() => {
    session.cancelled = true
    return discard(session)
  })
  return writing
}

/** Ends the upload with its last bytes, and lets the method do what it is for. Nobody ends it a second time. */
export async function finishUpload(
  session: Session,
  offset: number,
  tail: Uint8Array,
  headers: HttpHeaders,
): Promise<HttpResponse> {
  checkNotCancelled(session)
  session.outcome ??= conclude(session, offset, tail, headers)
  return repeatOutcome(session.outcome)
}

/** The answer of an upload that has ended, once more. */
export async function repeatOutcome(outcome: Promise<Outcome>): Promise<HttpResponse> {
  const { status, headers, bytes } = await outcome
  return { status, headers, body: responseBody(bytes) }
}

/** Fails with 404 for an upload that somebody cancelled. */
export function checkNotCancelled({ cancelled }: Session): void {
  if (cancelled) throw notFound('The upload was cancelled.')
}

/** Drops what was kept. */
export async function cancelUpload(session: Session): Promise<void> {
  session.cancelled = true
  await session.writing
  await discard(session)
}

async function append(session: Session, offset: number, bytes: Uint8Array): Promise<void> {
  const fresh = bytes.subarray(session.stored - offset)
  if (fresh.length === 0) return
  session.receiver ??= await createReceiver()
  await session.receiver.write(fresh)
  session.stored += fresh.length
}

async function conclude(
  session: Session,
  offset: number,
  tail: Uint8Array,
  headers: HttpHeaders,
): Promise<Outcome> {
  const { call, metadata, mediaType } = session
  await session.writing
  checkNotCancelled(session)
  await append(session, offset, tail)
  const receiver = session.receiver ?? (await createReceiver())
  session.receiver = undefined
  const received = await receiver.finish()
  const response = await session
    .answer({
      ...call,
      headers: withFinalHash(call.headers, headers),
      upload: { metadata, mediaType, received },
    })
    .catch((error: unknown) => {
      if (error instanceof ApiFailure) return errorAnswer(error, call.errorForm)
      throw error
    })
  return { status: response.status, headers: response.headers, bytes: await response.body.bytes() }
}

/** Checksums in the headers of the first request would be those of its own body, which is the metadata. */
function withFinalHash(first: HttpHeaders, last: HttpHeaders): HttpHeaders {
  const { 'x-goog-hash': _, 'content-md5': __, ...kept } = first
  const hash = last['x-goog-hash']
  return hash === undefined ? kept : { ...kept, 'x-goog-hash': hash }
}

async function discard(session: Session): Promise<void> {
  const { receiver } = session
  session.receiver = undefined
  await receiver?.discard()
}

/** What a session has for a call whose bytes are still to come, or have come. */
export interface HeldUpload {
  readonly metadata: JsonObject
  readonly mediaType: string | undefined
  /** Undefined while the upload begins. */
  readonly received?: ReceivedBytes
}

const slot: StateSlot<Map<string, Session>> = {
  create: () => new Map(),
  dispose: async (all) => {
    await Promise.all([...all.values()].map(cancelUpload))
  },
}
