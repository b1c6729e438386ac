import type { Call } from './service.ts'
import type { StateSlot } from './state.ts'

/** The address of whoever calls: of the user a service account acts for, else its own. Calls without one share one. */
export function callerEmail({ principal }: Pick<Call, 'principal'>): string {
  return principal?.subject ?? principal?.email ?? 'anonymous@emulator.localhost'
}

/**
 * What a service keeps for each account, made when the account first calls.
 *
 * ```ts
 * const historyOf = perAccount(() => [])
 * historyOf(call).push(entry)
 * ```
 */
export function perAccount<T>(create: (email: string) => T): (call: Pick<Call, 'principal' | 'state'>) => T {
  const slot: StateSlot<Map<string, T>> = { create: () => new Map() }
  return (call) => {
    const email = callerEmail(call)
    const accounts = call.state.get(slot)
    const known = accounts.get(email)
    if (known !== undefined) return known
    const made = create(email)
    accounts.set(email, made)
    return made
  }
}
