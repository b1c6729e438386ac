import { CallContext } from '../../transport/call-context.ts'
import type { CredentialsContext } from '../../transport/credentials.ts'
import type { LoginRecord } from './login-record.ts'
import type { SavedLogin, VersionedLogin } from './login-store.ts'

/** How long one has a login for itself. Whoever died with it keeps others no longer than this. */
const LEASE_MS = 20_000
/** How long a renewal may take, so that it has ended before the next one may begin. */
const RENEWAL_MS = 18_000
const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 500
const WAITING = 'renewal by another program'

/**
 * Takes what was found for this program alone, once another who has it is done with it.
 * @returns who has it now; undefined when something else is there, or was while it was taken
 */
export async function takeLease(
  found: VersionedLogin,
  record: LoginRecord,
  context: CredentialsContext,
): Promise<string | undefined> {
  if (await awaitOther(found, record, context)) return undefined
  const { clock, call } = context
  const by = crypto.randomUUID()
  const until = clock.now() + LEASE_MS
  const isPut = await record.put({ ...found.login, refreshing: { by, until } }, found.version)
  // One that took long to put may be over before it is used.
  if (isPut && until - clock.now() >= RENEWAL_MS) return by
  await call.sleep(FIRST_PAUSE_MS, WAITING)
  return undefined
}

/** Renews in time: the call ends before the lease does. */
export async function inLease<Result>(
  context: CredentialsContext,
  renew: (context: CredentialsContext) => Promise<Result>,
): Promise<Result> {
  const { clock, call: outer } = context
  const call = new CallContext({ id: 'the renewal', clock, signal: outer.signal, timeout: RENEWAL_MS })
  try {
    // Not a wait: what comes all the same is kept.
    return await renew({ ...context, call })
  } finally {
    call.finish()
  }
}

/** The same login, renewed by nobody. */
export function unleased({ refreshing: _, ...login }: SavedLogin): SavedLogin {
  return login
}

/**
 * Waits while another renews what was found: to the end of the other's time, but no longer than 20 seconds, by this program's clock, as
 * clocks differ.
 * @returns whether something else is there now
 */
async function awaitOther(
  { login, version }: VersionedLogin,
  record: LoginRecord,
  { clock, call }: CredentialsContext,
): Promise<boolean> {
  const until = Math.min(login.refreshing?.until ?? 0, clock.now() + LEASE_MS)
  let waitedMs = 0
  let pauseMs = FIRST_PAUSE_MS
  while (clock.now() < until && waitedMs < LEASE_MS) {
    await call.sleep(pauseMs, WAITING)
    waitedMs += pauseMs
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
    if ((await record.find())?.version !== version) return true
  }
  return false
}
