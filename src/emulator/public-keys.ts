import type { HttpHeaders, HttpResponse } from '../protocol/http.ts'
import { jsonAnswer } from './answers.ts'
import { notFound } from './api-failure.ts'
import { certificate } from './certificate.ts'
import type { Clock } from './clock.ts'
import type { Identity } from './identity.ts'
import { publicJwk, type SigningKeys } from './signing.ts'

/** The keys that prove something, in one of the two forms in which Google gives them out. */
export type KeyForm = (keys: readonly SigningKeys[], name: string, clock: Clock) => Promise<HttpResponse>

/** A JWKS (RFC 7517 section 5). */
export const asJwks: KeyForm = async (keys) =>
  jsonAnswer({ keys: await Promise.all(keys.map(publicJwk)) }, 200, MAY_BE_KEPT)

/** A map of certificates in PEM by the ids of their keys. */
export const asCertificates: KeyForm = async (keys, name, clock) => {
  const entries = keys.map(async (key) => [key.keyId, await certificateOf(key, name, clock)] as const)
  return jsonAnswer(Object.fromEntries(await Promise.all(entries)), 200, MAY_BE_KEPT)
}

/** The keys of an account: of its key file, and the system's. */
export async function accountKeys({ accounts }: Identity, email: string): Promise<readonly SigningKeys[]> {
  const account = await accounts.find(email)
  if (!account) throw notFound(`There is no service account ${email}.`)
  await account.systemKeys()
  return account.keys()
}

/** Of answers that are the same for hours. */
export const MAY_BE_KEPT: HttpHeaders = {
  'cache-control': 'public, max-age=21600, must-revalidate, no-transform',
}

/** Made once for each key, so that it stays the same. */
const certificates = new WeakMap<SigningKeys, Promise<string>>()

function certificateOf(keys: SigningKeys, name: string, clock: Clock): Promise<string> {
  const made = certificates.get(keys) ?? certificate(keys, { name, notBefore: clock.now() })
  certificates.set(keys, made)
  return made
}
