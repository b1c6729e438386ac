import type { HttpRequest } from 'discokit'

/** A part of a batch as it was sent: what its id is, and the HTTP message in it. */
export interface SentPart {
  readonly id: string
  readonly message: string
}

/** Takes a batch apart, with other means than the library's. */
export function sentParts(contentType: string, body: string): SentPart[] {
  const [, boundary] = /boundary=(\S+)$/.exec(contentType)!
  return body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => {
      const [, id, message] = /content-id: <([^>]+)>\r\n\r\n([\s\S]*)\r\n$/.exec(part)!
      return { id: id!, message: message! }
    })
}

/** The parts of a request that a transport was given. */
export function partsOf(request: HttpRequest): SentPart[] {
  return sentParts(request.headers['content-type']!, new TextDecoder().decode(request.body as Uint8Array))
}

/** One part of an answer. */
export function answerPart(id: string, message: string, headers = 'Content-Type: application/http'): string {
  return `${headers}\r\nContent-ID: <response-${id}>\r\n\r\n${message}`
}

/** An HTTP answer that holds JSON. */
export function okMessage(value: unknown, status = '200 OK', headers: readonly string[] = []): string {
  const text = JSON.stringify(value)
  const lines = ['Content-Type: application/json; charset=UTF-8', ...headers]
  return `HTTP/1.1 ${status}\r\n${lines.join('\r\n')}\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`
}

/** A whole multipart body. */
export function multipartBody(parts: readonly string[], boundary = 'b'): string {
  return `${parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('')}--${boundary}--\r\n`
}
