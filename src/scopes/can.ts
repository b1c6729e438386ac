import { checkKinds, checkTimeout } from '../check-call.ts'
import type { ServiceAccountCredentials } from '../auth/service-account.ts'
import type { RestMethod } from '../discovery/document.ts'
import type { ExchangeDefaults } from '../exchange.ts'
import type { CallOptions } from '../options.ts'
import { checkOptionNames } from '../request/option-names.ts'
import { CallContext } from '../transport/call-context.ts'
import type { Credentials } from '../transport/credentials.ts'
import type { MethodAccess } from './method-access.ts'
import { narrowestScope } from './narrowest-scope.ts'
import { suffices } from './suffices.ts'

export { lackOfScope } from './lack-of-scope.ts'

/**
 * Whether a credential may call a method, as far as its scopes tell.
 * @throws {ValidationError} for options that do not exist or cannot be used.
 */
export async function can(
  method: RestMethod,
  credentials: Credentials,
  options: Pick<CallOptions, 'signal' | 'timeoutMs'>,
  client: Pick<ExchangeDefaults, 'transport' | 'clock' | 'tokenStore' | 'timeout'>,
): Promise<MethodAccess> {
  const { id, scopes = [] } = method
  const what = `${id ?? 'the method'}.$can`
  checkOptionNames(what, options, ['signal', 'timeoutMs'])
  checkKinds(what, options)
  checkTimeout(what, options.timeoutMs)
  const missingScope = narrowestScope(method)
  if (missingScope === undefined) return { ok: true }
  const granted = await grantedScopes(what, credentials, options, client)
  const ok = granted === undefined ? ofAccount(credentials, scopes) : suffices(scopes, granted)
  if (ok) return { ok }
  return {
    ok,
    missingScope,
    ...(credentials.authorizationUrl && {
      authorizationUrl: (asking = {}) =>
        credentials.authorizationUrl!({
          openid: false,
          accessType: 'offline',
          ...asking,
          scopes: missingScope === 'openid' ? ['openid', 'email'] : [missingScope],
          includeGrantedScopes: true,
        }),
    }),
  }
}

async function grantedScopes(
  id: string,
  credentials: Credentials,
  { signal, timeoutMs }: Pick<CallOptions, 'signal' | 'timeoutMs'>,
  { transport, clock, tokenStore, timeout }: Parameters<typeof can>[3],
): Promise<readonly string[] | undefined> {
  const call = new CallContext({ id, signal, clock, timeout: timeoutMs ?? timeout })
  try {
    call.throwIfEnded()
    return await call.wait(
      Promise.resolve(credentials.grantedScopes?.({ transport, clock, call, tokenStore })),
      'token',
    )
  } finally {
    call.finish()
  }
}

/**
 * Service accounts say themselves what their tokens may do. Those without scopes get them for all of Google Cloud, or sign a token
 * for the API whatever its scopes are, which does not show.
 */
function ofAccount(credentials: Credentials, scopes: readonly string[]): boolean | undefined {
  const { requiresScopes, scopes: own, defaultScopes } = credentials as Partial<ServiceAccountCredentials>
  if (requiresScopes === undefined) return undefined
  if (suffices(scopes, own ?? defaultScopes ?? [CLOUD_PLATFORM])) return true
  return requiresScopes ? undefined : false
}

const CLOUD_PLATFORM = 'https://www.googleapis.com/auth/cloud-platform'
