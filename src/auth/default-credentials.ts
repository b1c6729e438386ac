import { AuthError, TransportError } from '../errors.ts'
import type { HttpHeaders } from '../protocol/http.ts'
import { checkOptionNames } from '../request/option-names.ts'
import { CallContext } from '../transport/call-context.ts'
import type { Credentials, CredentialsContext } from '../transport/credentials.ts'
import { metadataCredentials } from './metadata-credentials.ts'
import { metadataHost } from './metadata-server.ts'
import { serviceAccount } from './service-account.ts'
import { authorizedUser, userCredentials } from './user-credentials.ts'
import { platform } from '#platform'

/** What holds for whatever credential is found. */
export interface DefaultOptions {
  /** What the token may do. Default: what the credential has of its own, or all of Google Cloud. */
  readonly scopes?: readonly string[]
  /** The project that is charged. Default: the one that the environment or the file names. */
  readonly quotaProject?: string
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
 * Files of service accounts and of users are known. One of another kind fails when it is found, and is named.
 */
export function adc(options: DefaultOptions = {}): Credentials {
  checkOptionNames('application default credentials', options, ['scopes', 'quotaProject'])
  const given = structuredClone(options)
  let found: Credentials | undefined
  let finding: Promise<Credentials> | undefined

  async function find(context: CredentialsContext): Promise<Credentials> {
    const search = (finding ??= findCredentials(given, context))
    const again = (): void => void (finding === search && (finding = undefined))
    const forget = context.call.onEnd(again) // a file that did not come in time may come later
    try {
      return (found = await search)
    } finally {
      again()
      forget()
    }
  }

  return {
    kind: 'application default',
    headers(target, context): HttpHeaders | Promise<HttpHeaders> {
      if (found) return found.headers(target, context)
      return find(context).then((credentials) => credentials.headers(target, context))
    },
    refused: (headers) => found?.refused?.(headers) ?? false,
  }
}

/** A step of the search: what was found, or why there was nothing. */
type Step = Credentials | string

async function findCredentials(options: DefaultOptions, context: CredentialsContext): Promise<Credentials> {
  const tried: string[] = []
  for (const step of [fromEnvironment, fromGcloud, fromMetadataServer]) {
    const found: Step = await step(options, context)
    if (typeof found !== 'string') return found
    tried.push(found)
  }
  throw new AuthError(
    `there are no application default credentials: ${tried.join('; ')}. Set GOOGLE_APPLICATION_CREDENTIALS to a key ` +
      'file, or run gcloud auth application-default login',
    { reason: 'no_default_credentials' },
  )
}

async function fromEnvironment(options: DefaultOptions): Promise<Step> {
  const path = platform.environment('GOOGLE_APPLICATION_CREDENTIALS')
  if (path === undefined) return 'GOOGLE_APPLICATION_CREDENTIALS is not set'
  const from = `${path}, which GOOGLE_APPLICATION_CREDENTIALS names,`
  const text = await readFile(path)
  // Whoever sets it means it: nothing else is tried.
  if (typeof text !== 'string') throw invalid(from, text.why)
  return fromFile(text, from, options)
}

async function fromGcloud(options: DefaultOptions): Promise<Step> {
  const path = gcloudFile()
  if (path === undefined) return 'there is no home folder for the file of gcloud'
  const text = await readFile(path)
  if (typeof text === 'string') return fromFile(text, path, options)
  if (text.why === DOES_NOT_EXIST) return `${path} does not exist`
  throw invalid(path, text.why)
}

/** Where `gcloud auth application-default login` leaves its file. */
function gcloudFile(): string | undefined {
  const { environment } = platform
  const home = environment('HOME')
  const appData = environment('APPDATA')
  const folder =
    environment('CLOUDSDK_CONFIG') ??
    (appData === undefined ? home && `${home}/.config/gcloud` : `${appData}/gcloud`)
  return folder === undefined ? undefined : `${folder}/application_default_credentials.json`
}

async function readFile(path: string): Promise<string | { readonly why: string }> {
  try {
    return await platform.readTextFile(path)
  } catch (error) {
    return { why: (error as Error).message }
  }
}

const DOES_NOT_EXIST = 'does not exist'

function fromFile(text: string, from: string, { scopes, quotaProject: given }: DefaultOptions): Credentials {
  const file = parse(text)
  if (!file) throw invalid(from, 'is not a JSON object')
  const quotaProject =
    given ?? platform.environment('GOOGLE_CLOUD_QUOTA_PROJECT') ?? textOf(file['quota_project_id'])
  switch (file['type']) {
    case 'service_account':
      return serviceAccount({ key: file, scopes, quotaProject })
    case 'authorized_user':
      return userCredentials({
        ...authorizedUser(file),
        scopes,
        ...(quotaProject !== undefined && { quotaProject }),
      })
    default:
      throw invalid(from, kindOf(file['type']))
  }
}

function kindOf(type: unknown): string {
  if (typeof type !== 'string' || !/^[\w-]{1,60}$/.test(type)) return 'has no type'
  const known =
    'external_account external_account_authorized_user impersonated_service_account gdch_service_account'
  return known.split(' ').includes(type)
    ? `is of the type '${type}', which discokit does not know yet`
    : `is of the unknown type '${type}'; known are service_account and authorized_user`
}

/** What the place is called that runs programs of Google Cloud. */
const PLACES = [
  'K_SERVICE',
  'CLOUD_RUN_JOB',
  'CLOUD_RUN_WORKER_POOL',
  'FUNCTION_NAME',
  'FUNCTION_TARGET',
  'GAE_SERVICE',
]
const PING_TIMEOUT_MS = 3_000

async function fromMetadataServer(options: DefaultOptions, context: CredentialsContext): Promise<Step> {
  const { environment } = platform
  const mode = environment('METADATA_SERVER_DETECTION')?.trim().toLowerCase()
  if (mode !== undefined && !/^(assume-present|none|bios-only|ping-only)$/.test(mode))
    throw invalid('METADATA_SERVER_DETECTION', 'must be assume-present, none, bios-only or ping-only')
  if (mode === 'none') return 'METADATA_SERVER_DETECTION is none'
  if (environment('NO_GCE_CHECK')?.toLowerCase() === 'true') return 'NO_GCE_CHECK is true'
  const isNamed = [...PLACES, 'GCE_METADATA_HOST', 'GCE_METADATA_ROOT'].some(
    (name) => environment(name) !== undefined,
  )
  const isThere =
    mode === 'assume-present' ||
    (mode !== 'ping-only' && (isNamed || (await isMadeByGoogle()))) ||
    (mode !== 'bios-only' && (await answers(context)))
  const quotaProject = options.quotaProject ?? environment('GOOGLE_CLOUD_QUOTA_PROJECT')
  return isThere
    ? metadataCredentials({ ...options, quotaProject })
    : `no metadata server answers at ${metadataHost()}`
}

/** What the machine says of its maker. */
async function isMadeByGoogle(): Promise<boolean> {
  const product = await platform.readTextFile('/sys/class/dmi/id/product_name').catch(() => '')
  return product.startsWith('Google')
}

/** Elsewhere its address mostly leads nowhere, so it has a time of its own. */
async function answers({ transport, clock }: CredentialsContext): Promise<boolean> {
  const call = new CallContext({ id: 'the search for a metadata server', timeout: PING_TIMEOUT_MS, clock })
  try {
    const headers = { 'metadata-flavor': 'Google' }
    const answer = await call.wait(
      transport({ method: 'GET', url: `http://${metadataHost()}/`, headers }, call),
      'token',
    )
    answer.body.cancel()
    return answer.status === 200 && answer.headers['metadata-flavor'] === 'Google'
  } catch (error) {
    if (error instanceof TransportError && error.reason === 'CLOSED') throw error
    return false
  } finally {
    call.finish()
  }
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text.replace(/^\ufeff/, ''))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined // the error's own text repeats a piece of the file
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function invalid(from: string, what: string): AuthError {
  return new AuthError(`${from} ${what}`, { reason: 'invalid_key_file' })
}
