import { AuthError, TransportError } from '../errors.ts'
import { parseOrigin } from '../transport/origin.ts'
import { isPassing } from '../transport/retry-decision.ts'
import type { CredentialsContext } from '../transport/credentials.ts'
import { retryPassing } from './tokens/retry-passing.ts'
import { platform } from '#platform'

/**
 * Asks the metadata server of Google Cloud for something of this machine, five times at most: 408, 429, 500, 503, 504 and
 * connections that fail are tried again, after one second and then twice as long each time.
 * @param path below `/computeMetadata/v1/`
 * @throws {AuthError} reason `metadata_server` when it does not answer as one, with the `status`, if it gave one.
 */
export function askMetadataServer(path: string, context: CredentialsContext): Promise<MetadataAnswer> {
  return retryPassing(MAX_ATTEMPTS, context.call, () => askOnce(path, context))
}

/** What it answered. */
export interface MetadataAnswer {
  readonly text: string
  /** Whether it says that this is JSON. */
  readonly isJson: boolean
}

/**
 * Where it is: `GCE_METADATA_HOST` names another, with a port or without; else `GCE_METADATA_IP` may.
 * @throws {AuthError} reason `invalid_environment` for what is no host.
 */
export function metadataHost(): string {
  for (const name of METADATA_HOSTS) {
    const named = platform.environment(name)
    if (named === undefined) continue
    const host = named.replace(/^http:\/\/|\/+$/g, '')
    if (parseOrigin(`http://${host}`)) return host
    throw new AuthError(`${name} must be a host, with a port or without, such as 127.0.0.1:8080`, {
      reason: 'invalid_environment',
    })
  }
  return 'metadata.google.internal'
}

/** The variables that say where it is. The second is an old name of the first. */
export const METADATA_HOSTS = ['GCE_METADATA_HOST', 'GCE_METADATA_ROOT', 'GCE_METADATA_IP'] as const

const MAX_ATTEMPTS = 5
const MAX_ANSWER_BYTES = 1_048_576

async function askOnce(path: string, { transport, call }: CredentialsContext): Promise<MetadataAnswer> {
  const host = metadataHost()
  const url = `http://${host}/computeMetadata/v1/${path}`
  const headers = { 'metadata-flavor': 'Google' }
  try {
    const answer = await transport({ method: 'GET', url, headers }, call)
    const text = await answer.body.text(MAX_ANSWER_BYTES)
    if (answer.status !== 200) throw refusal(host, `answered ${answer.status}`, answer.status)
    if (answer.headers['metadata-flavor'] !== 'Google') throw refusal(host, 'is no metadata server of Google')
    return { text, isJson: /^application\/json\b/i.test(answer.headers['content-type'] ?? '') }
  } catch (error) {
    if (error instanceof TransportError)
      throw new AuthError(`the metadata server at ${host} could not be asked: ${error.message}`, {
        // One that is closed is told as such: another client goes on.
        reason: error.reason,
        retryable: isPassing(error),
        cause: error,
      })
    throw error
  }
}

function refusal(host: string, what: string, status?: number): AuthError {
  const hint = status === 404 ? '; does this machine have a service account?' : ''
  return new AuthError(`the metadata server at ${host} ${what}${hint}`, {
    reason: 'metadata_server',
    ...(status !== undefined && { status }),
    retryable: [408, 429, 500, 503, 504].includes(status ?? 0),
  })
}
