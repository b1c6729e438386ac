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

/** Scopes that tell who the person is too: where they do not by themselves, with those of another list that do. */
export function identifyingScopes(scopes: readonly string[], others: readonly string[]): readonly string[] {
  if (scopes.some((scope) => WHO.has(scope)))
    return scopes.includes('openid') ? scopes : ['openid', ...scopes]
  return [...new Set(['openid', ...others.filter((scope) => WHO.has(scope)), ...scopes])]
}

/** Google's long names say the same. */
const WHO = new Set([
  'email',
  'profile',
  'https://www.googleapis.com/auth/userinfo.email',
  'https://www.googleapis.com/auth/userinfo.profile',
])
