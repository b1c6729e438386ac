import type { HttpRequestBody } from './http.ts'

/** Bytes of a body, or undefined when not known before it is read. */
export function bodyLength(body: HttpRequestBody | undefined): number | undefined {
  if (body === undefined) return 0
  if (typeof body === 'string') return encoder.encode(body).length
  return body.length
}

/** Whether a body can be sent a second time. */
export function isReplayable(body: HttpRequestBody | undefined): boolean {
  return typeof body !== 'object' || body instanceof Uint8Array || body.replayable
}

const encoder = /* @__PURE__ */ new TextEncoder()
