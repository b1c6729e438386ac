/** What one person has let one client do. */
export interface Consent {
  readonly scopes: ReadonlySet<string>
  /** Whether a refresh token was given for it. */
  readonly offline: boolean
}

/** What people have consented to, so that they are not asked again. */
export interface Consents {
  of(clientId: string, email: string): Consent
  add(clientId: string, email: string, more: Consent): void
  forget(clientId: string, email: string): void
  clear(): void
}

export function createConsents(): Consents {
  const consents = new Map<string, Consent>()
  const key = (clientId: string, email: string): string => `${clientId} ${email}`
  const of = (clientId: string, email: string): Consent => consents.get(key(clientId, email)) ?? NONE
  return {
    of,
    add(clientId, email, { scopes, offline }) {
      const before = of(clientId, email)
      consents.set(key(clientId, email), {
        scopes: new Set([...before.scopes, ...scopes]),
        offline: before.offline || offline,
      })
    },
    forget: (clientId, email) => void consents.delete(key(clientId, email)),
    clear: () => consents.clear(),
  }
}

const NONE: Consent = { scopes: new Set(), offline: false }
