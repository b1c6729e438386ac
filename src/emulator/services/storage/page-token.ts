import { fromBase64, toBase64Url } from '../../../protocol/base64.ts'
import { invalidParameter } from '../../api-failure.ts'
import { isJsonObject } from '../../service.ts'

/** Where a page ended: after a name, or after everything that begins with a prefix. */
export type Mark = { readonly name: string } | { readonly prefix: string }

/** The mark as callers carry it back; nothing in it is meant for them. */
export function formatPageToken(mark: Mark): string {
  return toBase64Url(JSON.stringify(mark))
}

/** @throws {ApiFailure} 400 for a token that no page gave. */
export function parsePageToken(token: string | undefined): Mark | undefined {
  if (!token) return undefined
  try {
    const mark: unknown = JSON.parse(new TextDecoder().decode(fromBase64(token)))
    if (isJsonObject(mark)) {
      if (typeof mark.name === 'string') return { name: mark.name }
      if (typeof mark.prefix === 'string') return { prefix: mark.prefix }
    }
  } catch {
    // Falls through to the refusal below.
  }
  throw invalidParameter('pageToken', 'The page token is not one that a page of this list gave.')
}

/** At most this many entries make a page, however many are asked for. */
const LARGEST_PAGE = 1000

/** The number of entries of a page; 0 and nothing mean the default. */
export function pageSize(maxResults: number | undefined): number {
  return Math.min(maxResults || LARGEST_PAGE, LARGEST_PAGE)
}
