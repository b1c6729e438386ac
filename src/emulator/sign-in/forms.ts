import { toBase64Url } from '../../protocol/base64.ts'
import { GrantFailure } from '../grant-failure.ts'
import type { Browser } from './browsers.ts'

/**
 * Forms that were shown and not sent yet. Each has a token that only the browser has to which it was shown, so that no other
 * page can send it (cross-site request forgery).
 */
export interface Forms<T> {
  /** @returns the token to put into the form */
  show(browser: Browser, subject: T): string
  /**
   * What a form is about. It can be sent once.
   * @throws {GrantFailure} for a token that is none, or was shown to another browser.
   */
  take(browser: Browser, token: string): T
}

export function createForms<T>(): Forms<T> {
  const shown = new Map<string, { readonly browserId: string; readonly subject: T }>()
  return {
    show(browser, subject) {
      if (shown.size >= MOST) shown.delete(shown.keys().next().value!)
      const token = toBase64Url(crypto.getRandomValues(new Uint8Array(32)))
      shown.set(token, { browserId: browser.id, subject })
      return token
    },
    take(browser, token) {
      const form = shown.get(token)
      if (form?.browserId !== browser.id)
        throw new GrantFailure('invalid_request', 'This page was not shown to this browser. Start again.')
      shown.delete(token)
      return form.subject
    },
  }
}

const MOST = 1_000
