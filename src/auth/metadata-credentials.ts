import { AuthError, ValidationError } from '../errors.ts'
import { checkOptionNames } from '../request/option-names.ts'
import type { Credentials, CredentialsContext } from '../transport/credentials.ts'
import { askMetadataServer } from './metadata-server.ts'
import type { AccessToken } from './token-cache.ts'
import { tokenCredentials } from './token-credentials.ts'
import { readToken } from './token-endpoint.ts'

/** Which account of the machine, and for what. */
export interface MetadataOptions {
  /** The address of one of its service accounts. Default: the one that it has by default. */
  readonly serviceAccount?: string | undefined
  /** Fewer scopes than the machine has. Default: all of them. */
  readonly scopes?: readonly string[] | undefined
  /** The project that is charged, sent as `x-goog-user-project` unless the call names one. */
  readonly quotaProject?: string | undefined
}

/**
 * The credential of the machine that the program runs on: Compute Engine, Cloud Run, Kubernetes Engine and others, which
 * have a metadata server that gives out tokens.
 *
 * ```ts
 * import { createClient } from 'discokit'
 * import { metadataCredentials } from 'discokit/auth'
 *
 * const google = createClient({ auth: metadataCredentials() })
 * ```
 *
 * @throws {ValidationError} for options that cannot be used.
 */
export function metadataCredentials(options: MetadataOptions = {}): Credentials {
  check(options)
  const { serviceAccount = 'default', scopes, quotaProject } = options
  const query = scopes ? `?scopes=${encodeURIComponent(scopes.join(','))}` : ''
  const path = `instance/service-accounts/${encodeURIComponent(serviceAccount)}/token${query}`

  async function fetchToken(context: CredentialsContext): Promise<AccessToken> {
    const text = await askMetadataServer(path, context)
    const bad = (why: string): AuthError =>
      new AuthError(`the metadata server answered, but ${why}`, { reason: 'unreadable_answer' })
    let answer: Record<string, unknown> | null
    try {
      answer = JSON.parse(text) as Record<string, unknown> | null
    } catch {
      throw bad('it is not JSON')
    }
    return readToken(answer ?? {}, bad)
  }

  return tokenCredentials({ kind: 'metadata server', fetchToken, quotaProject })
}

function check(options: MetadataOptions): void {
  const what = 'the credential of the machine cannot be used'
  checkOptionNames(what, options, ['serviceAccount', 'scopes', 'quotaProject'])
  const { serviceAccount, scopes } = options
  if (serviceAccount !== undefined && (typeof serviceAccount !== 'string' || serviceAccount === ''))
    throw new ValidationError(what, [{ path: 'serviceAccount', message: 'must be an address' }])
  if (scopes !== undefined && (!Array.isArray(scopes) || scopes.length === 0))
    throw new ValidationError(what, [{ path: 'scopes', message: 'must be a list of scopes' }])
}
