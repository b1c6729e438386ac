import { AuthError, type Problem, ValidationError } from '../../errors.ts'
import { checkOptionNames } from '../../request/option-names.ts'
import type { Credentials, CredentialsContext } from '../../transport/credentials.ts'
import { DEFAULT_UNIVERSE } from '../../transport/origin-policy.ts'
import type { FoundCredentials } from './credentials-of-file.ts'
import { findCredentials, type Search, type SearchStep } from './find-credentials.ts'
import { gcloudProject } from './gcloud-folder.ts'
import { checkAudience } from '../id-token.ts'
import { late, lateCredentials } from './late-credentials.ts'
import { readMetadata, readUniverse } from '../metadata-credentials.ts'
import { checkQuotaProject } from '../tokens/quota-project.ts'
import { standAlone } from '../tokens/stand-alone.ts'
import { platform } from '#platform'

/** What holds for whatever credential is found. */
export interface DefaultOptions {
  /** What the token may do. Default: what the credential has of its own, or all of Google Cloud. */
  readonly scopes?: readonly string[] | undefined
  /** The project that is charged. Default: the one that the environment or the file names. */
  readonly quotaProject?: string | undefined
  /** The domain whose endpoints files may name. Default `googleapis.com`. */
  readonly universeDomain?: string | undefined
}

/** Whatever credential the place has. */
export interface DefaultCredentials extends Credentials {
  idToken(audience: string): Credentials
  /**
   * The project that the place says: `GOOGLE_CLOUD_PROJECT` or `GCLOUD_PROJECT`, that of the key file, that of gcloud's
   * configuration, that of the machine; undefined when none of them does.
   * @throws {AuthError} when there is no credential.
   */
  projectId(): Promise<string | undefined>
  /**
   * The universe that the credential is of: that of the file, else the one that the machine says.
   * @throws {AuthError} when there is no credential.
   */
  universeDomain(): Promise<string>
  /** Each step of the search and what came of it. It never fails. */
  why(): Promise<readonly SearchStep[]>
}

/**
 * Application default credentials: what the place says that the program runs in. They are looked for at the first call, in
 * Google's order, and nothing is started or asked before:
 *
 * 1. the file that the environment variable `GOOGLE_APPLICATION_CREDENTIALS` names,
 * 2. the file of `gcloud auth application-default login`,
 * 3. the metadata server of Google Cloud.
 *
 * ```ts
 * import { createClient } from 'discokit'
 * import { adc } from 'discokit/auth'
 *
 * const google = createClient({ auth: adc() })
 * ```
 *
 * A file may be one of a service account, a user, an impersonated service account or an external account.
 *
 * @throws {ValidationError} for options that cannot be used.
 */
export function adc(options: DefaultOptions = {}): DefaultCredentials {
  check(options)
  checkQuotaProject(options.quotaProject)
  const given = structuredClone(options)
  const find = late(async (context) => {
    const search = await findCredentials(given, context)
    return search.found ?? fail(search)
  })
  return {
    ...lateCredentials('application default', async (context) => (await find(context)).credentials),
    idToken(audience) {
      checkAudience(audience)
      return lateCredentials('ID token', async (context) => {
        const { idToken, what } = await find(context)
        return idToken ? idToken(audience) : noIdToken(what)
      })
    },
    projectId: () => standAlone('the project', async (context) => projectOf(await find(context), context)),
    universeDomain: () =>
      standAlone('the universe', async (context) =>
        (await find(context)).isMachine ? readUniverse(context) : (given.universeDomain ?? DEFAULT_UNIVERSE),
      ),
    why: () => standAlone('the search', async (context) => (await findCredentials(given, context)).steps),
  }
}

function check(options: DefaultOptions): void {
  const what = 'application default credentials'
  checkOptionNames(what, options, ['scopes', 'quotaProject', 'universeDomain'])
  const { scopes, universeDomain } = options
  const problems: Problem[] = []
  if (universeDomain !== undefined && !isText(universeDomain))
    problems.push({ path: 'universeDomain', message: 'must be a text' })
  if (scopes !== undefined && !(Array.isArray(scopes) && scopes.length > 0 && scopes.every(isText)))
    problems.push({ path: 'scopes', message: 'must be a list of scopes' })
  if (problems.length > 0) throw new ValidationError(what, problems)
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

async function projectOf(
  { isMachine, projectId }: FoundCredentials,
  context: CredentialsContext,
): Promise<string | undefined> {
  const { environment } = platform
  const known = environment('GOOGLE_CLOUD_PROJECT') ?? environment('GCLOUD_PROJECT') ?? projectId
  if (known !== undefined || !isMachine) return known ?? gcloudProject()
  const project = await readMetadata('project/project-id', context)
  return typeof project === 'string' && project !== '' ? project : undefined
}

function fail({ error, steps }: Search): never {
  if (error) throw error
  throw new AuthError(
    `there are no application default credentials: ${steps.map(({ detail }) => detail).join('; ')}. ` +
      'Set GOOGLE_APPLICATION_CREDENTIALS to a key file, or run gcloud auth application-default login; public data ' +
      'needs anonymous() or apiKey()',
    { reason: 'no_default_credentials' },
  )
}

function noIdToken(what: string): never {
  throw new AuthError(`there are no ID tokens for ${what}; impersonate a service account, which has them`, {
    reason: 'no_id_token',
  })
}
