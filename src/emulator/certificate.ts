import { bitString, element, integer, objectIdentifier, sequence, time, utf8String } from './der.ts'
import { toPem } from './pem.ts'
import { signBytes, type SigningKeys } from './signing.ts'

/** Whom a certificate is for, and since when. */
export interface CertificateFacts {
  /** The common name of its subject, which is its issuer too. */
  readonly name: string
  /** Milliseconds since 1970. */
  readonly notBefore: number
}

/**
 * A self-signed certificate of a public key, in PEM: X.509 version 3 (RFC 5280), for signatures, without an end that would
 * matter, as Google's are for the keys of service accounts.
 */
export async function certificate(keys: SigningKeys, { name, notBefore }: CertificateFacts): Promise<string> {
  const publicKey = new Uint8Array(await crypto.subtle.exportKey('spki', keys.publicKey))
  const subject = distinguishedName(name)
  const facts = sequence(
    element(0xa0, integer(Uint8Array.of(VERSION_3))),
    integer(serialNumber(keys.keyId)),
    SHA_256_WITH_RSA,
    subject,
    sequence(time(notBefore), time(NEVER)),
    subject,
    publicKey,
    element(0xa3, sequence(NO_AUTHORITY, FOR_SIGNATURES, FOR_CLIENTS)),
  )
  const signature = await signBytes(keys, facts)
  return toPem('CERTIFICATE', sequence(facts, SHA_256_WITH_RSA, bitString(signature)))
}

/** Versions are counted from 0. */
const VERSION_3 = 2
/** What stands for no end (RFC 5280 section 4.1.2.5). */
const NEVER = Date.parse('9999-12-31T23:59:59Z')
const NULL = element(0x05)
const TRUE = element(0x01, Uint8Array.of(0xff))
const SHA_256_WITH_RSA = sequence(objectIdentifier('1.2.840.113549.1.1.11'), NULL)

const NO_AUTHORITY = extension('2.5.29.19', sequence())
const FOR_SIGNATURES = extension('2.5.29.15', bitString(Uint8Array.of(0x80), 7))
const FOR_CLIENTS = extension('2.5.29.37', sequence(objectIdentifier('1.3.6.1.5.5.7.3.2')))

/** A critical one: who does not understand it refuses the certificate. */
function extension(id: string, value: Uint8Array): Uint8Array {
  return sequence(objectIdentifier(id), TRUE, element(0x04, value))
}

function distinguishedName(commonName: string): Uint8Array {
  const attribute = sequence(objectIdentifier('2.5.4.3'), utf8String(commonName))
  return sequence(element(0x31, attribute))
}

/** The first half of the key's id, which is hexadecimal. It must not begin with a zero byte. */
function serialNumber(keyId: string): Uint8Array {
  const bytes = keyId
    .slice(0, 20)
    .match(/../g)!
    .map((pair) => parseInt(pair, 16))
  return Uint8Array.of(0x01, ...bytes)
}
