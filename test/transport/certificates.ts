import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

/** A certificate that signs itself, and its key, in PEM. Made anew for each run. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

/** Makes a certificate for a name, every name below it, and addresses such as `IP:127.0.0.1` (RFC 5280). */
export function makeCertificate(name: string, more: readonly string[] = []): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const names = [`DNS:${name}`, `DNS:*.${name}`, ...more].map(generalName)
  const who = sequence(set(sequence(oid('2.5.4.3'), der(UTF8_STRING, Buffer.from(name)))))
  const algorithm = sequence(oid('1.2.840.113549.1.1.11'), der(NULL))
  const extensions = sequence(
    sequence(oid('2.5.29.17'), der(OCTET_STRING, sequence(...names))),
    sequence(oid('2.5.29.19'), der(BOOLEAN, TRUE), der(OCTET_STRING, sequence(der(BOOLEAN, TRUE)))),
  )
  const content = sequence(
    der(explicit(0), der(INTEGER, Buffer.of(2))),
    der(INTEGER, Buffer.concat([Buffer.of(1), randomBytes(8)])),
    algorithm,
    who,
    sequence(time(-DAY_MS), time(DAY_MS)),
    who,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(explicit(3), extensions),
  )
  const signature = der(BIT_STRING, Buffer.of(0), sign('sha256', content, privateKey))
  return {
    cert: pem('CERTIFICATE', sequence(content, algorithm, signature)),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  }
}

const DAY_MS = 86_400_000
const [BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OID, UTF8_STRING, UTC_TIME] = [
  1, 2, 3, 4, 5, 6, 12, 23,
]
const TRUE = Buffer.of(255)

/** A value of DER: tag, length, content (X.690 section 8.1). */
function der(tag: number | undefined, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.of(tag!, ...size), content])
}

const sequence = (...parts: Uint8Array[]): Buffer => der(0x30, ...parts)
const set = (...parts: Uint8Array[]): Buffer => der(0x31, ...parts)
const explicit = (number: number): number => 0xa0 + number

function oid(text: string): Buffer {
  const [first, second, ...rest] = text.split('.').map(Number)
  const bytes = rest.flatMap((arc) =>
    arc < 128 ? [arc] : arc < 16_384 ? [0x80 | (arc >> 7), arc & 127] : base128(arc),
  )
  return der(OID, Buffer.of(first! * 40 + second!, ...bytes))
}

function base128(arc: number): number[] {
  return [0x80 | (arc >> 14), 0x80 | ((arc >> 7) & 127), arc & 127]
}

function generalName(name: string): Buffer {
  const [kind, value] = [name.slice(0, name.indexOf(':')), name.slice(name.indexOf(':') + 1)]
  if (kind === 'DNS') return der(0x82, Buffer.from(value))
  const ipv6 = value === '::1' ? [...Array.from({ length: 15 }, () => 0), 1] : undefined
  return der(0x87, Buffer.from(ipv6 ?? value.split('.').map(Number)))
}

function time(offsetMs: number): Buffer {
  const text = new Date(Date.now() + offsetMs).toISOString().replace(/[-:T]/g, '').slice(2, 14)
  return der(UTC_TIME, Buffer.from(`${text}Z`))
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes
    .toString('base64')
    .match(/.{1,64}/g)!
    .join('\n')
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`
}
