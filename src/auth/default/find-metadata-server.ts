import { AuthError, TransportError } from '../../errors.ts'
import { CallContext } from '../../transport/call-context.ts'
import type { CredentialsContext } from '../../transport/credentials.ts'
import { METADATA_HOSTS, metadataHost } from '../metadata-server.ts'
import { isPassing } from '../../transport/retry-decision.ts'
import { platform } from '#platform'

/**
 * Looks for a metadata server: what the environment says, what the machine says of its maker, and whether one answers.
 * Gives why there is none, or undefined where there is one.
 * @throws {AuthError} reason `invalid_environment` for variables that mean nothing.
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
  const host = metadataHost()
  const isNamed = PLACES.some((name) => environment(name) !== undefined)
  const isThere =
    mode === 'assume-present' ||
    (mode !== 'ping-only' && (isNamed || (await isMadeByGoogle()))) ||
    (mode !== 'bios-only' && (await answers(context)))
  return isThere ? undefined : `no metadata server answers at ${host}`
}

/** What the place is called that runs programs of Google Cloud, or where its metadata server is. */
const PLACES = [
  'K_SERVICE',
  'CLOUD_RUN_JOB',
  'CLOUD_RUN_WORKER_POOL',
  'FUNCTION_NAME',
  'FUNCTION_TARGET',
  'GAE_SERVICE',
  ...METADATA_HOSTS,
]

/** What the machine says of its maker. */
async function isMadeByGoogle(): Promise<boolean> {
  const product = await platform.readTextFile('/sys/class/dmi/id/product_name').catch(() => '')
  return product.startsWith('Google')
}

/** By name and by address at the same time: where there is no metadata server, looking up the name may take long. */
async function answers(context: CredentialsContext): Promise<boolean> {
  const { clock } = context
  const call = new CallContext({ id: 'the search for a metadata server', clock })
  const forget = context.call.onEnd((reason) => call.end(reason))
  try {
    const hosts = new Set([metadataHost(), platform.environment('GCE_METADATA_IP') ?? ADDRESS])
    const settings = pingSettings()
    const asked = [...hosts].map(async (host) => {
      if (!(await answersAt(host, settings, { ...context, call }))) throw NOBODY
    })
    await call.wait(Promise.any(asked), 'token')
    return true
  } catch (error) {
    if (!(error instanceof AggregateError)) throw error
    const closed = error.errors.find(isClosed)
    if (!closed) return false
    throw new AuthError(`no metadata server could be looked for: ${closed.message}`, {
      reason: closed.reason,
      cause: closed,
    })
  } finally {
    forget()
    call.end(NOBODY) // whom nobody waits for any more
  }
}

/** One that is not ready, or breaks off, is asked again after one second and after two. One that is silent is not there. */
async function answersAt(
  host: string,
  { timeoutMs, maxPings }: PingSettings,
  context: CredentialsContext & { readonly call: CallContext },
): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    const answer = await ping(host, timeoutMs, context)
    if (answer !== 'not ready' || attempt === maxPings) return answer === 'there'
    await context.call.sleep(1_000 * attempt, 'token retry')
  }
}

async function ping(
  host: string,
  timeoutMs: number,
  { transport, clock, call: search }: CredentialsContext,
): Promise<'there' | 'not there' | 'not ready'> {
  const request = { method: 'GET', url: `http://${host}/`, headers: { 'metadata-flavor': 'Google' } }
  const call = new CallContext({ id: 'a question to the metadata server', timeout: timeoutMs, clock })
  const forget = search.onEnd((reason) => call.end(reason))
  try {
    const { status, headers, body } = await call.wait(transport(request, call), 'token')
    body.cancel()
    if (headers['metadata-flavor'] !== 'Google') return 'not there'
    return status === 200 ? 'there' : 'not ready'
  } catch (error) {
    if (!isPassing(error) || NO_WAY.test(error.reason)) throw error
    return 'not ready'
  } finally {
    forget()
    call.finish()
  }
}

interface PingSettings {
  readonly timeoutMs: number
  readonly maxPings: number
}

/** What the environment says, in the words of Google's libraries for Python and for Node. */
function pingSettings(): PingSettings {
  const seconds = number('GCE_METADATA_TIMEOUT', /^\d{1,4}(\.\d+)?$/)
  const pings = number('GCE_METADATA_DETECT_RETRIES', /^\d{1,2}$/)
  const again = number('DETECT_GCP_RETRIES', /^\d{1,2}$/)
  const maxPings = pings ?? (again === undefined ? MAX_PINGS : again + 1)
  return { timeoutMs: (seconds || PING_TIMEOUT_S) * 1_000, maxPings: Math.max(maxPings, 1) }
}

function number(name: string, form: RegExp): number | undefined {
  const value = platform.environment(name)?.trim()
  if (value === undefined || form.test(value)) return value === undefined ? undefined : Number(value)
  throw new AuthError(`${name} must be a number`, { reason: 'invalid_environment' })
}

function isClosed(error: unknown): error is TransportError {
  return error instanceof TransportError && error.reason === 'CLOSED'
}

const ADDRESS = '169.254.169.254'
const PING_TIMEOUT_S = 3
const MAX_PINGS = 3
const NOBODY = new Error('no metadata server')
/** The network itself says that there is nobody. */
const NO_WAY = /^(EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/
