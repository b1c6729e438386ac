import { AuthError } from '../../errors.ts'
import type { CredentialsContext } from '../../transport/credentials.ts'
import { credentialsOfFile, type FoundCredentials } from './credentials-of-file.ts'
import type { DefaultOptions } from './default-credentials.ts'
import { findMetadataServer } from './find-metadata-server.ts'
import { gcloudFolder } from './gcloud-folder.ts'
import { metadataCredentials } from '../metadata-credentials.ts'
import { invalidKey } from '../account/service-account-key.ts'
import { isContent } from '../account/service-account-options.ts'
import { platform } from '#platform'

/** A place where application default credentials may be, and what came of looking there. */
export interface SearchStep {
  readonly place: 'GOOGLE_APPLICATION_CREDENTIALS' | 'gcloud' | 'metadata server'
  /** `unusable` ends the search: whoever put something there means it. */
  readonly outcome: 'found' | 'nothing' | 'unusable' | 'not looked at'
  /** What was found, or why there was nothing. */
  readonly detail: string
}

/** What came of a search. */
export interface Search {
  readonly steps: readonly SearchStep[]
  readonly found?: FoundCredentials
  /** Why something that was found cannot be used. */
  readonly error?: AuthError
}

/** Looks for application default credentials in Google's order, until something is there. */
export async function findCredentials(options: DefaultOptions, context: CredentialsContext): Promise<Search> {
  const quotaProject = options.quotaProject ?? platform.environment('GOOGLE_CLOUD_QUOTA_PROJECT')
  let search: Search = { steps: [] }
  for (const [place, look] of PLACES) {
    const isOver = search.found !== undefined || search.error !== undefined
    const step = isOver ? NOT_LOOKED_AT : await tried(look, { ...options, quotaProject }, context)
    search = { ...search, ...step, steps: [...search.steps, { place, ...outcomeOf(step) }] }
  }
  return search
}

/** What is at a place, or why there is nothing. */
type Look = (options: DefaultOptions, context: CredentialsContext) => Promise<FoundCredentials | string>
type Step =
  | { readonly found: FoundCredentials }
  | { readonly error: AuthError }
  | { readonly nothing: string }

const PLACES: readonly (readonly [SearchStep['place'], Look])[] = [
  ['GOOGLE_APPLICATION_CREDENTIALS', inEnvironment],
  ['gcloud', ofGcloud],
  ['metadata server', onMachine],
]
const NOT_LOOKED_AT: Step = { nothing: '' }

async function tried(look: Look, options: DefaultOptions, context: CredentialsContext): Promise<Step> {
  try {
    const found = await look(options, context)
    return typeof found === 'string' ? { nothing: found } : { found }
  } catch (error) {
    if (error instanceof AuthError && error.reason !== 'CLOSED') return { error }
    throw error
  }
}

function outcomeOf(step: Step): Pick<SearchStep, 'outcome' | 'detail'> {
  if (step === NOT_LOOKED_AT) return { outcome: 'not looked at', detail: '' }
  if ('found' in step) return { outcome: 'found', detail: step.found.what }
  return 'error' in step
    ? { outcome: 'unusable', detail: step.error.message }
    : { outcome: 'nothing', detail: step.nothing }
}

async function inEnvironment(options: DefaultOptions): Promise<FoundCredentials | string> {
  const path = platform.environment('GOOGLE_APPLICATION_CREDENTIALS')
  if (path === undefined) return 'GOOGLE_APPLICATION_CREDENTIALS is not set'
  if (isContent(path)) throw invalidKey('GOOGLE_APPLICATION_CREDENTIALS', NO_PATH)
  const from = `${path}, which GOOGLE_APPLICATION_CREDENTIALS names,`
  const text = await platform.readTextFile(path).catch((error: Error) => {
    throw invalidKey(from, error.message)
  })
  return credentialsOfFile(text, from, options)
}

const NO_PATH =
  'holds content where a path belongs; put that into a file and name the file, or pass it to serviceAccount({ key })'

async function ofGcloud(options: DefaultOptions): Promise<FoundCredentials | string> {
  const folder = gcloudFolder()
  if (folder === undefined) return 'there is no home folder for the file of gcloud'
  const path = `${folder}/application_default_credentials.json`
  let text: string
  try {
    text = await platform.readTextFile(path)
  } catch (error) {
    const { message } = error as Error
    if (message === 'does not exist') return `${path} does not exist`
    throw invalidKey(path, message)
  }
  return credentialsOfFile(text, path, options)
}

async function onMachine(
  { scopes, quotaProject }: DefaultOptions,
  context: CredentialsContext,
): Promise<FoundCredentials | string> {
  const nothing = await findMetadataServer(context)
  if (nothing !== undefined) return nothing
  const credentials = metadataCredentials({ scopes, quotaProject })
  return {
    credentials,
    what: 'the service account of this machine',
    idToken: credentials.idToken,
    isMachine: true,
  }
}
