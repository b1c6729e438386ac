/** What a bucket and an object have that their entity tags are made of. */
export interface Tagged {
  readonly generation?: bigint
  readonly metageneration: bigint
  readonly timeCreated: number
}

/** Changes with the bytes and with the metadata. */
export function etagOf({ generation, metageneration, timeCreated }: Tagged): string {
  return btoa(`${generation ?? timeCreated}/${metageneration}`)
}

/** Whether `If-Match` or `If-None-Match` names a tag: in quotes or without them, one of several, or `*` for any. */
export function namesEtag(header: string, etag: string | undefined): boolean {
  if (etag === undefined) return false
  const named = header.split(',').map((each) =>
    each
      .trim()
      .replace(/^W\//, '')
      .replace(/^"(.*)"$/, '$1'),
  )
  return named.includes('*') || named.includes(etag)
}
