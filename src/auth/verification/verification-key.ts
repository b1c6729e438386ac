import type { WebCryptoKey } from '../../web-types.ts'
import type { SignatureAlgorithm } from '../signer.ts'

/** A public key, and the one algorithm that it is for. */
export interface VerificationKey {
  readonly id: string | undefined
  readonly algorithm: SignatureAlgorithm
  readonly key: WebCryptoKey
}

/**
 * The keys of a JWKS (RFC 7517 section 5) that can check a signature here. Those for something else, private ones, short
 * ones, ones that are broken and ones of kinds that are not known are passed over, as the standard has it.
 */
export async function readKeys(keys: readonly unknown[]): Promise<readonly VerificationKey[]> {
  const { importJWK } = await import('jose/key/import') // few programs verify tokens
  const read = await Promise.all(keys.slice(0, MOST_KEYS).map((key) => readKey(key, importJWK)))
  return read.filter((key) => key !== undefined)
}

const MOST_KEYS = 100
const MIN_RSA_BITS = 2_048

/** What a key is for that does not say (RFC 7518 section 3.1). */
const USUAL: Readonly<Record<string, SignatureAlgorithm>> = {
  'RSA ': 'RS256',
  'EC P-256': 'ES256',
  'EC P-384': 'ES384',
}
/** What a key may say that it is for. */
const POSSIBLE: Readonly<Record<string, readonly unknown[]>> = {
  'RSA ': ['RS256', 'PS256'],
  'EC P-256': ['ES256'],
  'EC P-384': ['ES384'],
}

async function readKey(jwk: unknown, importJWK: ImportKey): Promise<VerificationKey | undefined> {
  if (typeof jwk !== 'object' || jwk === null) return undefined
  const { kty, crv = '', kid, use = 'sig', key_ops: operations = ['verify'], ...rest } = jwk as Jwk
  const kind = `${String(kty)} ${String(crv)}`
  const algorithm = rest.alg ?? USUAL[kind]
  const isForThis =
    POSSIBLE[kind]?.includes(algorithm) &&
    use === 'sig' &&
    Array.isArray(operations) &&
    operations.includes('verify') &&
    (kid === undefined || typeof kid === 'string') &&
    rest.d === undefined
  if (!isForThis) return undefined
  const { n, e, x, y } = rest
  try {
    const bare = kty === 'RSA' ? { kty, n, e } : { kty, crv, x, y }
    const key = await importJWK(bare as { kty: 'RSA' | 'EC' }, algorithm as string)
    const { modulusLength = MIN_RSA_BITS } = key.algorithm as Partial<RsaKeyAlgorithm>
    if (modulusLength < MIN_RSA_BITS) return undefined
    return { id: kid, algorithm: algorithm as SignatureAlgorithm, key }
  } catch {
    return undefined
  }
}

type ImportKey = typeof import('jose/key/import').importJWK

/** The members of a key that are looked at, as they come. */
type Jwk = Partial<
  Record<'kty' | 'crv' | 'kid' | 'use' | 'key_ops' | 'alg' | 'd' | 'n' | 'e' | 'x' | 'y', unknown>
>
