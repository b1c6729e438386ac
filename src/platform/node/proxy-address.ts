import type { Origin } from '../../transport/origin.ts'

/**
 * The address of the proxy for an origin: the one given, or the one that the environment names. Lower-case variables
 * win, as in curl; `NO_PROXY` lists hosts and domains (`.example.com`, `example.com:8080`, `*`).
 */
export function proxyAddress(origin: Origin, option: string | false | undefined): string | undefined {
  // A metadata server, be it Amazon's, answers this machine alone, and a token of it is nobody else's to see.
  if (option === false || isMetadataServer(origin.hostname)) return undefined
  return option ?? environmentProxy(origin)
}

/** By one of its names, at an address of the link alone, or where the environment says that it is. */
function isMetadataServer(hostname: string): boolean {
  const named = (process.env['GCE_METADATA_HOST'] ?? '').replace(/:\d+$/, '')
  return hostname === named || METADATA_HOST.test(hostname)
}

const METADATA_HOST =
  /^(metadata(\.google\.internal)?\.?|169\.254\.\d+\.\d+|\[(::ffff:a9fe:[\da-f]+|fd20:ce::254|fd00:ec2::254)\])$/

function environmentProxy(origin: Origin): string | undefined {
  if (origin.loopback || isExempt(origin, variable('no_proxy'))) return undefined
  // HTTP_PROXY in upper case can be set by a request in CGI programs, so only the lower case counts for http.
  return origin.protocol === 'https:' ? variable('https_proxy') : process.env['http_proxy'] || undefined
}

function variable(name: string): string | undefined {
  return process.env[name] || process.env[name.toUpperCase()] || undefined
}

function isExempt({ hostname, port }: Origin, list = ''): boolean {
  return list.split(/[\s,]+/).some((entry) => {
    if (entry === '*') return true
    const match = /^\*?\.?([^:]+|\[.+\])(?::(\d+))?$/.exec(entry.toLowerCase())
    if (!match) return false
    const inDomain = hostname === match[1] || hostname.endsWith(`.${match[1]}`)
    return inDomain && (match[2] === undefined || Number(match[2]) === port)
  })
}
