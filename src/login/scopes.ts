import type { Problem } from '../errors.ts'

/**
 * The scopes of a request that shall tell who the person is: `openid` first.
 * @param problems takes what is wrong with them
 */
export function openIdScopes(scopes: readonly string[], problems: Problem[]): readonly string[] {
  if (!scopes.some((scope) => WHO.has(scope)))
    problems.push({ path: 'scopes', message: "must name 'email' or 'profile' where 'openid' is asked for" })
  return scopes.includes('openid') ? scopes : ['openid', ...scopes]
}

/** Google's long names say the same. */
const WHO = new Set([
  'email',
  'profile',
  'https://www.googleapis.com/auth/userinfo.email',
  'https://www.googleapis.com/auth/userinfo.profile',
])

/** A method of an API, or the scopes of which each lets it be called. */
export type MethodScopes = { readonly $scopes: readonly string[] } | readonly string[]

/**
 * Whether the scopes that a person granted let a method be called. The scopes of a method are alternatives: one of them is
 * enough. A method without scopes needs none.
 */
export function suffices(method: MethodScopes, granted: readonly string[] | undefined): boolean {
  const alternatives = '$scopes' in method ? method.$scopes : method
  return alternatives.length === 0 || alternatives.some((scope) => granted?.includes(scope) ?? false)
}
