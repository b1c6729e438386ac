import { ValidationError } from '../errors.ts'
import { isHeaderValue } from '../protocol/header-value.ts'
import { checkOptionNames } from '../request/option-names.ts'
import type { Credentials } from '../transport/credentials.ts'

/** How an API key is sent. */
export interface ApiKeyOptions {
  /** Where the key stands: in the header `x-goog-api-key`, the default, or in the address as `key=…`, where logs may see it. */
  readonly in?: 'header' | 'query'
}

/**
 * An API key: it says which project calls, and no more, so it reaches public data.
 *
 * ```ts
 * import { createClient } from 'discokit'
 * import { apiKey } from 'discokit/auth'
 *
 * const google = createClient({ auth: apiKey(process.env.GOOGLE_API_KEY ?? '') })
 * ```
 *
 * @throws {ValidationError} when the key is empty or cannot stand in a header.
 */
export function apiKey(key: string, options: ApiKeyOptions = {}): Credentials {
  checkOptionNames('the API key cannot be used', options, ['in'])
  const place = options.in ?? 'header'
  if (typeof key !== 'string' || key === '' || !isHeaderValue(key)) {
    throw new ValidationError('the API key cannot be used', [
      { path: 'key', message: 'must be the text of a key' },
    ])
  }
  if (place !== 'header' && place !== 'query') {
    throw new ValidationError('the API key cannot be used', [
      { path: 'in', message: "must be 'header' or 'query'" },
    ])
  }
  const kind = 'API key'
  if (place === 'header') return { kind, headers: () => ({ 'x-goog-api-key': key }) }
  const parameter = `key=${encodeURIComponent(key)}`
  return {
    kind,
    headers: () => ({}),
    address(url) {
      if (url.split(/[?&]/).includes(parameter)) return url // a redirect repeats it
      return `${url}${url.includes('?') ? '&' : '?'}${parameter}`
    },
  }
}
