import type { RestDescription, RestMethod } from '../discovery/document.ts'
import type { AccessToken, AccessTokens, Principal } from './access-tokens.ts'
import type { Accounts } from './accounts.ts'
import { ApiFailure, type ApiFailureDetails } from './api-failure.ts'
import type { ApiKeys } from './api-keys.ts'
import type { ShownCredentials } from './credentials.ts'
import type { Clock } from './clock.ts'
import type { RouteMatch } from './router.ts'
import { selfSignedToken } from './self-signed.ts'
import { hostOf } from './served-documents.ts'

/** What calls are checked against. */
export interface Gate {
  readonly tokens: AccessTokens
  readonly apiKeys: Pick<ApiKeys, 'has'>
  readonly accounts: Accounts
  readonly clock: Clock
  /** Whether calls without any credential are answered. */
  readonly anonymous: boolean
}

/**
 * Who makes a call, or undefined for nobody in particular where that is allowed: with an API key for public data,
 * and without anything where the emulator allows it. Methods that name no scopes, such as those of the Discovery
 * Service, are open to all.
 * @param openToKeys whether an API key alone will do
 * @throws {ApiFailure} 400 for an API key that is none, 401, or 403 when the token has none of the method's scopes.
 */
export async function authenticate(
  { document, method }: Pick<RouteMatch, 'document' | 'method'>,
  { authorization, apiKey }: ShownCredentials,
  openToKeys: boolean,
  gate: Gate,
  origin: string,
): Promise<Principal | undefined> {
  if (apiKey !== undefined && !gate.apiKeys.has(apiKey)) throw unknownKey(document)
  const scopes = method.scopes ?? []
  const audiences = [`${origin}/`, `https://${hostOf(document)}/`]
  const token =
    authorization === undefined ? undefined : await findToken(authorization, gate, method, audiences)
  if (scopes.length === 0) return token?.principal
  if (authorization === undefined) {
    if (gate.anonymous || (apiKey !== undefined && openToKeys)) return undefined
    throw apiKey === undefined
      ? unauthorized('required', `Anonymous callers may not call ${method.id}: the request has no token.`)
      : keyAlone(method)
  }
  if (!token) throw unauthorized('authError', 'Invalid Credentials', { error: 'invalid_token' })
  if (!scopes.some((scope) => token.scopes.has(scope))) throw insufficientScope(method, scopes)
  return token.principal
}

async function findToken(
  authorization: string,
  { accounts, clock, tokens }: Gate,
  method: RestMethod,
  audiences: readonly string[],
): Promise<AccessToken | undefined> {
  const bearer = /^Bearer +([^\s]+)$/i.exec(authorization)?.[1]
  if (bearer === undefined) return undefined
  const isSigned = bearer.split('.').length === 3
  const token = isSigned
    ? await selfSignedToken(bearer, { accounts, audiences, method, nowMs: clock.now() })
    : tokens.find(bearer)
  return token && !accounts.isDisabled(token.principal.email) ? token : undefined
}

function unknownKey(document: RestDescription): ApiFailure {
  return new ApiFailure(400, 'badRequest', 'API key not valid. Please pass a valid API key.', {
    info: {
      reason: 'API_KEY_INVALID',
      domain: 'googleapis.com',
      metadata: { service: hostOf(document) },
    },
  })
}

function keyAlone(method: RestMethod): ApiFailure {
  return unauthorized(
    'required',
    'API keys are not supported by this API. Expected OAuth2 access token or other authentication credentials that assert a principal.',
    { info: { reason: 'CREDENTIALS_MISSING', domain: 'googleapis.com', metadata: { method: method.id } } },
  )
}

const REALM = 'Bearer realm="https://accounts.google.com/"'

function unauthorized(
  reason: string,
  message: string,
  { error, info }: { error?: string; info?: ApiFailureDetails['info'] } = {},
): ApiFailure {
  return new ApiFailure(401, reason, message, {
    location: 'Authorization',
    locationType: 'header',
    headers: { 'www-authenticate': error === undefined ? REALM : `${REALM}, error="${error}"` },
    ...(info && { info }),
  })
}

function insufficientScope(method: RestMethod, scopes: readonly string[]): ApiFailure {
  return new ApiFailure(403, 'insufficientPermissions', 'Insufficient Permission', {
    headers: {
      'www-authenticate': `${REALM}, error="insufficient_scope", scope="${scopes.join(' ')}"`,
    },
    info: {
      reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT',
      domain: 'googleapis.com',
      metadata: { method: method.id },
    },
  })
}
