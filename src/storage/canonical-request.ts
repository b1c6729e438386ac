import type { HttpHeaders } from '../protocol/http.ts'
import { encodePathSegment } from '../protocol/path-template.ts'

/** A request in the form in which it is signed, and what of it stands in the address. */
export interface CanonicalRequest {
  readonly text: string
  /** As in the address, without the signature. */
  readonly query: string
}

/**
 * Writes a request down in the one form that both sides sign (V4, "canonical requests"): the parameters in the order of
 * their encoded names, headers in lower case with their blanks collapsed.
 * @param path encoded
 * @param query plain, without what `signed` adds
 */
export function canonicalRequest(
  method: string,
  path: string,
  query: Readonly<Record<string, string>>,
  headers: HttpHeaders,
): CanonicalRequest {
  const sent = canonicalQuery(query)
  const names = Object.keys(headers).toSorted()
  const lines = names.map((name) => `${name}:${headers[name]}\n`)
  const payload = headers['x-goog-content-sha256'] ?? 'UNSIGNED-PAYLOAD'
  return {
    query: sent,
    text: [method, path, sent, lines.join(''), names.join(';'), payload].join('\n'),
  }
}

/** Header names in lower case and values as they are signed: trimmed, each run of blanks one space. */
export function canonicalHeaders(headers: HttpHeaders): HttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      value.replace(/[ \t]+/g, ' ').replace(/^ | $/g, ''),
    ]),
  )
}

/** By the code units of the encoded names: upper case before lower case. */
function canonicalQuery(query: Readonly<Record<string, string>>): string {
  return Object.entries(query)
    .map(([name, value]): [string, string] => [encodePathSegment(name), encodePathSegment(value)])
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map((pair) => pair.join('='))
    .join('&')
}
