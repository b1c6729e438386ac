/** The parts of a request's address that routing needs. */
export interface Address {
  /** Scheme, host and port: what answers put in front of the links they hold. */
  readonly origin: string
  /** The host without its port. */
  readonly host: string
  /** The path as sent, still percent-encoded. */
  readonly path: string
  readonly query: URLSearchParams
  /** Path and query as sent. */
  readonly target: string
}

/**
 * Takes an absolute address apart. The path is left alone: an address parser would resolve `.` and `..`, which may be
 * parts of an object's name.
 */
export function parseAddress(url: string): Address {
  const match = /^([a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#]*))([^?#]*)(?:\?([^#]*))?/i.exec(url)
  if (!match) throw new TypeError(`not an absolute address: ${url}`)
  const [, origin, authority, path, query] = match
  return {
    origin: origin!.toLowerCase(),
    host: authority!.toLowerCase().replace(/:\d*$/, ''),
    path: path || '/',
    query: new URLSearchParams(query ?? ''),
    target: `${path || '/'}${query === undefined ? '' : `?${query}`}`,
  }
}

/** A segment of a path without its percent-encoding, or as it was sent where that is none. */
export function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
