import { headerParameter } from '../protocol/header-value.ts'
import { decodeEmbeddedResponse, decodePart, type EmbeddedResponse } from '../protocol/http-message.ts'
import { splitMultipart } from '../protocol/multipart-split.ts'

/** What a batch's answer says, part by part. */
export interface DecodedBatch {
  /** By the place of the request: its answer, or why there is none that can be read. */
  readonly answers: readonly (EmbeddedResponse | string | undefined)[]
  /** Whether the answer came to its end: what is missing then does not come any more. */
  readonly complete: boolean
}

/**
 * Reads the answer to a batch. Only ids tell which part answers which request: a part with an id that was not given,
 * or without one, is nobody's, and two with the same id are no answer.
 * @param id what the ids of the requests began with
 * @throws {SyntaxError} when it is no multipart body.
 */
export function decodeBatch(
  text: string,
  contentType: string | undefined,
  id: string,
  count: number,
): DecodedBatch {
  const boundary = headerParameter(contentType, 'boundary')
  if (!/^multipart\/mixed\s*(;|$)/i.test(contentType ?? '') || !boundary) {
    throw new SyntaxError('the answer is not multipart/mixed with a boundary')
  }
  const { parts, complete } = splitMultipart(text, boundary, 2 * count)
  const answers: (EmbeddedResponse | string | undefined)[] = Array.from({ length: count })
  const prefix = `<response-${id}+`
  for (const part of parts) {
    const { place, answer } = decodeAnswer(part, prefix, count)
    if (place === undefined) continue
    answers[place] = answers[place] === undefined ? answer : 'there are two answers with its id'
  }
  return { answers, complete }
}

function decodeAnswer(
  part: string,
  prefix: string,
  count: number,
): { place?: number; answer?: EmbeddedResponse | string } {
  let place: number | undefined
  try {
    // Its type needs no look: what is not an HTTP message does not begin with a status line.
    const { headers, body } = decodePart(part)
    place = placeOf(headers.get('content-id'), prefix, count)
    if (place === undefined) return {}
    return { place, answer: decodeEmbeddedResponse(body) }
  } catch (error) {
    // A part whose own headers cannot be read is nobody's.
    return place === undefined ? {} : { place, answer: (error as SyntaxError).message }
  }
}

function placeOf(contentId: string | undefined, prefix: string, count: number): number | undefined {
  if (!contentId?.startsWith(prefix) || !contentId.endsWith('>')) return undefined
  const digits = contentId.slice(prefix.length, -1)
  const place = Number(digits)
  return place < count && String(place) === digits ? place : undefined
}
