import { CallContext } from '../../transport/call-context.ts'
import { systemClock } from '../../transport/clock.ts'
import type { CredentialsContext } from '../../transport/credentials.ts'
import type { IdTokenClaims } from './id-token-claims.ts'
import { ownTransport } from '../tokens/own-transport.ts'
import type { VerifyIdTokenOptions } from '../verify-id-token.ts'
import { checkClaims } from './check-claims.ts'
import { findKeys } from './find-keys.ts'
import { type ParsedToken, parseToken } from './parse-token.ts'
import { refusal, shown } from './refusal.ts'
import { readSettings, type Settings } from './settings.ts'
import type { VerificationKey } from './verification-key.ts'

/** Verifies an ID token; see `verifyIdToken`. What the token says is believed only when its signature is good. */
export async function verify(token: string, options: VerifyIdTokenOptions): Promise<IdTokenClaims> {
  const settings = readSettings(options)
  const { clock = systemClock, transport = ownTransport(), signal, timeoutMs: timeout } = options
  const parsed = parseToken(token)
  checkAlgorithm(parsed, settings)
  const call = new CallContext({ id: 'the verification of an ID token', signal, timeout, clock })
  try {
    call.throwIfEnded()
    const key = await keyOf(parsed, settings, options.keys ?? transport, { transport, clock, call })
    await checkSignature(token, key)
    return checkClaims(parsed.claims, settings, clock.now())
  } finally {
    call.finish()
  }
}

/** Before any key is asked for: that is for tokens which may be good. */
function checkAlgorithm({ algorithm }: ParsedToken, { algorithms }: Settings): void {
  const allowed: readonly string[] = algorithms
  if (allowed.includes(algorithm)) return
  const named = /^[\w-]{1,10}$/.test(algorithm) ? `'${algorithm}'` : 'another algorithm'
  throw refusal('unexpected_algorithm', `it is signed with ${named}, and not with ${allowed.join(' or ')}`)
}

/**
 * The key that the token names. One that names none is for the only key there is (OpenID Connect Core section 10.1). The key
 * says what it is for, and the token must agree.
 */
async function keyOf(
  { keyId, algorithm }: ParsedToken,
  { jwksUri }: Settings,
  holder: object,
  context: CredentialsContext,
): Promise<VerificationKey> {
  const keys = await findKeys(holder, jwksUri, keyId, context)
  if (keys.length === 0) throw refusal('unknown_key', 'its issuer has no such key')
  if (keyId === undefined && keys.length > 1)
    throw refusal('unknown_key', 'it does not name its key, and its issuer has several')
  const key = keys.find((candidate) => candidate.algorithm === algorithm)
  if (key) return key
  const why = `it is signed with ${shown(algorithm)}, and its key is one for ${keys[0]!.algorithm}`
  throw refusal('unexpected_algorithm', why)
}

async function checkSignature(token: string, { key, algorithm }: VerificationKey): Promise<void> {
  const { compactVerify } = await import('jose/jws/compact/verify') // few programs verify tokens
  try {
    await compactVerify(token, key, { algorithms: [algorithm] })
  } catch {
    // Without the cause, which may have a piece of the token.
    throw refusal('bad_signature', 'its signature is not that of its key')
  }
}
