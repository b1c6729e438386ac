import { formatContentRange, parseRange, resolveRange } from '../protocol/content-range.ts'
import { isHeaderValue } from '../protocol/header-value.ts'
import { responseBody } from '../protocol/http-body.ts'
import type { HttpHeaders, HttpResponse } from '../protocol/http.ts'
import { ApiFailure } from './api-failure.ts'
import type { SpooledBytes } from './receive.ts'

/**
 * Stored bytes, or the part that a `Range` header asks for. Headers whose values no header may have, since callers set
 * them, are left out.
 * @throws {ApiFailure} 416 when the range has no byte of them.
 */
export function bytesAnswer(
  bytes: SpooledBytes,
  rangeHeader: string | undefined,
  headers: Readonly<Record<string, string | undefined>>,
): HttpResponse {
  const total = bytes.length
  const asked = parseRange(rangeHeader)
  const sent = sendable(headers)
  if (!asked) {
    return {
      status: 200,
      headers: { ...sent, 'content-length': String(total) },
      body: responseBody(bytes.read()),
    }
  }
  const range = resolveRange(asked, total)
  if (!range) throw outOfRange(total)
  return {
    status: 206,
    headers: {
      ...sent,
      'content-length': String(range.last - range.first + 1),
      'content-range': formatContentRange({ ...range, total }),
    },
    body: responseBody(bytes.read(range.first, range.last)),
  }
}

function outOfRange(total: number): ApiFailure {
  return new ApiFailure(
    416,
    'requestedRangeNotSatisfiable',
    `The object has ${total} bytes; the range asks for none of them.`,
    { location: 'Range', locationType: 'header', headers: { 'content-range': `bytes */${total}` } },
  )
}

function sendable(headers: Readonly<Record<string, string | undefined>>): HttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).filter(
      (entry): entry is [string, string] => !!entry[1] && isHeaderValue(entry[1]),
    ),
  )
}
