import type { SavedLogin } from 'discokit/auth'

/** A person, as far as a login tells: `ada@example.com`, else the id. */
export function whoIs({ claims }: Pick<SavedLogin, 'claims'>): string {
  const { email, sub } = claims ?? {}
  return typeof email === 'string' && email !== ''
    ? email
    : (sub ?? 'somebody who was not asked who they are')
}
