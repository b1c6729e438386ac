import { encodeEmbeddedRequest } from '../protocol/http-message.ts'
import type { Part } from './part.ts'

/** A batch as it goes over the wire. */
export interface EncodedBatch {
  /** What the ids of its parts begin with: nobody can know it beforehand. */
  readonly id: string
  readonly contentType: string
  readonly body: Uint8Array
}

/** Writes parts as one `multipart/mixed` body. Each bears its place in the list in its `Content-ID`. */
export function encodeBatch(parts: readonly Part[]): EncodedBatch {
  const id = crypto.randomUUID()
  const boundary = `batch_${crypto.randomUUID()}` // random, so that it does not occur in any part
  let body = ''
  let place = 0
  for (const { request, target } of parts) {
    const message = encodeEmbeddedRequest(request.method, target, request.headers, request.body)
    body += `--${boundary}\r\ncontent-type: application/http\r\ncontent-id: <${id}+${place++}>\r\n\r\n${message}\r\n`
  }
  return {
    id,
    contentType: `multipart/mixed; boundary=${boundary}`,
    body: encoder.encode(`${body}--${boundary}--\r\n`),
  }
}

const encoder = /* @__PURE__ */ new TextEncoder()
