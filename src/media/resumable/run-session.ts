import { DataLossError, TransportError } from '../../errors.ts'
import { formatCrc32c } from '../../protocol/crc32c.ts'
import type { HttpHeaders, HttpRequest, HttpResponse, StreamBody } from '../../protocol/http.ts'
import type { CallContext } from '../../transport/call-context.ts'
import { summarize } from '../../transport/redact.ts'
import { costOf, LONGEST_WAIT_MS } from '../../transport/retry.ts'
import { DEFAULT_RETRY, isIdempotent } from '../../transport/retry-decision.ts'
import { checkAnswer } from '../checksum.ts'
import { Attempt } from '../attempt.ts'
import type { SessionRequest } from './dialect.ts'
import { next } from './session.ts'
import { type Outcome, SessionExchange } from './session-exchange.ts'
import {
  changedOnTheWay,
  completedEarly,
  lostBytes,
  lostSession,
  nothingKept,
  perhapsStored,
  perhapsWhole,
  unreadable,
} from './session-failures.ts'
import type { SessionHost, SessionPlan } from './session-plan.ts'
import { requestOf, tryRequest } from './session-request.ts'
import { cleanError } from './session-secrets.ts'
import type { SessionAction, SessionEvent, SessionFailure, SessionState } from './session-state.ts'

/** Runs an upload to its end, whatever happens on the way, and gives the last answer: a success, or a refusal. */
export function runSession(plan: SessionPlan, host: SessionHost): Promise<HttpResponse> {
  return new SessionRun(plan, host).run()
}

class SessionRun {
  readonly #plan: SessionPlan
  readonly #host: SessionHost
  readonly #call: CallContext
  #state: SessionState
  readonly #exchange: SessionExchange
  /** What was taken of the budget since the last progress. */
  #taken = 0
  /** Whether a session was lost after it had everything. */
  #lostWhole = false
  /** Whether the last byte went out, no answer came, and nobody has said since that it is missing. */
  #unsure = false
  #declared: string | undefined
  /** What goes on when the call is over: an upload that was aborted is given up at the server too. */
  #tidying: Promise<void> | undefined

  constructor(plan: SessionPlan, host: SessionHost) {
    this.#plan = plan
    this.#host = host
    this.#call = host.call
    this.#state = plan.state
    this.#exchange = new SessionExchange(plan, host)
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
      else await this.#plan.record?.kept() // so that the next call knows how far this one was
      throw error
    } finally {
      this.#plan.content.close()
      this.#host.hand.end(state, this.#tidying)
    }
  }

  async #toTheEnd(): Promise<HttpResponse> {
    let event: SessionEvent = this.#plan.resume?.event ?? { type: 'begin' }
    for (;;) {
      const before = this.#state
      if (event.type === 'lost') {
        const { total, sent } = before
        this.#lostWhole ||= total !== undefined && Math.max(sent, event.sent ?? 0) >= total
      }
      if (event.type === 'stored') this.#unsure = false
      const step = next(before, event)
      this.#state = step.state
      this.#progressed(before)
      const { action } = step
      if (action.type === 'done') return this.#conclude()
      if (action.type === 'fail') return this.#fail(action.why, event)
      event = await this.#perform(action)
    }
  }

  async #perform(action: Exclude<SessionAction, { type: 'done' | 'fail' }>): Promise<SessionEvent> {
    const { hand } = this.#host
    if (action.type === 'cancel') {
      this.#tidying = this.#giveUp()
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
    this.#exchange.sessionUrl = undefined
    const attempt = new Attempt(this.#host)
    const outcome = await this.#exchange.send(attempt, start)
    const failed = this.#exchange.startEventOf(outcome, attempt)
    if (failed || 'error' in outcome) return failed!
    const { response } = outcome
    const session = dialect.session(response)
    const url =
      session && URL.canParse(session.url, start.url) ? new URL(session.url, start.url).href : undefined
    if (session === undefined || url === undefined)
      throw unreadable(this.#plan.id, response, 'it names no session')
    if (session.granularity !== undefined && !isGranularity(session.granularity)) {
      throw unreadable(this.#plan.id, response, 'its chunk granularity cannot be used')
    }
    this.#host.guard(url)
    this.#exchange.sessionUrl = url
    const { record } = this.#plan
    if (record !== undefined) {
      const kept = record.begin(url, session.granularity ?? this.#state.granularity).then(() => true)
      if ((await this.#read(kept, 'store')) === undefined) return { type: 'cancel' }
    }
    return { type: 'started', granularity: session.granularity }
  }

  async #query(): Promise<SessionEvent> {
    const { dialect } = this.#plan
    const attempt = new Attempt(this.#host)
    const outcome = await this.#exchange.send(attempt, this.#request(dialect.query(this.#total())))
    // The question about an upload of nothing ends it.
    this.#unsure ||= isLost(outcome) && this.#total() === 0
    return this.#exchange.eventOf(outcome, attempt)
  }

  async #send(from: number, to: number | undefined): Promise<SessionEvent> {
    const { content, dialect, checksum } = this.#plan
    const { declares } = this.#state.facts
    const piece = await this.#read(content.piece(from, to))
    if (piece === undefined) return { type: 'cancel' }
    const { total } = piece
    let { body } = piece
    let more: HttpHeaders = { 'content-type': this.#plan.contentType }
    if (declares && checksum && total !== undefined && piece.to === total) {
      // What is not in the checksum yet is held, so that it can be declared before the last byte goes.
      const rest = checksum.hashed < total ? await this.#read(gather(body)) : undefined
      if (rest !== undefined) body = { length: total - from, replayable: true, open: () => again(rest) }
      this.#declared = formatCrc32c(checksum.crc)
      more = { ...more, 'x-goog-hash': `crc32c=${this.#declared}` }
    }
    const attempt = new Attempt(this.#host, from)
    const request = this.#request(dialect.send({ from, to: piece.to, total }), more)
    const outcome = await this.#exchange.send(attempt, request, body)
    this.#unsure ||= isLost(outcome) && attempt.sentTo >= (this.#total() ?? Infinity)
    const event = this.#exchange.eventOf(outcome, attempt)
    return { ...event, sent: attempt.sentTo, total: this.#total() }
  }

  /** Waits for the content or the store, as long as nobody gives the upload up: then it is undefined. */
  async #read<T>(reading: Promise<T>, phase = 'content'): Promise<T | undefined> {
    const { hand } = this.#host
    reading.catch(() => {}) // nobody may wait for it any more
    let stop = (): void => {}
    const stopped = new Promise<undefined>((resolve) => (stop = () => resolve(undefined)))
    const interrupt = (): void => {
      if (hand.aborted) stop()
    }
    return hand.during(interrupt, () => this.#call.wait(Promise.race([reading, stopped]), phase))
  }

  /** What is known of the total by now: the end of a stream may have come. */
  #total(): number | undefined {
    const total = this.#plan.content.total ?? this.#state.total
    this.#host.meter.total = total
    return total
  }

  #request(request: SessionRequest, more?: HttpHeaders): HttpRequest {
    return requestOf(this.#plan.start, this.#exchange.sessionUrl!, request, more)
  }

  /** Waits before the server is asked, unless the time or the budget does not suffice. */
  async #wait(delayMs: number): Promise<SessionEvent> {
    const call = this.#call
    const { budget, hand } = this.#host
    const { url } = this.#plan.start
    const cost = costOf(this.#exchange.failure!)
    const inTime = delayMs < Math.min(call.remainingMs(), LONGEST_WAIT_MS)
    call.retryBudgetExhausted = inTime && !budget.take(url, cost)
    if (!inTime || call.retryBudgetExhausted) return { type: 'refused' }
    this.#taken += cost
    let timer: ReturnType<typeof setTimeout> | undefined
    let wake = (): void => {}
    const over = new Promise<void>((resolve) => {
      wake = resolve
      timer = setTimeout(resolve, delayMs)
    })
    try {
      await hand.during(wake, () => call.wait(over, 'retry'))
    } finally {
      clearTimeout(timer)
    }
    return { type: 'waited' }
  }

  /** The server has more than before: what led there was not in vain. */
  #progressed(before: SessionState): void {
    const { acknowledged } = this.#state
    if (acknowledged === before.acknowledged) return
    this.#host.meter.acknowledge(acknowledged)
    if (acknowledged < before.acknowledged) return
    if (this.#taken > 0) this.#host.budget.refill(this.#plan.start.url, this.#taken)
    this.#taken = 0
    this.#plan.record?.advance(acknowledged)
  }

  async #conclude(): Promise<HttpResponse> {
    const { content, checksum, id, record } = this.#plan
    const whole = !this.#state.foreign
    const response = await checkAnswer(this.#exchange.answer!, { id, whole }, async () => {
      // Somebody else may have sent the end of it.
      if (checksum) await content.hashTo(content.total ?? Infinity)
      const length = content.total
      return { length, crc32c: checksum?.hashed === length ? checksum?.crc : undefined }
    })
    this.#host.meter.finish()
    await record?.end()
    return response
  }

  async #fail(why: SessionFailure, event: SessionEvent): Promise<HttpResponse> {
    const { id, record } = this.#plan
    const { last } = this.#exchange
    const state = this.#state
    switch (why) {
      case 'shrank':
      case 'beyond':
        throw lostBytes(id, why, state, event.type === 'stored' ? event.bytes : state.acknowledged)
      case 'early':
        throw completedEarly(id, state)
      case 'lost':
        await record?.end()
        throw lostSession(id, last && 'response' in last ? last.response.status : 404, state)
      default:
        return this.#lastAnswer()
    }
  }

  /** The answer or the error that it ended with. */
  async #lastAnswer(): Promise<HttpResponse> {
    const { id, record, start } = this.#plan
    const last = this.#exchange.last!
    const { idempotent = isIdempotent(start) } = this.#call.settings.retry ?? DEFAULT_RETRY
    const doubtful = this.#unsure && !idempotent
    const whole = (cause?: unknown): Error =>
      perhapsWhole(id, summarize(start, id), { recorded: record !== undefined, cause })
    if ('error' in last) {
      const error = cleanError(last.error, this.#exchange.sessionUrl, {
        id,
        method: start.method,
        url: start.url,
      })
      // Others say by themselves that the server may have acted.
      if (doubtful && !isLost({ error })) throw whole(error)
      if (this.#call.retryBudgetExhausted && error instanceof TransportError)
        error.retryBudgetExhausted = true
      throw error
    }
    const { status } = last.response
    if (status === 412 && this.#lostWhole) throw perhapsStored(id)
    if (status < 300 || status === 308) throw nothingKept(id, this.#state)
    if (doubtful && (status >= 500 || PASSING.has(status))) throw whole()
    // Such a session will not take more.
    if (status < 500 && !PASSING.has(status)) await record?.end()
    const declared = this.#declared
    // The checksum in the metadata is the caller's; a wrong one is refused with the one that was declared as well.
    const theirs = crc32cIn(start.body)
    const isTheirs = theirs !== undefined && theirs !== declared && last.text.includes(theirs)
    if (status === 400 && declared !== undefined && !isTheirs && last.text.includes(declared))
      throw changedOnTheWay(id, declared)
    return last.response
  }

  /** Cancels the session, as well as it can be, and forgets it. */
  async #giveUp(): Promise<void> {
    const { record, dialect } = this.#plan
    const cancel = async (): Promise<void> =>
      this.#exchange.sessionUrl === undefined
        ? undefined
        : tryRequest(this.#request(dialect.cancel()), this.#host)
    await Promise.all([record?.end(), cancel()])
  }
}

/** A cause outside of the session. */
const PASSING: ReadonlySet<number> = new Set([401, 403, 408, 429])
/** A multiple that a chunk in memory can have. */
function isGranularity(bytes: number): boolean {
  return bytes > 0 && bytes <= 268_435_456
}

function crc32cIn(body: HttpRequest['body']): string | undefined {
  if (typeof body !== 'string' || body === '') return undefined
  const { crc32c } = (JSON.parse(body) ?? {}) as { crc32c?: unknown }
  return typeof crc32c === 'string' && crc32c !== '' ? crc32c : undefined
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
