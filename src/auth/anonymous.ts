import type { Credentials } from '../transport/credentials.ts'

/**
 * No credential at all, for public data.
 *
 * ```ts
 * import { createClient } from 'discokit'
 * import { anonymous } from 'discokit/auth'
 *
 * const google = createClient({ auth: anonymous() })
 * ```
 */
export function anonymous(): Credentials {
  return { kind: 'anonymous', headers: () => ({}) }
}
