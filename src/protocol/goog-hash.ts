/** The checksums of an `x-goog-hash` header, base64 as sent. */
export interface GoogHash {
  readonly crc32c?: string
  readonly md5?: string
}

/** Reads `crc32c=n03x6A==,md5=Ojk9c3dhfxgoKVVHYwFbHQ==`, in any order, also from several headers joined. */
export function parseGoogHash(header: string | undefined): GoogHash {
  const hash: { crc32c?: string; md5?: string } = {}
  for (const item of header?.split(',') ?? []) {
    const separator = item.indexOf('=')
    if (separator < 0) continue
    const name = item.slice(0, separator).trim().toLowerCase()
    const value = item.slice(separator + 1).trim()
    if (name === 'crc32c') hash.crc32c = value
    if (name === 'md5') hash.md5 = value
  }
  return hash
}

/** Writes the header, checksums in Google's order. */
export function formatGoogHash(hash: GoogHash): string {
  return [hash.crc32c && `crc32c=${hash.crc32c}`, hash.md5 && `md5=${hash.md5}`].filter(Boolean).join(',')
}
