import type { CredentialsContext } from '../../transport/credentials.ts'
import type { LoginRecord } from './login-record.ts'
import type { SavedLogin, VersionedLogin } from './login-store.ts'

/** How long one has the renewal of a login for itself. Whoever died with it keeps others no longer than this. */
const LEASE_MS = 20_000
const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 500

/** The same login, renewed by somebody from now on. */
export function leased(login: SavedLogin, by: string, now: number): SavedLogin {
  return { ...login, refreshing: { by, until: now + LEASE_MS } }
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
export async function awaitOther(
  { login, version }: VersionedLogin,
  record: LoginRecord,
  { clock, call }: CredentialsContext,
): Promise<boolean> {
  const until = Math.min(login.refreshing?.until ?? 0, clock.now() + LEASE_MS)
  let waitedMs = 0
  let pauseMs = FIRST_PAUSE_MS
  while (clock.now() < until && waitedMs < LEASE_MS) {
    await call.sleep(pauseMs, 'renewal by another program')
    waitedMs += pauseMs
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
    if ((await record.find())?.version !== version) return true
  }
  return false
}
