import { invalid } from '../api-failure.ts'

/** What the `Content-Range` of a request to an upload says. */
export type UploadRange =
  // `bytes */T`, `bytes */*`: the sender asks where the upload stands, or says that this was all.
  | { readonly kind: 'query'; readonly total: number | undefined }
  | {
      readonly kind: 'bytes'
      readonly first: number
      /** Undefined: whatever the body has. */
      readonly last: number | undefined
      readonly total: number | undefined
    }

/**
 * Reads the forms that Google takes: a range with both ends, or with a star for its last byte, or a star alone; then a
 * slash, and the size of the whole or a star. Without the header the body is the whole upload.
 * @throws {ApiFailure} 400 for anything else.
 */
export function parseUploadRange(header: string | undefined): UploadRange {
  if (header === undefined) return { kind: 'bytes', first: 0, last: undefined, total: undefined }
  const [, range, first, last, size] = PATTERN.exec(header.trim()) ?? []
  if (range === undefined) throw malformed(header)
  const total = size === '*' ? undefined : Number(size)
  if (range === '*') return { kind: 'query', total }
  const from = Number(first)
  const to = last === '*' ? undefined : Number(last)
  if (to === undefined ? from > (total ?? Infinity) : to < from || to >= (total ?? Infinity)) {
    throw malformed(header)
  }
  return { kind: 'bytes', first: from, last: to, total }
}

const PATTERN = /^bytes[ =](\*|(\d{1,15})-(\d{1,15}|\*))\/(\d{1,15}|\*)$/i

function malformed(header: string): Error {
  return invalid(`Failed to parse Content-Range header: '${header}'`)
}
