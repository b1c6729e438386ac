import { toBase64Url } from '../protocol/base64.ts'

/**
 * A multipart boundary: 192 random bits, so that it cannot be guessed and does not occur in content that is not at
 * hand. Texts that are at hand are searched.
 */
export function createBoundary(texts: readonly string[]): string {
  for (;;) {
    const boundary = `discokit-${toBase64Url(crypto.getRandomValues(new Uint8Array(24)))}`
    if (!texts.some((text) => text.includes(boundary))) return boundary
  }
}
