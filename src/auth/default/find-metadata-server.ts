import { AuthError, TransportError } from '../../errors.ts'
import { CallContext } from '../../transport/call-context.ts'
import type { CredentialsContext } from '../../transport/credentials.ts'
import { metadataHost } from '../metadata-server.ts'
import { platform } from '#platform'

/**
 * Looks for a metadata server: what the environment says, what the machine says of its maker, and whether one answers.
 * Gives why there is none, or undefined where there is one.
 * @throws {AuthError} for a `METADATA_SERVER_DETECTION` that means nothing.
 */
export async function findMetadataServer(context: CredentialsContext): Promise<string | undefined> {
  const { environment } = platform
  const mode = environment('METADATA_SERVER_DETECTION')?.trim().toLowerCase()
  if (mode !== undefined && !/^(assume-present|none|bios-only|ping-only)$/.test(mode))
    throw new AuthError('METADATA_SERVER_DETECTION must be assume-present, none, bios-only or ping-only', {
      reason: 'invalid_environment',
    })
  if (mode === 'none') return 'METADATA_SERVER_DETECTION is none'
  if (environment('NO_GCE_CHECK')?.toLowerCase() === 'true') return 'NO_GCE_CHECK is true'
  const isNamed = PLACES.some((name) => environment(name) !== undefined)
  const isThere =
    mode === 'assume-present' ||
    (mode !== 'ping-only' && (isNamed || (await isMadeByGoogle()))) ||
    (mode !== 'bios-only' && (await answers(context)))
  return isThere ? undefined : `no metadata server answers at ${metadataHost()}`
}

/** What the place is called that runs programs of Google Cloud, or where its metadata server is. */
const PLACES = [
  'K_SERVICE',
  'CLOUD_RUN_JOB',
  'CLOUD_RUN_WORKER_POOL',
  'FUNCTION_NAME',
  'FUNCTION_TARGET',
  'GAE_SERVICE',
  'GCE_METADATA_HOST',
  'GCE_METADATA_ROOT',
]

/** What the machine says of its maker. */
async function isMadeByGoogle(): Promise<boolean> {
  const product = await platform.readTextFile('/sys/class/dmi/id/product_name').catch(() => '')
  return product.startsWith('Google')
}

/** By name and by address at the same time: where there is no metadata server, looking up the name may take long. */
async function answers(context: CredentialsContext): Promise<boolean> {
  const { transport, clock } = context
  const call = new CallContext({ id: 'the search for a metadata server', timeout: PING_TIMEOUT_MS, clock })
  try {
    const asked = [metadataHost(), ADDRESS].map(async (host) => {
      if (!(await answersAt(host, { transport, clock, call }))) throw NOBODY
    })
    await call.wait(Promise.any(asked), 'token')
    return true
  } catch (error) {
    const closed = (error as Partial<AggregateError>).errors?.find(isClosed)
    if (closed) throw closed
    return false
  } finally {
    call.finish()
  }
}

/** One that is not ready says so, and is asked again. */
async function answersAt(host: string, { transport, call }: CredentialsContext): Promise<boolean> {
  const request = { method: 'GET', url: `http://${host}/`, headers: { 'metadata-flavor': 'Google' } }
  for (let attempt = 1; ; attempt++) {
    const answer = await transport(request, call)
    answer.body.cancel()
    const isGoogle = answer.headers['metadata-flavor'] === 'Google'
    if (answer.status === 200 || !isGoogle || attempt === MAX_PINGS) return answer.status === 200 && isGoogle
    await call.sleep(500 * attempt, 'token retry')
  }
}

function isClosed(error: unknown): boolean {
  return error instanceof TransportError && error.reason === 'CLOSED'
}

const ADDRESS = '169.254.169.254'
const PING_TIMEOUT_MS = 3_000
const MAX_PINGS = 3
const NOBODY = new Error('no metadata server')
