import type { MediaInput } from './media-input.ts'
import { fromBase64 } from '../protocol/base64.ts'

/**
 * What is sent as it is instead of as JSON: text, bytes, a form, a Blob, a stream, a file. Gives undefined for a body
 * that is JSON.
 *
 * @param httpBody whether the method takes a `google.api.HttpBody`, whose bytes go over the wire alone
 */
export function rawBody(body: unknown, httpBody: boolean): MediaInput | undefined {
  if (typeof body === 'string') return body
  if (typeof body !== 'object' || body === null) return undefined
  if (body instanceof URLSearchParams) return { content: String(body), contentType: FORM }
  if (isBytes(body)) return body as MediaInput
  return httpBody && isHttpBody(body) ? toMedia(body) : undefined
}

const FORM = 'application/x-www-form-urlencoded;charset=UTF-8'

function isBytes(body: object): boolean {
  return (
    body instanceof Uint8Array ||
    body instanceof ArrayBuffer ||
    Symbol.asyncIterator in body ||
    ['stream', 'getReader', 'open'].some((name) => typeof (body as never)[name] === 'function')
  )
}

/** `google.api.HttpBody`: bytes, or base64 as JSON has them. */
interface HttpBody {
  readonly contentType?: string
  readonly data: string | Uint8Array
}

function isHttpBody(body: object): body is HttpBody {
  const { data } = body as Partial<HttpBody>
  return (
    (typeof data === 'string' || data instanceof Uint8Array) &&
    Object.keys(body).every((name) => name === 'data' || name === 'contentType' || name === 'extensions')
  )
}

function toMedia({ contentType, data }: HttpBody): MediaInput | undefined {
  try {
    const content = typeof data === 'string' ? fromBase64(data) : data
    return contentType === undefined ? content : { content, contentType }
  } catch {
    return undefined // another kind of object, then
  }
}
