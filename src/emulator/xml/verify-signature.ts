import type { Principal } from '../access-tokens.ts'
import type { ApiFailure } from '../api-failure.ts'
import type { Clock } from '../clock.ts'
import type { Identity } from '../identity.ts'
import { storageState } from '../services/storage/storage-state.ts'
import { RS256 } from '../signing.ts'
import type { State } from '../state.ts'
import type { StoredHmacKey } from './hmac-keys.ts'
import { xmlFailure } from './xml-text.ts'

/** What a signature says of itself, in an address or in a form. */
export interface ShownSignature {
  readonly algorithm: string | undefined
  /** `ACCOUNT/20190201/auto/storage/goog4_request` */
  readonly credential: string | undefined
  /** `20190201T090000Z` */
  readonly date: string | undefined
  /** In hexadecimal digits. */
  readonly signature: string | undefined
}

/** The parts of it that stand for something. */
export interface ReadSignature {
  readonly signer: string
  readonly scope: string
  readonly day: string
  /** Milliseconds since 1970. */
  readonly signedAt: number
}

/**
 * Reads a signature, whose time must not be one to come.
 * @throws {ApiFailure} 400 for one of another form, 403 for one of tomorrow.
 */
export function readSignature(
  { algorithm, credential = '', date = '', signature = '' }: ShownSignature,
  clock: Pick<Clock, 'now'>,
): ReadSignature {
  const [, signer, scope, day] = /^(.+)\/((\d{8})\/[\w-]+\/storage\/goog4_request)$/.exec(credential) ?? []
  const time = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date)
  const signedAt = time ? Date.parse(date.replace(time[0], isoOf(time))) : NaN
  if (algorithm !== RSA && algorithm !== HMAC) throw malformed('X-Goog-Algorithm is none that is known.')
  if (signer === undefined || scope === undefined || day === undefined)
    throw malformed('X-Goog-Credential is not of the form ACCOUNT/DATE/LOCATION/storage/goog4_request.')
  if (Number.isNaN(signedAt)) throw malformed('X-Goog-Date is not of the form YYYYMMDDTHHMMSSZ.')
  if (!date.startsWith(day)) throw malformed('X-Goog-Credential and X-Goog-Date are of different days.')
  if (!/^([0-9a-f]{2})+$/.test(signature)) throw malformed('X-Goog-Signature is not hexadecimal.')
  if (signedAt > clock.now() + LARGEST_SKEW_MS)
    throw xmlFailure(
      403,
      'RequestTimeTooSkewed',
      'The difference between the request time and the current time is too large.',
    )
  return { signer, scope, day, signedAt }
}

/**
 * Whose signature it is, when it is one of that text: of a service account by its own keys or the system's, or of the account
 * that an HMAC key belongs to.
 * @throws {ApiFailure} 403
 */
export async function verifySignature(
  { identity, state }: { readonly identity: Identity; readonly state: State },
  shown: ShownSignature,
  { signer, day }: ReadSignature,
  text: string,
): Promise<Principal> {
  const { accounts, hmacKeys } = identity
  const signature = fromHex(shown.signature ?? '')
  const data = new TextEncoder().encode(text)
  if (shown.algorithm === HMAC) {
    const key = hmacKeys.find(signer) ?? activeKey(state, signer)
    if (!key || accounts.isDisabled(key.email)) throw unknownSigner()
    if (!(await isHmac(key.secret, day, data, signature))) throw mismatch(text)
    return { email: key.email }
  }
  const account = await accounts.find(signer)
  if (!account || accounts.isDisabled(signer)) throw unknownSigner()
  for (const { publicKey } of await account.keys()) {
    if (await crypto.subtle.verify(RS256.name, publicKey, signature, data)) return { email: account.email }
  }
  throw mismatch(text)
}

/** 403, with what was to be signed. */
export function mismatch(stringToSign: string, canonicalRequest?: string): ApiFailure {
  return xmlFailure(403, 'SignatureDoesNotMatch', 'Access denied.', {
    Details:
      'The request signature we calculated does not match the signature you provided. Check your Google secret key and signing method.',
    StringToSign: stringToSign,
    ...(canonicalRequest !== undefined && { CanonicalRequest: canonicalRequest }),
  })
}

/** 400, for a signature that cannot be read. */
export function malformed(details: string, parameter?: string): ApiFailure {
  return xmlFailure(400, 'MalformedSecurityHeader', 'Your request has a malformed header.', {
    ...(parameter !== undefined && { ParameterName: parameter }),
    Details: details,
  })
}

const RSA = 'GOOG4-RSA-SHA256'
const HMAC = 'GOOG4-HMAC-SHA256'
const LARGEST_SKEW_MS = 15 * 60_000

/** A key that the API made and nobody has put out of use. */
function activeKey(state: State, accessId: string): StoredHmacKey | undefined {
  const key = storageState({ state }).hmacKeys.get(accessId)
  return key?.state === 'ACTIVE' ? { ...key, email: key.serviceAccountEmail } : undefined
}

function unknownSigner(): ApiFailure {
  return xmlFailure(403, 'InvalidSecurity', 'The provided security credentials are not valid.')
}

function isoOf([, year, month, day, hour, minute, second]: RegExpExecArray): string {
  return `${year}-${month}-${day}T${hour}:${minute}:${second}Z`
}

async function isHmac(
  secret: string,
  day: string,
  data: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const encoder = new TextEncoder()
  let bytes: Uint8Array<ArrayBuffer> = encoder.encode(`GOOG4${secret}`)
  for (const part of [day, 'auto', 'storage', 'goog4_request']) {
    const key = await importHmac(bytes)
    bytes = new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(part)))
  }
  return crypto.subtle.verify('HMAC', await importHmac(bytes), signature, data)
}

function importHmac(bytes: Uint8Array<ArrayBuffer>): ReturnType<typeof crypto.subtle.importKey> {
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
}

function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16))
}
