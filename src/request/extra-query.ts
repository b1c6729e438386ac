import type { PreparedRequest } from './prepared-request.ts'

/** The same request with further query parameters, which no document needs to know. */
export function withExtraQuery<Result>(
  request: PreparedRequest<Result>,
  extraQuery: Readonly<Record<string, string | readonly string[]>> | undefined,
): PreparedRequest<Result> {
  if (extraQuery === undefined) return request
  const items = Object.entries(extraQuery).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map(
      (item) => `${encodeURIComponent(name)}=${encodeURIComponent(item)}`,
    ),
  )
  if (items.length === 0) return request
  return { ...request, url: `${request.url}${request.url.includes('?') ? '&' : '?'}${items.join('&')}` }
}
