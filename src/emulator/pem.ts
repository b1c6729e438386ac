import { toBase64 } from '../protocol/base64.ts'

/** Bytes as text between a first and a last line that name what they are (RFC 7468). */
export function toPem(label: 'PRIVATE KEY' | 'CERTIFICATE', der: Uint8Array): string {
  const lines = toBase64(der).match(/.{1,64}/g)!
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
