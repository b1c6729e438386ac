import { orderScopes } from './narrowest-scope.ts'

/** What was asked for with a token whose scopes did not do. */
interface Refused {
  readonly scopes?: readonly string[] | undefined
  /** Whether it was content. */
  readonly download?: boolean | undefined
}

/** What to tell of it: the scopes of which each would have done, the narrowest first, and what to do next. */
export function lackOfScope({ scopes = [], download = false }: Refused): {
  readonly missingScopes: readonly string[]
  readonly hint: string
} {
  // Of a request that was kept as JSON, they may be anything.
  const named = Array.isArray(scopes) ? scopes.filter((scope) => typeof scope === 'string') : []
  const missingScopes = orderScopes({ scopes: named, supportsMediaDownload: download })
  const [narrowest] = missingScopes
  const cause = "the token's scopes do not cover this method"
  const advice = `; the narrowest of missingScopes is ${narrowest}, which people grant where $can() of the method says`
  return { missingScopes, hint: narrowest === undefined ? cause : cause + advice }
}
