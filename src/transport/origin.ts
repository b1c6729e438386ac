/** Where a request goes: scheme, host and port. */
export interface Origin {
  readonly protocol: 'http:' | 'https:'
  /** Lower case, brackets around an IPv6 address. */
  readonly hostname: string
  readonly port: number
  /** As in the `Host` header: without the scheme's own port. */
  readonly host: string
  /** Whether it is this machine: an address of 127.0.0.0/8, ::1, `localhost` or a name below it (RFC 6761). */
  readonly loopback: boolean
}

/**
 * Splits an absolute address after its origin, without parsing the rest. Gives undefined for anything that is not
 * plain http or https: user information, odd characters and other schemes are refused, so that no other reader of
 * the same address can see another host in it.
 */
export function splitOrigin(url: string): { origin: string; target: string } | undefined {
  const authority = url.startsWith('https://') ? 8 : url.startsWith('http://') ? 7 : -1
  if (authority < 0) return undefined
  const end = url.indexOf('/', authority)
  return end < 0 ? { origin: url, target: '/' } : { origin: url.slice(0, end), target: url.slice(end) }
}

/** The origin of an absolute address; undefined when it has none that can be read. */
export function originOf(url: string): Origin | undefined {
  return parseOrigin(splitOrigin(url)?.origin ?? '')
}

/** Reads an origin such as `https://storage.googleapis.com`; undefined when it is not one. */
export function parseOrigin(origin: string): Origin | undefined {
  const match = ORIGIN.exec(origin)
  if (!match || !URL.canParse(origin)) return undefined
  const { hostname, host } = new URL(origin)
  const protocol = match[1] as 'http:' | 'https:'
  const port = Number(match[3] ?? (protocol === 'https:' ? 443 : 80))
  return { protocol, hostname, host, port, loopback: LOOPBACK.test(hostname) }
}

const ORIGIN = /^(https?:)\/\/([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?$/

const LOOPBACK = /^(127(\.\d+){3}|\[::1\]|(.+\.)?localhost)$/
