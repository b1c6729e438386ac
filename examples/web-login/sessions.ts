import { createSecret } from 'discokit/login'

/** Which browser is whose. Of a session the browser has a random name, and nothing else. */
export interface Sessions {
  /** @returns the `Set-Cookie` of a new session */
  begin(account: string): string
  /** Whose session it is, by the `sub` of the person. */
  accountOf(cookieHeader: string | null | undefined): string | undefined
  /** @returns the `Set-Cookie` that takes it away */
  end(cookieHeader: string | null | undefined): string
}

/** Sessions in this process. In real life they are where those of your framework are, and end by themselves. */
export function createSessions(secure: boolean): Sessions {
  const accounts = new Map<string, string>()
  const attributes = `Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`
  const idOf = (cookieHeader: string | null | undefined): string =>
    /(?:^|; )session=([\w-]{43})(?:;|$)/.exec(cookieHeader ?? '')?.[1] ?? ''
  return {
    begin(account) {
      const id = createSecret() // a new one with each login, so that none can be planted before
      accounts.set(id, account)
      return `session=${id}; ${attributes}`
    },
    accountOf: (cookieHeader) => accounts.get(idOf(cookieHeader)),
    end(cookieHeader) {
      accounts.delete(idOf(cookieHeader))
      return `session=; Max-Age=0; ${attributes}`
    },
  }
}
