/** What a token endpoint says when it refuses (RFC 6749 section 5.2). */
export interface OAuthError {
  readonly reason?: string
  readonly message?: string
}

/** Reads `{ error, error_description }`; anything else gives an empty result. */
export function parseOAuthError(text: string): OAuthError {
  let answer: { error?: unknown; error_description?: unknown } | null
  try {
    answer = JSON.parse(text) as typeof answer
  } catch {
    return {}
  }
  const { error: reason, error_description: message } = answer ?? {}
  if (typeof reason !== 'string') return {}
  return typeof message === 'string' ? { reason, message } : { reason }
}
