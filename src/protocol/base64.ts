/** Bytes as base64 with padding (RFC 4648 section 4). */
export function toBase64(bytes: Uint8Array): string {
  let binary = ''
  for (let start = 0; start < bytes.length; start += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(start, start + 0x8000))
  }
  return btoa(binary)
}

/** Bytes, or the UTF-8 bytes of a text, as base64url without padding (RFC 7515 section 2). */
export function toBase64Url(content: Uint8Array | string): string {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/**
 * The bytes of a base64 or base64url text, padded or not.
 * @throws {SyntaxError} when the text has other characters, more padding than two or an impossible length.
 */
export function fromBase64(text: string): Uint8Array {
  const standard = text
    .replaceAll('-', '+')
    .replaceAll('_', '/')
    .replace(/={1,2}$/, '')
  if (!/^[A-Za-z0-9+/]*$/.test(standard) || standard.length % 4 === 1) {
    throw new SyntaxError('not base64')
  }
  return Uint8Array.from(atob(standard), (character) => character.charCodeAt(0))
}
