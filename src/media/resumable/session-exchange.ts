import { parseErrorBody } from '../../protocol/error-body.ts'
import { responseBody } from '../../protocol/http-body.ts'
import type { HttpRequest, HttpResponse, StreamBody } from '../../protocol/http.ts'
import type { CallContext } from '../../transport/call-context.ts'
import { DEFAULT_RETRY, type Failure, isRetryable } from '../../transport/retry-decision.ts'
import type { Attempt } from '../attempt.ts'
import { unreadable } from './session-failures.ts'
import type { SessionHost, SessionPlan } from './session-plan.ts'
import { cleanAnswer, secretsOfSession } from './session-secrets.ts'
import type { SessionEvent } from './session-state.ts'

/** What came of a request: an answer at hand, or no answer. */
export type Outcome = { readonly response: HttpResponse; readonly text: string } | { readonly error: unknown }

/** The requests of one upload: sends them, and says what came of each as an event of the session. */
export class SessionExchange {
  sessionUrl: string | undefined
  /** The last request that was no success, for the error when the tries are used up. */
  last: Outcome | undefined
  failure: Failure | undefined
  /** The answer that ended the upload. */
  answer: HttpResponse | undefined
  readonly #plan: SessionPlan
  readonly #host: SessionHost
  readonly #call: CallContext

  constructor(plan: SessionPlan, host: SessionHost) {
    this.#plan = plan
    this.#host = host
    this.#call = host.call
    this.sessionUrl = plan.resume?.sessionUrl
  }

  /** Sends a request that pause and abort break off, and reads the answer. */
  async send(attempt: Attempt, request: HttpRequest, body?: StreamBody): Promise<Outcome> {
    const { hand } = this.#host
    if (hand.paused || hand.aborted) return { error: INTERRUPTED } // while the content was read
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
      this.sessionUrl === undefined ? sent : { ...start, headers: { ...start.headers, ...sent.headers } }
  }

  /** What came of the request that begins a session; undefined when it was taken. */
  startEventOf(outcome: Outcome, attempt: Attempt): SessionEvent | undefined {
    if ('error' in outcome) return this.#noAnswer(outcome, attempt)
    const { status } = outcome.response
    return status < 200 || status >= 300 ? this.#notTaken(outcome, attempt) : undefined
  }

  /** What an answer to a request of the session means. */
  eventOf(outcome: Outcome, attempt: Attempt): SessionEvent {
    if ('error' in outcome) return this.#noAnswer(outcome, attempt)
    const { response } = outcome
    const meaning = this.#plan.dialect.read(response)
    if (meaning.type === 'unreadable') throw unreadable(this.#plan.id, response, meaning.what)
    if (meaning.type === 'failed') return this.#notTaken(outcome, attempt)
    this.#host.budget.refill(this.#plan.start.url)
    const sure = { random: this.#host.random(), now: this.#call.settings.clock.now() }
    switch (meaning.type) {
      case 'stored':
        this.#keep(outcome, { error: undefined })
        return { type: 'stored', bytes: meaning.bytes, ...sure }
      case 'unclear':
        this.#keep(outcome, { error: undefined })
        return { type: 'unclear', ...sure }
      case 'lost':
        this.#keep(outcome, { error: undefined })
        return { type: 'lost', rewindable: this.#plan.content.rewindable }
      default:
        this.answer = response
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
    const secrets = this.sessionUrl === undefined ? [] : secretsOfSession(sent!.url, this.#plan.start.url)
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
    this.last = outcome
    this.failure = failure
  }
}

/** What an attempt ends with when a control says so. */
const INTERRUPTED = new Error('interrupted')
const MOST_ANSWER_BYTES = 67_108_864
