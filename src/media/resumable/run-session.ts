import {
  DataLossError,
  MaybeAppliedError,
  ParseError,
  SessionLostError,
  TransportError,
} from '../../errors.ts'
import { parseErrorBody } from '../../protocol/error-body.ts'
import { responseBody } from '../../protocol/http-body.ts'
import type { HttpHeaders, HttpRequest, HttpResponse, StreamBody } from '../../protocol/http.ts'
import { formatCrc32c } from '../../protocol/crc32c.ts'
import type { CallContext } from '../../transport/call-context.ts'
import { costOf, LONGEST_WAIT_MS } from '../../transport/retry.ts'
import { DEFAULT_RETRY, type Failure, isIdempotent, isRetryable } from '../../transport/retry-decision.ts'
import { redactUrl } from '../../transport/redact.ts'
import type { RunningChecksum } from '../checksum.ts'
import { checkAnswer } from '../checksum.ts'
import type { UploadHand } from '../upload-hand.ts'
import { Attempt, type AttemptHost } from './attempt.ts'
import type { UploadState } from '../upload-store.ts'
import type { Content } from './content.ts'
import { contentRange } from './content-range.ts'
import { googUpload } from './goog-upload.ts'
import type { Dialect, SessionRequest } from './dialect.ts'
import { next } from './session.ts'
import type { SessionAction, SessionEvent, SessionFailure, SessionState } from './session-state.ts'
import { cleanAnswer, cleanError, secretsOfSession } from './session-secrets.ts'
import type { SessionRecord } from './session-record.ts'

/** An upload in a session, ready to run. */
export interface SessionPlan {
  /** The method id. */
  readonly id: string
  /** The request that begins the session, headers and metadata and all. */
  readonly start: HttpRequest
  readonly dialect: Dialect
  readonly contentType: string
  readonly content: Content
  readonly checksum: RunningChecksum | undefined
  /** Whether the last request declares the checksum. */
  readonly declares: boolean
  readonly state: SessionState
  /** The session of before, to go on with. */
  readonly resume: { readonly sessionUrl: string; readonly event: SessionEvent } | undefined
  /** Where it is kept how far the upload is. */
  readonly record: SessionRecord | undefined
}

/** What a session needs of the client. */
export interface SessionHost extends AttemptHost {
  readonly hand: UploadHand
  readonly random: () => number
  /** @throws when the address of a session may not be asked. */
  readonly guard: (sessionUrl: string) => void
  readonly budget: {
    take(url: string, cost: number): boolean
    refill(url: string, amount?: number): void
  }
}

/** Runs an upload to its end, whatever happens on the way, and gives the last answer: a success, or a refusal. */
export function runSession(plan: SessionPlan, host: SessionHost): Promise<HttpResponse> {
  return new SessionRun(plan, host).run()
}

/** Gives up a session of before, as well as that can be done. One that may not be asked is left alone. */
export async function cancelSession(
  { sessionUrl, dialect }: Pick<UploadState, 'sessionUrl' | 'dialect'>,
  start: HttpRequest,
  host: SessionHost,
): Promise<void> {
  try {
    host.guard(sessionUrl)
  } catch {
    return
  }
  const { cancel } = dialect === 'goog-upload' ? googUpload : contentRange
  await tryRequest(requestOf(start, sessionUrl, cancel()), host)
}

/** Sends a request whose answer does not matter. */
async function tryRequest(request: HttpRequest, host: SessionHost): Promise<void> {
  const attempt = new Attempt({ ...host, stallTimeoutMs: CANCEL_TIMEOUT_MS })
  try {
    await (await attempt.send(request)).body.bytes(MOST_ANSWER_BYTES)
  } catch {
    // The server forgets it by itself, after a week.
  } finally {
    attempt.done()
  }
}

/** A request of a session: with the headers of its beginning, but for those that speak of that request. */
function requestOf(
  start: HttpRequest,
  url: string,
  { method, headers }: SessionRequest,
  more?: HttpHeaders,
): HttpRequest {
  const kept = Object.entries(start.headers).filter(([name]) => !OF_THE_START.test(name))
  return { method, url, headers: { ...more, ...Object.fromEntries(kept), ...headers } }
}

/** What came of a request: an answer at hand, or no answer. */
type Outcome = { readonly response: HttpResponse; readonly text: string } | { readonly error: unknown }

class SessionRun {
  readonly #plan: SessionPlan
  readonly #host: SessionHost
  readonly #call: CallContext
  #state: SessionState
  #sessionUrl: string | undefined
  /** The last request that was no success, for the error when the tries are used up. */
  #last: Outcome | undefined
  #failure: Failure | undefined
  #answer: HttpResponse | undefined
  /** What was taken of the budget since the last progress. */
  #taken = 0
  /** Whether a session was lost after it had everything. */
  #lostWhole = false
  /** Whether the last byte went out, and nobody has said since that it is missing. */
  #unsure = false
  #declared: string | undefined

  constructor(plan: SessionPlan, host: SessionHost) {
    this.#plan = plan
    this.#host = host
    this.#call = host.call
    this.#state = plan.state
    this.#sessionUrl = plan.resume?.sessionUrl
  }

  async run(): Promise<HttpResponse> {
    let state: 'done' | 'failed' = 'failed'
    try {
      this.#plan.content.begin()
      const response = await this.#toTheEnd()
      state = response.status < 300 ? 'done' : 'failed'
      return response
    } catch (error) {
      // What is wrong with the content or with what is stored stays so: the next call is to begin anew.
      if (error instanceof DataLossError) await this.#giveUp()
      throw error
    } finally {
      this.#plan.content.close()
      this.#host.hand.end(state)
    }
  }

  async #toTheEnd(): Promise<HttpResponse> {
    let event: SessionEvent = this.#plan.resume?.event ?? { type: 'begin' }
    for (;;) {
      const before = this.#state
      const step = next(before, event)
      this.#state = step.state
      await this.#progressed(before)
      const { action } = step
      if (action.type === 'done') return this.#conclude()
      if (action.type === 'fail') return this.#fail(action.why, event)
      event = await this.#perform(action)
    }
  }

  async #perform(action: Exclude<SessionAction, { type: 'done' | 'fail' }>): Promise<SessionEvent> {
    const { hand } = this.#host
    if (action.type === 'cancel') {
      await this.#giveUp()
      throw hand.aborted!.reason
    }
    if (hand.aborted) return { type: 'cancel' }
    if (action.type === 'rest') {
      while (hand.paused && !hand.aborted) await this.#call.wait(hand.change(), 'pause')
      return { type: 'waited' }
    }
    if (hand.paused) return { type: 'paused' }
    if (action.type === 'wait') return this.#wait(action.delayMs)
    if (action.type === 'start') return this.#start()
    return action.type === 'query' ? this.#query() : this.#send(action.from, action.to)
  }

  async #start(): Promise<SessionEvent> {
    const { start, dialect } = this.#plan
    this.#sessionUrl = undefined
    const attempt = new Attempt(this.#host)
    const outcome = await this.#exchange(attempt, start)
    if ('error' in outcome) return this.#noAnswer(outcome, attempt)
    const { response } = outcome
    if (response.status < 200 || response.status >= 300) return this.#notTaken(outcome, attempt)
    const session = dialect.session(response)
    const url =
      session && URL.canParse(session.url, start.url) ? new URL(session.url, start.url).href : undefined
    if (session === undefined || url === undefined) throw this.#unreadable(response, 'it names no session')
    if (session.granularity !== undefined && !isGranularity(session.granularity)) {
      throw this.#unreadable(response, 'its chunk granularity cannot be used')
    }
    this.#host.guard(url)
    this.#sessionUrl = url
    await this.#plan.record?.begin(url, session.granularity ?? this.#state.granularity)
    return { type: 'started', granularity: session.granularity }
  }

  async #query(): Promise<SessionEvent> {
    const { dialect } = this.#plan
    const attempt = new Attempt(this.#host)
    return this.#read(await this.#exchange(attempt, this.#request(dialect.query(this.#total()))), attempt)
  }

  async #send(from: number, to: number | undefined): Promise<SessionEvent> {
    const { content, dialect, checksum, declares } = this.#plan
    const call = this.#call
    call.phase = 'content'
    const piece = await call.wait(content.piece(from, to), 'content')
    const { total } = piece
    let { body } = piece
    let more: HttpHeaders = { 'content-type': this.#plan.contentType }
    if (declares && checksum && total !== undefined && piece.to === total) {
      // What is not in the checksum yet is held, so that it can be declared before the last byte goes.
      const rest = checksum.hashed < total ? await call.wait(gather(body), 'content') : undefined
      if (rest !== undefined) body = { length: total - from, replayable: true, open: () => again(rest) }
      this.#declared = formatCrc32c(checksum.crc)
      more = { ...more, 'x-goog-hash': `crc32c=${this.#declared}` }
    }
    const attempt = new Attempt(this.#host, from)
    const request = this.#request(dialect.send({ from, to: piece.to, total }), more)
    const outcome = await this.#exchange(attempt, request, body)
    if (isLost(outcome) && attempt.sentTo >= (this.#total() ?? Infinity)) this.#unsure = true
    const event = this.#read(outcome, attempt)
    return { ...event, sent: attempt.sentTo, total: this.#total() }
  }

  /** What is known of the total by now: the end of a stream may have come. */
  #total(): number | undefined {
    const total = this.#plan.content.total ?? this.#state.total
    this.#host.meter.total = total
    return total
  }

  #request(request: SessionRequest, more?: HttpHeaders): HttpRequest {
    return requestOf(this.#plan.start, this.#sessionUrl!, request, more)
  }

  /** Sends a request that pause and abort break off, and reads the answer. */
  async #exchange(attempt: Attempt, request: HttpRequest, body?: StreamBody): Promise<Outcome> {
    const { hand } = this.#host
    try {
      return await hand.during(
        () => attempt.end(INTERRUPTED),
        async () => {
          const response = await attempt.send(request, body)
          const bytes = await response.body.bytes(MOST_ANSWER_BYTES)
          const answer = { ...response, body: responseBody(bytes) }
          return { response: answer, text: response.status < 300 ? '' : new TextDecoder().decode(bytes) }
        },
      )
    } catch (error) {
      return { error }
    } finally {
      attempt.done()
      this.#remember(attempt.sent)
    }
  }

  /** What errors may be told of a request: its credential, to hide it, and never the address of a session. */
  #remember(sent: HttpRequest | undefined): void {
    const { start } = this.#plan
    if (sent === undefined) return
    this.#call.sent =
      this.#sessionUrl === undefined ? sent : { ...start, headers: { ...start.headers, ...sent.headers } }
  }

  /** What an answer to a request of the session means. */
  #read(outcome: Outcome, attempt: Attempt): SessionEvent {
    if ('error' in outcome) return this.#noAnswer(outcome, attempt)
    const { response } = outcome
    const meaning = this.#plan.dialect.read(response)
    if (meaning.type === 'unreadable') throw this.#unreadable(response, meaning.what)
    if (meaning.type === 'failed') return this.#notTaken(outcome, attempt)
    this.#host.budget.refill(this.#plan.start.url)
    const sure = { random: this.#host.random(), now: this.#call.settings.clock.now() }
    switch (meaning.type) {
      case 'stored':
        this.#unsure = false
        this.#keep(outcome, { error: undefined })
        return { type: 'stored', bytes: meaning.bytes, ...sure }
      case 'unclear':
        this.#keep(outcome, { error: undefined })
        return { type: 'unclear', ...sure }
      case 'lost': {
        const { total, sent } = this.#state
        this.#keep(outcome, { error: undefined })
        this.#lostWhole ||= total !== undefined && Math.max(sent, attempt.sentTo) >= total
        return { type: 'lost', rewindable: this.#plan.content.rewindable }
      }
      default:
        this.#answer = response
        return { type: 'completed' }
    }
  }

  #noAnswer(outcome: { readonly error: unknown }, attempt: Attempt): SessionEvent {
    this.#call.throwIfEnded()
    if (outcome.error === INTERRUPTED) return { type: 'paused' }
    if (attempt.sourceError) throw attempt.sourceError.reason
    return this.#doubt(outcome, { error: outcome.error })
  }

  #notTaken(outcome: Extract<Outcome, { response: HttpResponse }>, { sent }: Attempt): SessionEvent {
    const { response, text } = outcome
    const { status, headers } = response
    const secrets = this.#sessionUrl === undefined ? [] : secretsOfSession(sent!.url)
    const clean = { response: cleanAnswer(response, text, secrets), text }
    return this.#doubt(clean, { status, headers, body: parseErrorBody(text) })
  }

  /** A failure after which the server is asked, or one that ends it. */
  #doubt(outcome: Outcome, failure: Failure): SessionEvent {
    this.#keep(outcome, failure)
    const policy = this.#call.settings.retry ?? DEFAULT_RETRY
    const request = { method: 'PUT', url: this.#plan.start.url, headers: {} }
    if (!isRetryable(request, failure, { ...policy, idempotent: true })) return { type: 'refused' }
    return { type: 'doubt', failure, random: this.#host.random(), now: this.#call.settings.clock.now() }
  }

  #keep(outcome: Outcome, failure: Failure): void {
    this.#last = outcome
    this.#failure = failure
  }

  /** Waits before the server is asked, unless the time or the budget does not suffice. */
  async #wait(delayMs: number): Promise<SessionEvent> {
    const call = this.#call
    const { budget, hand } = this.#host
    const { url } = this.#plan.start
    const cost = costOf(this.#failure!)
    const inTime = delayMs < Math.min(call.remainingMs(), LONGEST_WAIT_MS)
    call.retryBudgetExhausted = inTime && !budget.take(url, cost)
    if (!inTime || call.retryBudgetExhausted) return { type: 'refused' }
    this.#taken += cost
    let interrupt = (): void => {}
    const interrupted = new Promise<void>((resolve) => (interrupt = resolve))
    await hand.during(interrupt, () => Promise.race([call.sleep(delayMs, 'retry'), interrupted]))
    return { type: 'waited' }
  }

  /** The server has more than before: what led there was not in vain. */
  async #progressed(before: SessionState): Promise<void> {
    const { acknowledged } = this.#state
    if (acknowledged === before.acknowledged) return
    this.#host.meter.acknowledge(acknowledged)
    if (acknowledged < before.acknowledged) return
    if (this.#taken > 0) this.#host.budget.refill(this.#plan.start.url, this.#taken)
    this.#taken = 0
    await this.#plan.record?.advance(acknowledged)
  }

  async #conclude(): Promise<HttpResponse> {
    const { content, checksum, id, record } = this.#plan
    const response = await checkAnswer(this.#answer!, id, async () => {
      // Somebody else may have sent the end of it.
      if (checksum) await content.hashTo(content.total ?? Infinity)
      const length = content.total ?? this.#state.sent
      return { length, crc32c: checksum?.hashed === length ? checksum.crc : undefined }
    })
    this.#host.meter.finish()
    await record?.end()
    return response
  }

  async #fail(why: SessionFailure, event: SessionEvent): Promise<HttpResponse> {
    const { id, record } = this.#plan
    const { acknowledged, sent, total } = this.#state
    switch (why) {
      case 'shrank':
      case 'beyond': {
        const bytes = event.type === 'stored' ? event.bytes : acknowledged
        const known = why === 'shrank' ? `it had ${acknowledged} before` : `${sent} were sent`
        throw new DataLossError(
          `${id}: the server says that it has ${bytes} bytes of the content, and ${known}; the upload was given up`,
          { expected: String(why === 'shrank' ? acknowledged : sent), actual: String(bytes) },
        )
      }
      case 'early':
        throw new DataLossError(
          `${id}: the server says that the upload is complete after ${sent} of ${total ?? 'more'} bytes; look at what it stored`,
          { expected: String(total ?? 'more'), actual: String(sent) },
        )
      case 'lost': {
        await record?.end()
        const status = this.#last && 'response' in this.#last ? this.#last.response.status : 404
        throw new SessionLostError(
          `${id}: the server no longer knows the upload (${status}), of which it had ${acknowledged} bytes, and ` +
            `${this.#state.restarts > 0 ? 'it was begun anew before' : 'the content can be read once'}; upload it again from its beginning`,
          { status, acknowledged },
        )
      }
      default:
        return this.#lastAnswer()
    }
  }

  /** The answer or the error that it ended with. */
  async #lastAnswer(): Promise<HttpResponse> {
    const { id, record, start } = this.#plan
    const last = this.#last!
    const policy = this.#call.settings.retry ?? DEFAULT_RETRY
    const doubtful = this.#unsure && !(policy.idempotent ?? isIdempotent(start))
    if ('error' in last) {
      const error = cleanError(last.error, this.#sessionUrl, { id, method: start.method, url: start.url })
      // Others say by themselves that the server may have acted.
      if (doubtful && !isLost({ error })) throw this.#maybeStored(error)
      if (this.#call.retryBudgetExhausted && error instanceof TransportError)
        error.retryBudgetExhausted = true
      throw error
    }
    const { status } = last.response
    if (status === 412 && this.#lostWhole) {
      throw new MaybeAppliedError(
        `${id}: the session was lost after everything had been sent, and a new one was refused by a precondition (412). ` +
          `The first may have been carried out: compare what is stored with what was sent`,
      )
    }
    if (status < 300 || status === 308) {
      throw new TransportError(
        `${id}: the server keeps nothing of what it is sent; it has ${this.#state.acknowledged} bytes`,
        { reason: 'NOTHING_STORED', progress: 'answered' },
      )
    }
    if (doubtful && (status >= 500 || PASSING.has(status))) throw this.#maybeStored()
    // Such a session will not take more.
    if (status < 500 && !PASSING.has(status)) await record?.end()
    if (status === 400 && this.#declared !== undefined && last.text.includes(this.#declared)) {
      throw new DataLossError(
        `${id}: what arrived at the server is not what was sent: its CRC-32C is not ${this.#declared}; nothing was stored`,
        { expected: this.#declared },
      )
    }
    return last.response
  }

  /** All was sent, and of what became of it nobody could be asked. */
  #maybeStored(cause?: unknown): MaybeAppliedError {
    const { id, record, start } = this.#plan
    const next = record ? 'make the same call again, which asks' : 'compare what is stored with what was sent'
    const answered =
      this.#last && 'response' in this.#last ? ` (the last answer was ${this.#last.response.status})` : ''
    return new MaybeAppliedError(
      `${id}: all bytes were sent, and no answer says what became of them${answered}, so it may have been carried out; ${next}`,
      { request: { id, method: start.method, url: redactUrl(start.url) }, cause },
    )
  }

  /** Cancels the session, as well as it can be, and forgets it. */
  async #giveUp(): Promise<void> {
    await this.#plan.record?.end()
    if (this.#sessionUrl !== undefined)
      await tryRequest(this.#request(this.#plan.dialect.cancel()), this.#host)
  }

  #unreadable({ status, headers }: HttpResponse, what: string): ParseError {
    const contentType = headers['content-type'] ?? ''
    return new ParseError(
      `${this.#plan.id}: the answer (${status}) to a part of the upload cannot be used: ${what}`,
      {
        status,
        contentType,
      },
    )
  }
}

/** What an attempt ends with when a control says so. */
const INTERRUPTED = new Error('interrupted')
const MOST_ANSWER_BYTES = 67_108_864
const CANCEL_TIMEOUT_MS = 10_000
/** A cause outside of the session. */
const PASSING: ReadonlySet<number> = new Set([401, 403, 408, 429])
/** Headers of the beginning, which are not those of the bytes. */
const OF_THE_START = /^(content-type|x-upload-content-|x-goog-upload-)/

/** A multiple that a chunk in memory can have. */
function isGranularity(bytes: number): boolean {
  return bytes > 0 && bytes <= 268_435_456
}

/** Whether the server can have carried out a request and nobody heard of it. */
function isLost(outcome: Outcome): boolean {
  return 'error' in outcome && outcome.error instanceof TransportError && outcome.error.progress !== 'unsent'
}

async function gather(body: StreamBody): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body.open()) chunks.push(chunk.slice()) // the source may use its memory again
  return chunks
}

async function* again(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, undefined> {
  yield* chunks
}
