import { AuthError, ValidationError } from '../errors.ts'
import { checkOptionNames } from '../request/option-names.ts'
import type { Credentials, CredentialsContext } from '../transport/credentials.ts'
import { DEFAULT_UNIVERSE } from '../transport/origin-policy.ts'
import { checkAudience, readIdToken } from './id-token.ts'
import { askMetadataServer } from './metadata-server.ts'
import { standAlone } from './tokens/stand-alone.ts'
import type { AccessToken } from './tokens/token-cache.ts'
import { tokenCredentials } from './tokens/token-credentials.ts'
import { readToken } from './tokens/token-endpoint.ts'

/** Which account of the machine, and for what. */
export interface MetadataOptions {
  /** The address of one of its service accounts. Default: the one that it has by default. */
  readonly serviceAccount?: string | undefined
  /** Fewer scopes than the machine has. Default: all of them. */
  readonly scopes?: readonly string[] | undefined
  /** The project that is charged, sent as `x-goog-user-project` unless the call names one. */
  readonly quotaProject?: string | undefined
}

/** The credential of a machine, and what the machine knows of itself. */
export interface MetadataCredentials extends Credentials {
  idToken(audience: string): Credentials
  /**
   * What the metadata server has at a path below `/computeMetadata/v1/`, such as `project/project-id` or
   * `instance/service-accounts/default/email`: a text, or what JSON stands for; undefined where there is nothing.
   * @throws {AuthError} reason `metadata_server` where no such server answers.
   */
  metadata(path: string): Promise<unknown>
  /** The universe that the machine is in: `googleapis.com` where it says nothing else. */
  universeDomain(): Promise<string>
}

/**
 * The credential of the machine that the program runs on: Compute Engine, Cloud Run, Kubernetes Engine and others, which
 * have a metadata server that gives out tokens.
 *
 * ```ts
 * import { createClient } from 'discokit'
 * import { metadataCredentials } from 'discokit/auth'
 *
 * const machine = metadataCredentials()
 * const google = createClient({ auth: machine })
 * console.log(await machine.metadata('instance/zone'))
 * ```
 *
 * @throws {ValidationError} for options that cannot be used.
 */
export function metadataCredentials(options: MetadataOptions = {}): MetadataCredentials {
  check(options)
  const { serviceAccount = 'default', scopes, quotaProject } = options
  const account = `instance/service-accounts/${encodeURIComponent(serviceAccount)}`
  const query = scopes ? `?scopes=${encodeURIComponent(scopes.join(','))}` : ''

  async function accessToken(context: CredentialsContext): Promise<AccessToken> {
    const { text } = await askMetadataServer(`${account}/token${query}`, context)
    return readToken((parse(text) as Record<string, unknown> | null) ?? {}, unreadable)
  }
  async function idToken(audience: string, context: CredentialsContext): Promise<AccessToken> {
    const path = `${account}/identity?audience=${encodeURIComponent(audience)}&format=full`
    const { text } = await askMetadataServer(path, context)
    return readIdToken(text.trim(), context.clock.now(), unreadable)
  }

  return {
    ...tokenCredentials({ kind: 'metadata server', fetchToken: accessToken, quotaProject }),
    idToken(audience) {
      checkAudience(audience)
      return tokenCredentials({
        kind: 'ID token',
        fetchToken: (context) => idToken(audience, context),
        quotaProject,
      })
    },
    metadata: (path) => standAlone(`the metadata ${path}`, (context) => readMetadata(path, context)),
    universeDomain: () => standAlone('the universe of the machine', readUniverse),
  }
}

/** The universe that the machine is in. Metadata servers of long ago do not know. */
export async function readUniverse(context: CredentialsContext): Promise<string> {
  const domain = (await readMetadata('universe/universe-domain', context)) ?? ''
  if (typeof domain !== 'string' || !/^[\w.-]*$/.test(domain.trim()))
    throw unreadable('its universe-domain is no domain')
  return domain.trim() || DEFAULT_UNIVERSE
}

/** What the metadata server has at a path; see {@link MetadataCredentials.metadata}. */
export async function readMetadata(path: string, context: CredentialsContext): Promise<unknown> {
  if (typeof path !== 'string' || !/^[\w-][\w./?=&%-]*$/.test(path) || path.includes('..'))
    throw new ValidationError('the metadata cannot be read', [
      { path: 'path', message: 'must be a path such as project/project-id' },
    ])
  try {
    const { text, isJson } = await askMetadataServer(path, context)
    return isJson ? parse(text) : text
  } catch (error) {
    if (error instanceof AuthError && error.status === 404) return undefined
    throw error
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw unreadable('it is not JSON') // the error's own text repeats a piece of it
  }
}

function unreadable(why: string): AuthError {
  return new AuthError(`the metadata server answered, but ${why}`, { reason: 'unreadable_answer' })
}

function check(options: MetadataOptions): void {
  const what = 'the credential of the machine cannot be used'
  checkOptionNames(what, options, ['serviceAccount', 'scopes', 'quotaProject'])
  const { serviceAccount, scopes } = options
  // It becomes a part of a path.
  if (serviceAccount !== undefined && (typeof serviceAccount !== 'string' || !/^\w/.test(serviceAccount)))
    throw new ValidationError(what, [{ path: 'serviceAccount', message: 'must be an address' }])
  if (scopes !== undefined && (!Array.isArray(scopes) || scopes.length === 0))
    throw new ValidationError(what, [{ path: 'scopes', message: 'must be a list of scopes' }])
}
