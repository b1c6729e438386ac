import type { RestDescription } from '../../discovery/document.ts'

export const EMAIL = 'https://www.googleapis.com/auth/userinfo.email'
export const PROFILE = 'https://www.googleapis.com/auth/userinfo.profile'

/** The scopes that a request names, once each, by the names under which Google grants them. */
export function readScopes(text: string): string[] {
  const names = text.split(' ').filter(Boolean)
  return [...new Set(names.map((name) => ({ email: EMAIL, profile: PROFILE })[name] ?? name))]
}

/** Whether a scope tells who somebody is, and lets nothing be done. */
export function isIdentityScope(scope: string): boolean {
  return scope === 'openid' || scope === EMAIL || scope === PROFILE
}

/** Whether there can be such a scope: one of the documents served, or one that looks like those of Google's. */
export function isScope(scope: string, documents: readonly RestDescription[]): boolean {
  return (
    isIdentityScope(scope) ||
    /^https:\/\/www\.googleapis\.com\/auth\/[\w.\-/]+$/.test(scope) ||
    /^https:\/\/(mail|www)\.google\.com\/[\w.\-/]*$/.test(scope) ||
    documents.some(({ auth }) => auth?.oauth2?.scopes?.[scope] !== undefined)
  )
}

/** What people read of a scope. */
export function describeScope(scope: string, documents: readonly RestDescription[]): string {
  const own = OWN_WORDS[scope]
  if (own !== undefined) return own
  const described = documents.map(({ auth }) => auth?.oauth2?.scopes?.[scope]?.description)
  const words = described.find((text) => text !== undefined && text !== '')
  return words ?? `Use ${/\/auth\/(.+)$/.exec(scope)?.[1] ?? scope}`
}

const OWN_WORDS: Readonly<Record<string, string>> = {
  openid: 'Know who you are',
  [EMAIL]: 'See your e-mail address',
  [PROFILE]: 'See your name and picture',
}
