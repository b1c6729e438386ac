import { AuthError } from '../../errors.ts'
import type { HttpHeaders } from '../../protocol/http.ts'
import { CallContext } from '../../transport/call-context.ts'
import { type Clock, systemClock } from '../../transport/clock.ts'
import type { CredentialsContext } from '../../transport/credentials.ts'
import type { Transport } from '../../transport/transport.ts'

/** A bearer token and its end. */
export interface AccessToken {
  readonly value: string
  /** How long it lives from now, in milliseconds. */
  readonly lifetimeMs: number
}

/** Gets a new token. `call` is the refresh's own: it outlives the caller that began it. */
export type FetchToken = (context: CredentialsContext) => Promise<AccessToken>

const TOKEN_TIMEOUT_MS = 30_000
const RENEW_AHEAD_MS = 225_000
const NEXT_ATTEMPT_MS = 10_000
/** The life that a token must have left to be sent while another is on its way. */
const TOO_LATE_MS = 10_000

/**
 * Holds one token and renews it. However many callers find it missing, expired or refused, there is one refresh, and
 * each of them waits for it only as long as its own deadline allows.
 *
 * A token is renewed when a sixteenth of an hour (225 seconds) of its life is left, or a quarter of a shorter life:
 * before Google's own servers would refuse it, and never on every call. Meanwhile, and when that fails, the old token
 * serves to the last ten seconds of its life; after a failure the next attempt waits for ten seconds.
 */
export class TokenCache {
  readonly #fetchToken: FetchToken
  readonly #timeoutMs: number
  #headers: HttpHeaders | undefined
  #freshUntil = 0
  #validUntil = 0
  #refresh: Refresh | undefined
  #clock: Clock = systemClock

  /** @param timeoutMs how long a refresh may take. Default 30,000. */
  constructor(fetchToken: FetchToken, timeoutMs: number = TOKEN_TIMEOUT_MS) {
    this.#fetchToken = fetchToken
    this.#timeoutMs = timeoutMs
  }

  /** The header of the token at hand, if there is one. */
  get current(): HttpHeaders | undefined {
    return this.#headers
  }

  /** Whether there is a token that needs no renewal yet, by the clock of whoever asked last. */
  get isFresh(): boolean {
    return !!this.#headers && this.#clock.now() < this.#freshUntil
  }

  /** When the last token that came ends, in milliseconds since 1970; 0 before there was one. */
  get endsAt(): number {
    return this.#validUntil
  }

  /**
   * The header that carries the token. A promise only when a token has to be waited for: while one is renewed ahead of
   * its end, the old one serves.
   */
  headers(context: CredentialsContext): HttpHeaders | Promise<HttpHeaders> {
    const { clock, call } = context
    const now = clock.now()
    const held = this.#headers
    this.#clock = clock
    if (held && now < this.#freshUntil) return held
    call.throwIfEnded()
    const refresh = this.#begin(context)
    if (held && now < this.#validUntil - TOO_LATE_MS) {
      refresh.headers.catch(() => {}) // told to those who wait, when the time comes
      return held
    }
    return this.#wait(refresh, context).catch((error: unknown) => {
      call.throwIfEnded()
      if (!this.#headers || clock.now() >= this.#validUntil) throw error
      return this.#headers
    })
  }

  /** Gets a new token, whatever there is. That stays until the new one has come, and when none comes. */
  renew(context: CredentialsContext): Promise<HttpHeaders> {
    this.#clock = context.clock
    return this.#wait(this.#begin(context), context)
  }

  /** Forgets the token that these headers carried, unless a newer one is held already. Another try may go better. */
  refused(headers: HttpHeaders): boolean {
    if (this.#headers?.['authorization'] === headers['authorization']) this.#headers = undefined
    return true
  }

  /** The refresh under way, or a new one. */
  #begin(context: CredentialsContext): Refresh {
    return (this.#refresh ??= {
      transport: context.transport,
      headers: this.#renew(context).finally(() => (this.#refresh = undefined)),
    })
  }

  /** A refresh that was begun through a client that is closed meanwhile is begun anew through one's own. */
  async #wait(refresh: Refresh, context: CredentialsContext): Promise<HttpHeaders> {
    try {
      return await context.call.wait(refresh.headers, 'token')
    } catch (error) {
      const closed = error instanceof AuthError && error.reason === 'CLOSED'
      if (!closed || refresh.transport === context.transport) throw error
      return this.renew(context)
    }
  }

  async #renew(context: CredentialsContext): Promise<HttpHeaders> {
    const call = new CallContext({
      id: 'the token request',
      timeout: this.#timeoutMs,
      clock: context.clock,
    })
    try {
      const asked = context.clock.now()
      const token = this.#fetchToken({ ...context, call })
      const { value, lifetimeMs } = await call.wait(token, 'token')
      this.#validUntil = asked + lifetimeMs
      this.#freshUntil = this.#validUntil - Math.min(RENEW_AHEAD_MS, lifetimeMs / 4)
      return (this.#headers = Object.freeze({ authorization: `Bearer ${value}` }))
    } catch (error) {
      const nextAttempt = Math.min(this.#validUntil, context.clock.now() + NEXT_ATTEMPT_MS)
      this.#freshUntil = Math.max(this.#freshUntil, nextAttempt)
      throw error
    } finally {
      call.finish()
    }
  }
}

/** A refresh under way. */
interface Refresh {
  readonly headers: Promise<HttpHeaders>
  /** Through what the token is asked for. */
  readonly transport: Transport
}
