/** Stands in until the one of the library is there. */
export function narrowestScope(
  alternatives: readonly string[],
  granted: readonly string[],
): string | undefined {
  if (alternatives.some((scope) => granted.includes(scope))) return undefined
  const rank = (scope: string): number =>
    /\.file$/.test(scope) ? 0 : /readonly/.test(scope) ? 1 : 2
  return [...alternatives].sort((a, b) => rank(a) - rank(b))[0]
}
