import { isAllowed } from '../transport/origin-policy.ts'
import { splitOrigin } from '../transport/origin.ts'

/** Where the Discovery Service is asked. */
export interface DiscoveryAddresses {
  readonly directory: string
  documents(name: string, version: string): readonly [string, ...string[]]
  /** Whether an address that the directory names may be asked. */
  allows(url: string): boolean
}

/** The addresses below an endpoint that stands in for Google's, or Google's own. */
export function discoveryAddresses(endpoint: string | undefined, universeDomain: string): DiscoveryAddresses {
  const central = `${endpoint ?? `https://www.${universeDomain}`}/discovery/v1/apis`
  return {
    directory: central,
    documents: (name, version) => [
      `${central}/${name}/${version}/rest`,
      `${endpoint ?? `https://${name}.${universeDomain}`}/$discovery/rest?version=${version}`,
    ],
    allows: (url) =>
      isPlain(url) &&
      (endpoint === undefined
        ? isAllowed(splitOrigin(url)?.origin ?? '', { universeDomain, origins: [] })
        : url.startsWith(`${endpoint}/`)),
  }
}

/** Whether it is a text without spaces, controls, fragments, and what means different things to different readers. */
export function isPlain(url: unknown): url is string {
  return typeof url === 'string' && /^[\x21\x24-\x5b\x5d-\x7e]+$/.test(url)
}
