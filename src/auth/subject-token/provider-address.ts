import { type Origin, parseOrigin } from '../../transport/origin.ts'

/** An address at which a provider is asked. */
export interface ProviderAddress {
  readonly url: string
  readonly origin: Origin
}

/**
 * Reads an address of a credential configuration file: `https://idp.example/token?audience=a`. Undefined when it is not a
 * plain http or https address: user information, fragments and what is no visible ASCII are refused.
 */
export function parseProviderAddress(value: unknown): ProviderAddress | undefined {
  if (typeof value !== 'string' || !/^[\x21\x22\x24-\x7e]{1,4096}$/.test(value)) return undefined
  const origin = parseOrigin(/^https?:\/\/[^/?]+/.exec(value)?.[0] ?? '')
  return origin && { url: new URL(value).href, origin }
}

/** Whether a provider may be asked there: over https, or without it where nobody else can listen. */
export function isProviderAllowed({ protocol, loopback, hostname }: Origin): boolean {
  return protocol === 'https:' || loopback || isLinkLocal(hostname)
}

/** Whether it is the metadata server of Amazon EC2, or stands in for it on this machine. */
export function isEc2Metadata({ loopback, hostname }: Origin): boolean {
  return loopback || hostname === '169.254.169.254' || hostname === EC2_IPV6
}

const EC2_IPV6 = '[fd00:ec2::254]'

/** RFC 3927 and RFC 4291 section 2.5.6; the third is Amazon's own. */
function isLinkLocal(hostname: string): boolean {
  return (
    /^169\.254\.\d+\.\d+$/.test(hostname) || /^\[fe[89ab][\da-f]:/.test(hostname) || hostname === EC2_IPV6
  )
}
