import { type AuthError, type TimeoutError, TransportError } from '../../errors.ts'
import type { HttpHeaders } from '../../protocol/http.ts'
import type { CredentialsContext } from '../../transport/credentials.ts'
import { originOf } from '../../transport/origin.ts'
import { isPassing } from '../../transport/retry-decision.ts'
import { refusal } from './refusal.ts'
import { readKeys, type VerificationKey } from './verification-key.ts'

/** The answer of a server that has keys. */
export interface FetchedKeys {
  readonly keys: readonly VerificationKey[]
  /** How long they may be kept, in milliseconds. */
  readonly keptForMs: number
}

/**
 * Gets the keys at an address. Redirects are not followed.
 * @throws {AuthError} reason `keys_unavailable` when they cannot be had
 */
export async function fetchKeys(
  jwksUri: string,
  { transport, call }: CredentialsContext,
): Promise<FetchedKeys> {
  try {
    const request = { method: 'GET', url: jwksUri, headers: { accept: 'application/json' } }
    const { status, headers, body } = await transport(request, call)
    if (status !== 200) {
      body.cancel()
      const retryable = status === 408 || status === 429 || status >= 500
      throw unavailable(`${placeOf(jwksUri)} answered ${status} when asked for keys`, { status, retryable })
    }
    const keys = parseKeys(await body.text(MAX_ANSWER_BYTES))
    if (!keys) throw unavailable(`what ${placeOf(jwksUri)} answered is no JWKS`, { status })
    return { keys: await readKeys(keys), keptForMs: keptForMs(headers) }
  } catch (error) {
    if (!(error instanceof TransportError)) throw error
    throw notAsked(jwksUri, error.message, isPassing(error), error)
  }
}

/** What a request that took too long is for whoever verifies a token. */
export function tookTooLong(error: TimeoutError, jwksUri: string): AuthError {
  return notAsked(jwksUri, `it did not answer within ${error.timeoutMs} ms`, true, error)
}

function notAsked(jwksUri: string, why: string, retryable: boolean, cause: Error): AuthError {
  return unavailable(`${placeOf(jwksUri)} could not be asked for keys: ${why}`, { retryable, cause })
}

const MAX_ANSWER_BYTES = 262_144
const MIN_KEPT_S = 60
const MAX_KEPT_S = 86_400
const DEFAULT_KEPT_S = 300

function parseKeys(text: string): readonly unknown[] | undefined {
  try {
    const { keys } = JSON.parse(text) as { keys?: unknown }
    return Array.isArray(keys) ? keys : undefined
  } catch {
    return undefined
  }
}

/** What is left of `max-age` after the time that the answer lay in caches on its way (RFC 9111 section 4.2), within bounds. */
function keptForMs({ 'cache-control': control = '', age = '0' }: HttpHeaders): number {
  const [, maxAge] = /(?:^|,)\s*max-age="?(\d+)/i.exec(control) ?? []
  const unkept = /(?:^|,)\s*no-(?:cache|store)\b/i.test(control)
  const left = maxAge === undefined ? DEFAULT_KEPT_S : Number(maxAge) - (/^\d+$/.test(age) ? Number(age) : 0)
  return Math.min(MAX_KEPT_S, Math.max(MIN_KEPT_S, unkept ? 0 : left)) * 1_000
}

function placeOf(jwksUri: string): string {
  return originOf(jwksUri)?.host ?? 'the server of the keys'
}

function unavailable(why: string, fields: Parameters<typeof refusal>[2]): AuthError {
  return refusal('keys_unavailable', why, fields)
}
