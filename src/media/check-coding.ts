import { ParseError } from '../errors.ts'
import type { HttpResponse } from '../protocol/http.ts'
import type { DownloadOptions } from '../options.ts'
import { type ContentFacts, codingOf } from './content-facts.ts'
import { asksForRange } from './download-requests.ts'

/**
 * Looks at the coding of a first answer (RFC 9110 section 8.4). Gzip is taken off where it is whole; what Cloud Storage keeps
 * in another coding is given as it is kept.
 * @throws {ParseError} for a coding that was not asked for and cannot be taken off, and for a piece of gzip.
 */
export function checkCoding(
  id: string,
  { status, headers }: HttpResponse,
  { gzipOnTheWay, storedAsGzip }: ContentFacts,
  options: DownloadOptions,
): void {
  const { decompress = true, range } = options
  const coding = codingOf(headers['content-encoding'])
  const isPart = range !== undefined || (status === 206 && asksForRange(options))
  const isPiece = (status === 206 && gzipOnTheWay) || (isPart && storedAsGzip && decompress)
  const isGiven = coding === 'identity' || coding === 'gzip' || !decompress
  if (!isPiece && (isGiven || coding === codingOf(headers['x-goog-stored-content-encoding']))) return
  throw new ParseError(
    `${id}: ${isPiece ? 'a piece of gzip came' : `the content came in the coding ${coding.slice(0, 40)}`}, ` +
      `which was not asked for and cannot be taken off; decompress: false gives the bytes of what is stored so`,
    { status, contentType: headers['content-type'] ?? '' },
  )
}
