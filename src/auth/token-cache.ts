import type { HttpHeaders } from '../protocol/http.ts'
import { CallContext } from '../transport/call-context.ts'
import type { CredentialsContext } from '../transport/credentials.ts'

/** A bearer token and its end. */
export interface AccessToken {
  readonly value: string
  /** How long it lives from now, in milliseconds. */
  readonly lifetimeMs: number
}

/** Gets a new token. `call` is the refresh's own: it outlives the caller that began it. */
export type FetchToken = (context: CredentialsContext) => Promise<AccessToken>

/**
 * Holds one token and renews it. However many callers find it missing, expired or refused, there is one refresh, and
 * each of them waits for it only as long as its own deadline allows.
 *
 * A token is renewed when a sixteenth of an hour (225 seconds) of its life is left, or a quarter of a shorter life:
 * before Google's own servers would refuse it, and never on every call. When that fails, the old token serves as long
 * as it lives, and the next attempt waits for ten seconds.
 */
export class TokenCache {
  readonly #fetchToken: FetchToken
  #headers: HttpHeaders | undefined
  #freshUntil = 0
  #validUntil = 0
  #refresh: Promise<HttpHeaders> | undefined

  constructor(fetchToken: FetchToken) {
    this.#fetchToken = fetchToken
  }

  /** The header that carries the token. A promise only when a token has to be waited for. */
  headers(context: CredentialsContext): HttpHeaders | Promise<HttpHeaders> {
    if (this.#headers !== undefined && context.clock.now() < this.#freshUntil) return this.#headers
    context.call.throwIfEnded()
    this.#refresh ??= this.#renew(context).finally(() => (this.#refresh = undefined))
    return context.call.wait(this.#refresh, 'token')
  }

  /** Forgets the token that these headers carried, unless a newer one is held already. Another try may go better. */
  refused(headers: HttpHeaders): boolean {
    if (this.#headers?.['authorization'] === headers['authorization']) this.#headers = undefined
    return true
  }

  async #renew(context: CredentialsContext): Promise<HttpHeaders> {
    const call = new CallContext({
      id: 'the token request',
      timeout: TOKEN_TIMEOUT_MS,
      clock: context.clock,
    })
    try {
      const asked = context.clock.now()
      const { value, lifetimeMs } = await this.#fetchToken({ ...context, call })
      this.#validUntil = asked + lifetimeMs
      this.#freshUntil = this.#validUntil - Math.min(RENEW_AHEAD_MS, lifetimeMs / 4)
      return (this.#headers = Object.freeze({ authorization: `Bearer ${value}` }))
    } catch (error) {
      const now = context.clock.now()
      if (this.#headers === undefined || now >= this.#validUntil) throw error
      this.#freshUntil = Math.min(this.#validUntil, now + NEXT_ATTEMPT_MS)
      return this.#headers
    } finally {
      call.finish()
    }
  }
}

const TOKEN_TIMEOUT_MS = 30_000
const RENEW_AHEAD_MS = 225_000
const NEXT_ATTEMPT_MS = 10_000
