import type { AuthorizationOptions } from '../login/authorization-options.ts'
import type { Authorization } from '../login/authorization-url.ts'

/** Whether a credential may call a method, as far as its scopes tell: `if (!may.ok)` has the scope that is missing. */
export type MethodAccess = MethodGranted | MethodLacking

/** The scopes do. */
export interface MethodGranted {
  readonly ok: true
  readonly missingScope?: undefined
  readonly authorizationUrl?: undefined
}

/** The scopes do not, or nobody can know. */
export interface MethodLacking {
  /** Undefined where nobody can know, as of an access token from elsewhere. */
  readonly ok: false | undefined
  /** The narrowest scope that would do. */
  readonly missingScope: string
  /**
   * Where to send the person for consent to `missingScope` alone, and what to keep until the browser comes back. The new tokens do
   * for what was granted before too, and there is a refresh token among them. Where the credential has an OAuth client.
   */
  authorizationUrl?(options?: ConsentOptions): Promise<Authorization>
}

/** How a person is asked for consent to one more scope. */
export type ConsentOptions = Omit<AuthorizationOptions, 'scopes' | 'includeGrantedScopes'>
