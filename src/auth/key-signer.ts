import { AuthError, type Problem, ValidationError } from '../errors.ts'
import { fromBase64 } from '../protocol/base64.ts'
import { checkOptionNames } from '../request/option-names.ts'
import type { SignatureAlgorithm, Signer } from './signer.ts'

/** A private key as it stands in a file. */
export interface SigningKey {
  /** PKCS #8 in PEM (`-----BEGIN PRIVATE KEY-----`). */
  readonly privateKey: string
  readonly keyId?: string
  /** Default `RS256`. */
  readonly algorithm?: SignatureAlgorithm
}

/**
 * A signer with a key at hand, on any runtime. The key is parsed once, when it first signs.
 *
 * ```ts
 * import { keySigner } from 'discokit/auth'
 *
 * const signer = keySigner({ privateKey: process.env.PRIVATE_KEY ?? '', keyId: '1', algorithm: 'ES256' })
 * ```
 *
 * @throws {ValidationError} for an algorithm that is not known, and for what is no such key.
 */
export function keySigner(options: SigningKey): Signer {
  checkOptionNames('the key cannot sign', options, ['privateKey', 'keyId', 'algorithm'])
  const { privateKey, keyId, algorithm = 'RS256' } = options
  const problems: Problem[] = []
  if (!Object.hasOwn(ALGORITHMS, algorithm))
    problems.push({ path: 'algorithm', message: 'must be RS256, PS256, ES256 or ES384' })
  const form = formOf(privateKey)
  if (form !== undefined) problems.push({ path: 'privateKey', message: form })
  if (problems.length > 0) throw new ValidationError('the key cannot sign', problems)
  const { import: importAs, sign: signAs } = ALGORITHMS[algorithm]
  let key: ReturnType<typeof importKey> | undefined
  return {
    keyId,
    algorithm,
    async sign(data) {
      const found = await (key ??= importKey(privateKey, importAs, algorithm))
      return new Uint8Array(await crypto.subtle.sign(signAs, found, data as Uint8Array<ArrayBuffer>))
    },
  }
}

/** Why a text is no private key that can be read; undefined when it may be one. */
function formOf(privateKey: unknown): string | undefined {
  if (typeof privateKey !== 'string' || privateKey.trim() === '') return 'must be the text of a key'
  const label = /-----BEGIN ([A-Z ]{1,30})-----/.exec(privateKey)?.[1]
  if (label === 'PRIVATE KEY') return undefined
  if (label === undefined) return 'must be the text of a key in PEM, and not a path'
  return label.endsWith('PRIVATE KEY') && !label.startsWith('ENCRYPTED')
    ? `is in another form (${label}); openssl pkcs8 -topk8 -nocrypt -in key.pem gives the one that is needed`
    : `is no private key (${label})`
}

const SHA_256 = 'SHA-256'
/** In the words of WebCrypto. Its ECDSA signatures are those of RFC 7518 section 3.4. */
const ALGORITHMS = {
  RS256: { import: { name: 'RSASSA-PKCS1-v1_5', hash: SHA_256 }, sign: { name: 'RSASSA-PKCS1-v1_5' } },
  PS256: { import: { name: 'RSA-PSS', hash: SHA_256 }, sign: { name: 'RSA-PSS', saltLength: 32 } },
  ES256: { import: { name: 'ECDSA', namedCurve: 'P-256' }, sign: { name: 'ECDSA', hash: SHA_256 } },
  ES384: { import: { name: 'ECDSA', namedCurve: 'P-384' }, sign: { name: 'ECDSA', hash: 'SHA-384' } },
} as const

async function importKey(
  pem: string,
  algorithm: (typeof ALGORITHMS)[SignatureAlgorithm]['import'],
  name: SignatureAlgorithm,
): ReturnType<typeof crypto.subtle.importKey> {
  try {
    const [, base64] = /-----BEGIN PRIVATE KEY-----([^-]+)-----END PRIVATE KEY-----/.exec(pem)!
    const der = fromBase64(base64!.replace(/\\n|\s/g, '')) as Uint8Array<ArrayBuffer>
    return await crypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign'])
  } catch {
    // The runtime's own text may repeat the key.
    throw new AuthError(`the private key is not one in PKCS #8 (PEM) for ${name}`, { reason: 'invalid_key' })
  }
}
