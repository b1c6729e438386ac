import { type GoogHash, parseGoogHash } from '../protocol/goog-hash.ts'
import { parseContentRange } from '../protocol/content-range.ts'
import type { HttpResponse } from '../protocol/http.ts'

/** What an answer tells of the content that it is, or is a part of. All in bytes as stored. */
export interface ContentFacts {
  readonly contentType: string | undefined
  /** What names this version of the content and no other. Undefined when nothing does, or ranges of it cannot be had. */
  readonly version: ContentVersion | undefined
  /** Where the body begins. */
  readonly first: number
  /** Where the body ends, this byte included. Undefined when not known. */
  readonly last: number | undefined
  /** Bytes in all, or undefined. */
  readonly length: number | undefined
  /** Of the whole content as stored; nothing when that is not what comes. */
  readonly hash: GoogHash
  /** Whether gzip is to be taken off to have what is stored: the server put it on for the way. */
  readonly gzipOnTheWay: boolean
  /** Whether what is stored is gzip of what is meant. */
  readonly storedAsGzip: boolean
}

/** One of these, the generation where both are known. */
export interface ContentVersion {
  readonly generation?: string
  /** A strong one, with its quotes. */
  readonly etag?: string
}

/** Reads the headers of an answer to a request for a content. Undefined for 206 without a plain range. */
export function contentFacts({ status, headers }: HttpResponse): ContentFacts | undefined {
  const range = status === 206 ? parseContentRange(headers['content-range']) : undefined
  if (status === 206 && range === undefined) return undefined
  const coding = codingOf(headers['content-encoding'])
  const stored = codingOf(headers['x-goog-stored-content-encoding'] ?? headers['content-encoding'])
  const gzipOnTheWay = coding === GZIP && stored !== GZIP
  // What is stored as gzip and was inflated on the way has another length, other bytes, and no ranges.
  const changed = coding !== stored && !gzipOnTheWay
  const storedLength = changed || gzipOnTheWay ? undefined : asLength(headers['content-length'])
  const length =
    range?.total ??
    (status === 206 || changed
      ? undefined
      : (storedLength ?? asLength(headers['x-goog-stored-content-length'])))
  const last = range?.last ?? (length === undefined ? undefined : length - 1)
  return {
    contentType: headers['content-type'],
    version: changed ? undefined : versionOf(headers, gzipOnTheWay),
    first: range?.first ?? 0,
    last,
    length,
    hash: changed ? {} : parseGoogHash(headers['x-goog-hash']),
    gzipOnTheWay,
    storedAsGzip: stored === GZIP && coding === GZIP,
  }
}

/** Whether two answers are of one version, as far as both tell. Undefined when they do not. */
export function sameVersion(a: ContentVersion, b: ContentVersion | undefined): boolean | undefined {
  if (a.generation !== undefined && b?.generation !== undefined) return a.generation === b.generation
  if (a.etag !== undefined && b?.etag !== undefined) return a.etag === b.etag
  return undefined
}

const GZIP = 'gzip'

/** The coding that a header names. */
export function codingOf(header: string | undefined): string {
  const coding = (header ?? 'identity').trim().toLowerCase()
  return coding === 'x-gzip' ? GZIP : coding
}

/** An ETag is of what comes: with a coding of the way it names something else than what is stored. */
function versionOf(headers: HttpResponse['headers'], codedOnTheWay: boolean): ContentVersion | undefined {
  const { 'x-goog-generation': generation, etag } = headers
  if (generation !== undefined && /^\d{1,20}$/.test(generation)) return { generation }
  if (!codedOnTheWay && etag !== undefined && /^"[!-~]*"$/.test(etag)) return { etag }
  return undefined
}

function asLength(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : undefined
}
