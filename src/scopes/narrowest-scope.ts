import { isMeant, rankOf } from './scope-rank.ts'

/** What a discovery document says of a method, as far as its scopes are concerned. */
export interface ScopedMethod {
  /** Scopes of which any one suffices. */
  readonly scopes?: readonly string[]
  /** Whether it gives content too: what shows metadata alone does not do then. */
  readonly supportsMediaDownload?: boolean
}

/**
 * Of the scopes of which each lets a method be called, the narrowest that does what somebody expects of the method; undefined
 * where it needs none: `…/auth/drive.file` of that and `…/auth/drive`. Why it is this one, decisions/0025 says.
 */
export function narrowestScope(method: ScopedMethod): string | undefined {
  return orderScopes(method)[0]
}

/** The scopes of a method, narrowest first. */
export function orderScopes(method: ScopedMethod): readonly string[] {
  const scopes = [...new Set(method.scopes)]
  const ranks = new Map(scopes.map((scope) => [scope, rankOf(scope, method)]))
  const sorted = scopes.toSorted((a, b) => ranks.get(a)!.order - ranks.get(b)!.order)
  const [first] = sorted
  if (first === undefined) return []
  // Of several parts of a service nobody knows which is meant: the scope around them all is.
  const { group, order, stem: own } = ranks.get(first)!
  const alike = sorted.filter((scope) => ranks.get(scope)!.order === order)
  const around = sorted.find((scope) => {
    const { group: other, stem } = ranks.get(scope)!
    return other === group && stem !== own && alike.every((each) => isBelow(ranks.get(each)!.stem, stem))
  })
  if (alike.length === 1 || around === undefined) return sorted
  return [around, ...sorted.filter((scope) => scope !== around)]
}

/**
 * The narrowest scopes with which each of some methods can be called. A method that another's scope does for gets none of its
 * own; none is made wider so that they become fewer.
 */
export function narrowestScopes(methods: readonly ScopedMethod[]): readonly string[] {
  const asking = methods.filter(({ scopes = [] }) => scopes.length > 0)
  const chosen = new Set(asking.map((method) => narrowestScope(method)!))
  for (const scope of chosen) {
    const others = [...chosen].filter((other) => other !== scope)
    const spared = asking
      .filter((method) => narrowestScope(method) === scope)
      .every((method) => others.some((other) => isMeant(other, method)))
    if (spared) chosen.delete(scope)
  }
  return [...chosen]
}

function isBelow(stem: string, above: string): boolean {
  return stem.startsWith(`${above}.`)
}
