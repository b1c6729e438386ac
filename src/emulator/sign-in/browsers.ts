import { toBase64Url } from '../../protocol/base64.ts'
import type { HttpHeaders } from '../../protocol/http.ts'

/** A browser that was shown a page, and the accounts that were chosen in it. */
export interface Browser {
  readonly id: string
  readonly emails: Set<string>
  /** The header that makes it known the next time. */
  readonly headers: HttpHeaders
}

/** The browsers of one emulator, known by a cookie. */
export interface Browsers {
  recognise(headers: HttpHeaders): Browser
}

export function createBrowsers(): Browsers {
  // A name of its own, as the programs of this machine share their cookies.
  const cookie = `emulator_${random(6).replace(/\W/g, '0')}`
  const browsers = new Map<string, Set<string>>()
  return {
    recognise(headers) {
      const shown = (headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='))
      const known = shown.find(([name, id]) => name === cookie && id !== undefined && browsers.has(id))?.[1]
      const id = known ?? random(24)
      const emails = browsers.get(id) ?? new Set()
      if (browsers.size >= MOST && known === undefined) browsers.delete(browsers.keys().next().value!)
      browsers.set(id, emails)
      return { id, emails, headers: { 'set-cookie': `${cookie}=${id}; Path=/; HttpOnly; SameSite=Lax` } }
    },
  }
}

const MOST = 1_000

function random(bytes: number): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(bytes)))
}
