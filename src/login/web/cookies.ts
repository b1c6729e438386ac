/** The cookies of a request by name. Of two with a name, neither counts: one of them was planted. */
export function readCookies(header: string | null): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>()
  const twice = new Set<string>()
  for (const pair of (header ?? '').slice(0, MAX_HEADER_LENGTH).split(';')) {
    const [name = '', ...value] = pair.trim().split('=')
    if (cookies.has(name)) twice.add(name)
    cookies.set(name, value.join('='))
  }
  for (const name of twice) cookies.delete(name)
  return cookies
}

const MAX_HEADER_LENGTH = 65_536

/** Where cookies are set: only for this host, unreadable for scripts, and not sent with what other sites post. */
export interface CookiePlace {
  /** False only for http on this machine. */
  readonly secure: boolean
}

/** The name of a cookie. Browsers take one that begins so only from the host itself, over https (RFC 6265bis). */
export function cookieName(name: string, { secure }: CookiePlace): string {
  return secure ? `__Host-${name}` : name
}

/**
 * A `Set-Cookie`.
 * @param lifeSeconds 0 takes it away
 */
export function setCookie(name: string, value: string, lifeSeconds: number, { secure }: CookiePlace): string {
  return `${name}=${value}; Path=/; Max-Age=${lifeSeconds}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`
}
