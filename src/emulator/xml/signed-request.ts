import { encodeMultiSegment, encodePathSegment } from '../../protocol/path-template.ts'
import type { HttpRequest } from '../../protocol/http.ts'
import type { Principal } from '../access-tokens.ts'
import type { Address } from '../address.ts'
import type { Call } from '../service.ts'
import { malformed, mismatch, readSignature, verifySignature } from './verify-signature.ts'
import { xmlFailure } from './xml-text.ts'
import type { XmlTarget } from './xml-target.ts'

/**
 * Who signed the address that a request came to; undefined where it bears no signature. Read from the request as it came, and
 * not as a client would write it: the signature must hold for any writing of the same address.
 * @throws {ApiFailure} 400 or 403, as Cloud Storage answers.
 */
export async function signedRequest(
  stations: Pick<Call, 'identity' | 'clock' | 'state'>,
  request: Pick<HttpRequest, 'method' | 'headers'>,
  address: Address,
  target: XmlTarget,
): Promise<Principal | undefined> {
  const { clock } = stations
  const { query } = address
  const one = (name: string): string | undefined => query.get(name) ?? undefined
  const shown = {
    algorithm: one('X-Goog-Algorithm'),
    credential: one('X-Goog-Credential'),
    date: one('X-Goog-Date'),
    signature: one('X-Goog-Signature'),
  }
  if (shown.signature === undefined && shown.algorithm === undefined) return undefined
  const read = readSignature(shown, clock)
  checkExpiry(read.signedAt, one('X-Goog-Expires'), clock.now())
  const names = signedNames(one('X-Goog-SignedHeaders'), request.headers)
  let failure: unknown
  for (const host of hostsOf(request, address, target)) {
    const canonical = canonicalForm(request, address, target, names, host)
    const toSign = [shown.algorithm, shown.date, read.scope, await sha256(canonical)].join('\n')
    try {
      return await verifySignature(stations, shown, read, toSign)
    } catch (error) {
      const isMismatch = (error as { reason?: unknown }).reason === 'SignatureDoesNotMatch'
      failure ??= isMismatch ? mismatch(toSign, canonical) : error
    }
  }
  throw failure
}

const LONGEST_SECONDS = 604_800

function checkExpiry(signedAt: number, expires: string | undefined, now: number): void {
  const seconds = /^\d{1,9}$/.test(expires ?? '') ? Number(expires) : 0
  if (seconds < 1 || seconds > LONGEST_SECONDS)
    throw malformed(`X-Goog-Expires must be a number from 1 to ${LONGEST_SECONDS}.`)
  const end = signedAt + seconds * 1_000
  if (now >= end)
    throw xmlFailure(400, 'ExpiredToken', 'The provided token has expired.', {
      Details: `Request signature expired at: ${new Date(end).toISOString().slice(0, 19)}+00:00`,
    })
}

/** The headers that were signed: `host`, those of Google's that there are, and whatever else. */
function signedNames(given: string | undefined, headers: HttpRequest['headers']): readonly string[] {
  const names = (given ?? '').split(';')
  if (!names.includes('host')) throw malformed('Header must be included in signedheaders.', 'host')
  for (const name of names) {
    if (name !== 'host' && headers[name] === undefined)
      throw malformed('Header was included in signedheaders, but not in the request.', name)
  }
  for (const name of Object.keys(headers)) {
    if (name.startsWith('x-goog-') && !names.includes(name) && name !== 'x-goog-emulator-instructions')
      throw malformed('Header was in the request, but not included in signedheaders.', name)
  }
  return names
}

/** Signatures leave the port out. Where the host stands in the path, it was signed if it is Google's, else the real one. */
function hostsOf(
  { headers }: Pick<HttpRequest, 'headers'>,
  { origin, host }: Address,
  target: XmlTarget,
): Set<string> {
  const authority = origin.replace(/^.*@|^[a-z]+:\/\//, '')
  return new Set([host, target.host, headers['host']?.replace(/:\d+$/, '') ?? host, authority])
}

function canonicalForm(
  { method, headers }: Pick<HttpRequest, 'method' | 'headers'>,
  { query }: Address,
  { path }: XmlTarget,
  names: readonly string[],
  host: string,
): string {
  const parameters = [...query]
    .filter(([name]) => name !== 'X-Goog-Signature')
    .map(([name, value]) => [encodePathSegment(name), encodePathSegment(value)])
    .sort(([a = '', x = ''], [b = '', y = '']) => (a < b || (a === b && x < y) ? -1 : 1))
  const lines = names.map((name) => `${name}:${collapsed(name === 'host' ? host : headers[name]!)}`)
  return [
    method,
    encodeMultiSegment(decoded(path)),
    parameters.map((pair) => pair.join('=')).join('&'),
    ...lines,
    '',
    names.join(';'),
    names.includes('x-goog-content-sha256') ? headers['x-goog-content-sha256'] : 'UNSIGNED-PAYLOAD',
  ].join('\n')
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    throw xmlFailure(400, 'InvalidURI', 'Couldn’t parse the specified URI.')
  }
}

function collapsed(value: string): string {
  return value.trim().replace(/[ \t]+/g, ' ')
}

async function sha256(text: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
