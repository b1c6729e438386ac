import type { RestMethod } from '../discovery/document.ts'
import type { AccessTokens, Principal } from './access-tokens.ts'
import type { Accounts } from './accounts.ts'
import { ApiFailure } from './api-failure.ts'

/** What calls are checked against. */
export interface Gate {
  readonly tokens: AccessTokens
  readonly accounts: Pick<Accounts, 'isDisabled'>
  /** Whether calls without any credential are answered. */
  readonly anonymous: boolean
}

/**
 * Who makes a call, or undefined for a call without credentials where that is allowed. Methods that name no scopes,
 * such as those of the Discovery Service, are open to all.
 * @throws {ApiFailure} 401, or 403 when the token has none of the method's scopes.
 */
export function authenticate(
  method: RestMethod,
  authorization: string | undefined,
  gate: Gate,
): Principal | undefined {
  const scopes = method.scopes ?? []
  if (scopes.length === 0) return undefined
  if (authorization === undefined) {
    if (gate.anonymous) return undefined
    throw unauthorized('required', `Anonymous callers may not call ${method.id}: the request has no token.`)
  }
  const bearer = /^Bearer +([^\s]+)$/i.exec(authorization)?.[1]
  const token = bearer === undefined ? undefined : gate.tokens.find(bearer)
  if (!token || gate.accounts.isDisabled(token.principal.email)) {
    throw unauthorized('authError', 'Invalid Credentials', 'error="invalid_token"')
  }
  if (!scopes.some((scope) => token.scopes.has(scope))) throw insufficientScope(method, scopes)
  return token.principal
}

function unauthorized(reason: string, message: string, error?: string): ApiFailure {
  const realm = 'Bearer realm="https://accounts.google.com/"'
  return new ApiFailure(401, reason, message, {
    location: 'Authorization',
    locationType: 'header',
    headers: { 'www-authenticate': error === undefined ? realm : `${realm}, ${error}` },
  })
}

function insufficientScope(method: RestMethod, scopes: readonly string[]): ApiFailure {
  return new ApiFailure(403, 'insufficientPermissions', 'Insufficient Permission', {
    headers: {
      'www-authenticate': `Bearer realm="https://accounts.google.com/", error="insufficient_scope", scope="${scopes.join(' ')}"`,
    },
    info: {
      reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT',
      domain: 'googleapis.com',
      metadata: { method: method.id },
    },
  })
}
