import { invalidKey } from '../account/service-account-key.ts'

/** The members of a JSON object of which nothing is known yet. */
export type Members = Readonly<Record<string, unknown>>

/** The value as an object with members; undefined when it is none. */
export function membersOf(value: unknown): Members | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : undefined
}

/**
 * A member that must be a text of printable characters, not empty: a path, a command.
 * @throws {AuthError} reason `invalid_key_file`
 */
export function textMember(members: Members, name: string, from: string): string {
  const value = members[name]
  if (value === undefined || value === null)
    throw invalidKey(from, `has a credential_source that lacks ${name}`)
  if (typeof value !== 'string' || value.trim() === '' || value.length > 4_096 || /\p{Cc}/u.test(value))
    throw invalidKey(from, `has a credential_source whose ${name} is not a text that can be used`)
  return value
}
