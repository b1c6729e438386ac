import type { Problem } from '../errors.ts'
import { DEFAULT_UNIVERSE } from '../transport/origin-policy.ts'
import { parseOrigin } from '../transport/origin.ts'
import { platform } from '#platform'

/** Where a bucket is, and how addresses name it. */
export interface BucketHost {
  /**
   * `path`: `https://storage.googleapis.com/BUCKET/OBJECT`; `virtual-hosted`: `https://BUCKET.storage.googleapis.com/OBJECT`.
   * Default `path`.
   */
  readonly style?: 'path' | 'virtual-hosted' | undefined
  /** A host that leads to this bucket alone, such as `cdn.example.com`, or `http://cdn.example.com`. */
  readonly boundHost?: string | undefined
  /** Instead of `storage.googleapis.com`, before all that follows: `localhost:8080`, or `http://localhost:8080`. */
  readonly hostname?: string | undefined
  /**
   * The address that the client has for Cloud Storage. Before the variables `STORAGE_EMULATOR_HOST` and `DISCOKIT_EMULATOR`,
   * which lead to an emulator.
   */
  readonly endpoint?: string | undefined
  /** Default `googleapis.com`. */
  readonly universeDomain?: string | undefined
}

/** The parts of an address that is to be signed. */
export interface BucketAddress {
  /** Scheme, host and port. */
  readonly origin: string
  /** The host that is signed: Google leaves the port out. */
  readonly host: string
  /** Before the object; of the bucket itself it is the whole. Empty where the host says it all. */
  readonly bucketPath: string
}

/** The names of its options. */
export const BUCKET_HOST: readonly string[] = ['style', 'boundHost', 'hostname', 'endpoint', 'universeDomain']

/** Where a bucket is. What is wrong with the options is added to `problems`. */
export function bucketAddress(
  bucket: string,
  { style = 'path', boundHost, hostname, endpoint, universeDomain = DEFAULT_UNIVERSE }: BucketHost,
  problems: Problem[],
): BucketAddress {
  const add = (path: string, message: string): void => void problems.push({ path, message })
  if (typeof bucket !== 'string' || !/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/.test(bucket))
    add('bucket', 'must be the name of a bucket')
  if (style !== 'path' && style !== 'virtual-hosted') add('style', "must be 'path' or 'virtual-hosted'")
  if (boundHost !== undefined) {
    if (style !== 'path') add('style', 'has no meaning for a boundHost')
    for (const [path, value] of Object.entries({ hostname, endpoint }))
      if (value !== undefined) add(path, 'has no meaning beside a boundHost')
  }
  const [path, address] = firstOf({
    boundHost,
    hostname,
    endpoint,
    STORAGE_EMULATOR_HOST: platform.environment('STORAGE_EMULATOR_HOST'),
    DISCOKIT_EMULATOR: platform.environment('DISCOKIT_EMULATOR'),
    universeDomain: `storage.${universeDomain}`,
  })
  const { protocol, authority } = splitAddress(address)
  const inHost = style === 'virtual-hosted' && boundHost === undefined
  const fullAuthority = inHost ? `${bucket}.${authority}` : authority
  const origin = `${protocol}//${fullAuthority}`
  const parsed = parseOrigin(origin)
  if (parsed === undefined && problems.length === 0) add(path, 'must be a host or an address without a path')
  if (path === 'DISCOKIT_EMULATOR' && parsed?.loopback === false)
    add(path, 'must be an address on this machine, such as http://127.0.0.1:9090')
  return {
    origin,
    host: fullAuthority.replace(/:\d+$/, '').toLowerCase(),
    bucketPath: inHost || boundHost !== undefined ? '' : `/${bucket}`,
  }
}

/** What is wrong with the name of an object, or undefined. */
export function objectNameProblem(name: string): string | undefined {
  if (typeof name !== 'string' || name === '') return 'must be the name of an object'
  if (/\p{Surrogate}/u.test(name)) return 'has half a character, which UTF-8 cannot say'
  return new TextEncoder().encode(name).length > 1_024 ? 'has more than 1,024 bytes' : undefined
}

/** What is wrong with the name of an object that is to stand in a path, or undefined. */
export function objectPathProblem(name: string): string | undefined {
  // Browsers and fetch take such parts away, encoded or not, and then ask for another object.
  return /(^|\/)\.{1,2}(\/|$)/.test(name)
    ? "has a part '.' or '..', which no address can keep"
    : objectNameProblem(name)
}

function firstOf(options: Readonly<Record<string, string | undefined>>): [string, string] {
  // The last of them is always there.
  return Object.entries(options).find((entry): entry is [string, string] => entry[1] !== undefined)!
}

function splitAddress(address: string): { protocol: string; authority: string } {
  const [, protocol = 'https:', authority = ''] = /^(?:(\w+:)\/\/)?(.*?)\/*$/s.exec(address) ?? []
  return { protocol: protocol.toLowerCase(), authority }
}
