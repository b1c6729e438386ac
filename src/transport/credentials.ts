import type { SharedTokens } from '../auth/shared/shared-tokens.ts'
import type { AuthorizationOptions } from '../login/authorization-options.ts'
import type { Authorization } from '../login/authorization-url.ts'
import type { HttpHeaders } from '../protocol/http.ts'
import type { Clock } from './clock.ts'
import type { Transport, WaitingCall } from './transport.ts'

/** A way to be let in. Every kind of credential is one of these; see `discokit/auth`. */
export interface Credentials {
  /** What kind it is, for people: `service account`, `anonymous`, … */
  readonly kind: string
  /**
   * The headers that let a request in. A promise only when something has to be waited for, such as a new token.
   * @throws {AuthError} when no credential can be had.
   */
  headers(target: CredentialsTarget, context: CredentialsContext): HttpHeaders | Promise<HttpHeaders>
  /** The address that lets a request in, for the kind that goes into it. */
  address?(url: string): string
  /**
   * The server answered 401 to headers that this credential gave: forget what made them, once, however many
   * requests carried them. Gives whether asking again may give better ones.
   */
  refused?(headers: HttpHeaders): boolean
  /**
   * When the token ends that was given for this the last time, in milliseconds since 1970; undefined where that is not known.
   */
  endsAt?(target: CredentialsTarget): number | undefined
  /**
   * A credential that shows to a service of yours who this is, with ID tokens (OpenID Connect) for an audience. Of the kinds
   * that can.
   * @param audience whom the tokens are for: the address of a service, or a client id
   */
  idToken?(audience: string): Credentials
  /**
   * The scopes that the person consented to; undefined where nobody knows them. Of the kinds that stand for a person.
   * @throws {AuthError} when what keeps them cannot be read.
   */
  grantedScopes?(context: CredentialsContext): Promise<readonly string[] | undefined>
  /**
   * Where to send the person for more, and what to keep until the browser comes back: as `OAuthClient.authorizationUrl`. Of those
   * that were made with an `OAuthClient`.
   * @throws {ValidationError} for options that cannot be used.
   */
  authorizationUrl?(options?: AuthorizationOptions): Promise<Authorization>
}

/** What the credential is for. */
export interface CredentialsTarget {
  readonly url: string
  /** The scopes of the method, of which any one suffices. */
  readonly scopes?: readonly string[]
}

/** What a credential needs in order to get a token. */
export interface CredentialsContext {
  /** Sends a token request: no credentials, no retries. */
  readonly transport: Transport
  readonly clock: Clock
  /** The call that waits. A refresh is shared, so it must not end with the one call that began it. */
  readonly call: WaitingCall
  /** Has tokens that other programs got, and takes those that this one gets. */
  readonly tokenStore?: SharedTokens | undefined
}
