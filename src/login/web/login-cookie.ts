import { toBase64Url } from '../../protocol/base64.ts'
import type { Seal } from '../../protocol/seal.ts'
import type { AuthorizationRequest } from '../authorization-url.ts'
import { REQUEST_LIFETIME_MS } from '../callback.ts'
import { type CookiePlace, cookieName, readCookies, setCookie } from './cookies.ts'

/** What a browser keeps for us between the two halves of a login. */
export interface PendingLogin {
  readonly request: AuthorizationRequest
  /** Where the person goes afterwards: a path of this site. */
  readonly returnTo: string
}

/** Sealed cookies of logins under way: one for each, so that two tabs do not disturb each other. */
export interface LoginCookies {
  /** The `Set-Cookie` headers that keep a login, and drop others where there are too many. */
  keep(pending: PendingLogin, cookieHeader: string | null): Promise<readonly string[]>
  /** The login with this state, and the header that drops it; undefined where this browser began none. */
  take(state: string, cookieHeader: string | null): Promise<TakenLogin | undefined>
}

/** A login that was taken out of its cookie. */
export interface TakenLogin {
  readonly pending: PendingLogin
  readonly drop: string
}

/** @param clientId whose logins they are: those of another client do not count */
export function loginCookies(seal: Seal, clientId: string, place: CookiePlace): LoginCookies {
  const prefix = cookieName('discokit-login-', place)
  return {
    async keep(pending, cookieHeader) {
      const name = prefix + (await idOf(pending.request.state))
      const sealed = await seal.close(JSON.stringify(pending), `${clientId} ${name}`)
      const others = [...readCookies(cookieHeader).keys()].filter((other) => other.startsWith(prefix))
      const dropped = others.length < MAX_PENDING ? [] : others.slice(0, MAX_DROPPED)
      return [
        ...dropped.filter(isName).map((other) => setCookie(other, '', 0, place)),
        setCookie(name, sealed, REQUEST_LIFETIME_MS / 1_000, place),
      ]
    },
    async take(state, cookieHeader) {
      const name = prefix + (await idOf(state))
      const sealed = readCookies(cookieHeader).get(name)
      const text = sealed === undefined ? undefined : await seal.open(sealed, `${clientId} ${name}`)
      if (text === undefined) return undefined
      // Nobody else can have written it.
      return { pending: JSON.parse(text) as PendingLogin, drop: setCookie(name, '', 0, place) }
    },
  }
}

const MAX_PENDING = 4
const MAX_DROPPED = 20

function isName(name: string): boolean {
  return /^[\w-]{1,80}$/.test(name)
}

/** Of the state, what may stand in the name of a cookie. */
async function idOf(state: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(state))
  return toBase64Url(new Uint8Array(hash).subarray(0, 9))
}
