import { readFileSync } from 'node:fs'

/** Google's own vectors of V4 signing, read from where they lie beside the repository; undefined where they do not. */
export function readVectors(): Vectors | undefined {
  try {
    const folder = new URL('../../../shared/conformance/', import.meta.url)
    const { signingV4Tests, postPolicyV4Tests } = JSON.parse(
      readFileSync(new URL('v4_signatures.json', folder), 'utf8'),
    ) as { signingV4Tests: SigningVector[]; postPolicyV4Tests: PolicyVector[] }
    const [publicKey = ''] =
      /-----BEGIN PUBLIC KEY-----[^]+?-----END PUBLIC KEY-----/.exec(
        readFileSync(new URL('README.md', folder), 'utf8'),
      ) ?? []
    return { signing: signingV4Tests, policies: postPolicyV4Tests, publicKey }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return undefined
  }
}

export interface Vectors {
  readonly signing: readonly SigningVector[]
  readonly policies: readonly PolicyVector[]
  /** In PEM: the private half is not there. */
  readonly publicKey: string
}

/** Where something is, in the words of the vectors. */
export interface VectorPlace {
  readonly description: string
  readonly bucket: string
  readonly object?: string
  /** Seconds. */
  readonly expiration: number
  readonly timestamp: string
  readonly scheme?: 'http' | 'https'
  readonly urlStyle?: 'PATH_STYLE' | 'VIRTUAL_HOSTED_STYLE' | 'BUCKET_BOUND_HOSTNAME'
  readonly bucketBoundHostname?: string
}

export interface SigningVector extends VectorPlace {
  readonly method: 'GET' | 'PUT' | 'POST'
  readonly headers?: Record<string, string>
  readonly queryParameters?: Record<string, string>
  readonly hostname?: string
  readonly clientEndpoint?: string
  readonly emulatorHostname?: string
  readonly universeDomain?: string
  readonly expectedUrl: string
  readonly expectedCanonicalRequest: string
  readonly expectedStringToSign: string
}

export interface PolicyVector {
  readonly description: string
  readonly policyInput: VectorPlace & {
    readonly object: string
    readonly fields?: Record<string, string>
    readonly conditions?: { startsWith?: [`$${string}`, string]; contentLengthRange?: [number, number] }
  }
  readonly policyOutput: {
    readonly url: string
    readonly fields: Record<string, string>
    readonly expectedDecodedPolicy: string
  }
}
