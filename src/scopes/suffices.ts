/** A method of an API, or the scopes of which each lets it be called. */
export type MethodScopes = { readonly $scopes: readonly string[] } | readonly string[]

/**
 * Whether the scopes that a person granted let a method be called. The scopes of a method are alternatives: one of them is
 * enough. A method without scopes needs none.
 */
export function suffices(method: MethodScopes, granted: readonly string[] | undefined): boolean {
  const alternatives = '$scopes' in method ? method.$scopes : method
  const known = new Set(granted?.map(fullName))
  return alternatives.length === 0 || alternatives.some((scope) => known.has(fullName(scope)))
}

/** Google takes these short names for scopes that it knows by long ones. */
function fullName(scope: string): string {
  return scope === 'email' || scope === 'profile'
    ? `https://www.googleapis.com/auth/userinfo.${scope}`
    : scope
}
