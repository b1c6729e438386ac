import { TimeoutError } from '../../errors.ts'
import { CallContext } from '../../transport/call-context.ts'
import type { CredentialsContext } from '../../transport/credentials.ts'
import { retryPassing } from '../tokens/retry-passing.ts'
import { type FetchedKeys, fetchKeys, tookTooLong } from './fetch-keys.ts'
import type { VerificationKey } from './verification-key.ts'

/**
 * The keys at an address that have an id; without an id all of them. However many ask, there is one request under way.
 *
 * Keys serve as long as their server says. When they cannot be had anew then, the old ones serve for another hour, and a
 * minute passes before the next attempt. An id that is not among them has them asked for at most once a minute.
 *
 * @param holder whose keys they are: a cache, or a transport
 * @throws {AuthError} reason `keys_unavailable`
 */
export async function findKeys(
  holder: object,
  jwksUri: string,
  keyId: string | undefined,
  context: CredentialsContext,
): Promise<readonly VerificationKey[]> {
  const set = setOf(holder, jwksUri)
  const matching = (): readonly VerificationKey[] =>
    set.keys?.filter(({ id }) => keyId === undefined || id === keyId) ?? []
  const now = context.clock.now()
  const isFresh = set.keys !== undefined && now >= set.askedAt && now < set.freshUntil
  if (!isFresh) await ask(set, jwksUri, context)
  const mayAsk = set.asking !== undefined || Math.abs(now - set.askedAt) >= ASK_AGAIN_MS
  if (matching().length === 0 && mayAsk) await ask(set, jwksUri, context)
  // Whether there is such a key is not known then.
  if (matching().length === 0 && set.failure !== undefined) throw set.failure
  return matching()
}

/** The keys at one address, and when they were asked for. */
interface KeySet {
  keys: readonly VerificationKey[] | undefined
  askedAt: number
  freshUntil: number
  staleUntil: number
  /** What became of the last request, if it failed. */
  failure: unknown
  asking: Promise<void> | undefined
}

const sets = new WeakMap<object, Map<string, KeySet>>()

const MOST_ADDRESSES = 100
const ASK_AGAIN_MS = 60_000
const STALE_MS = 3_600_000
const TIMEOUT_MS = 30_000
const MAX_ATTEMPTS = 3

/** Those that were used longest ago make room. */
function setOf(holder: object, jwksUri: string): KeySet {
  const held = sets.get(holder) ?? new Map<string, KeySet>()
  sets.set(holder, held)
  const set = held.get(jwksUri) ?? {
    keys: undefined,
    askedAt: -Infinity,
    freshUntil: 0,
    staleUntil: 0,
    failure: undefined,
    asking: undefined,
  }
  held.delete(jwksUri)
  if (held.size >= MOST_ADDRESSES) held.delete(held.keys().next().value!)
  held.set(jwksUri, set)
  return set
}

/** Whoever waits does so as long as their own time allows; the request goes on. */
function ask(set: KeySet, jwksUri: string, context: CredentialsContext): Promise<void> {
  set.asking ??= renew(set, jwksUri, context).finally(() => (set.asking = undefined))
  return context.call.wait(set.asking, 'keys')
}

async function renew(set: KeySet, jwksUri: string, context: CredentialsContext): Promise<void> {
  const { clock } = context
  const call = new CallContext({ id: 'the request for keys', timeout: TIMEOUT_MS, clock })
  const asked = (set.askedAt = clock.now())
  try {
    const ask = (): Promise<FetchedKeys> => fetchKeys(jwksUri, { ...context, call })
    // Where there are old keys, these serve meanwhile.
    const fetching = retryPassing(set.keys ? 1 : MAX_ATTEMPTS, call, ask)
    const { keys, keptForMs } = await call.wait(fetching, 'keys')
    const freshUntil = asked + keptForMs
    Object.assign(set, { keys, freshUntil, staleUntil: freshUntil + STALE_MS, failure: undefined })
  } catch (error) {
    set.failure = error instanceof TimeoutError ? tookTooLong(error, jwksUri) : error
    if (set.keys === undefined || asked >= set.staleUntil) throw set.failure
    set.freshUntil = Math.max(set.freshUntil, Math.min(set.staleUntil, asked + ASK_AGAIN_MS))
  } finally {
    call.finish()
  }
}
