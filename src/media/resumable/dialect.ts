import type { HttpHeaders, HttpResponse } from '../../protocol/http.ts'

/** A way to speak of sessions: actions become requests, answers become what they mean. No I/O. */
export interface Dialect {
  readonly name: 'content-range' | 'goog-upload'
  /** What the request that begins a session says of the content, besides the metadata. */
  start(content: { readonly contentType: string; readonly total: number | undefined }): HttpHeaders
  /** The session that an answer names; undefined when it names none. */
  session(answer: AnswerHead): NamedSession | undefined
  /** The request that carries bytes. */
  send(piece: Piece): SessionRequest
  /** The request that asks what the server has. */
  query(total: number | undefined): SessionRequest
  /** The request that gives the session up. */
  cancel(): SessionRequest
  /** What an answer to one of these means. */
  read(answer: AnswerHead): Meaning
}

/** The bytes of one request. */
export interface Piece {
  readonly from: number
  /** The end, not included; undefined when the content does not say how long it is. */
  readonly to: number | undefined
  /** Bytes of the whole content; undefined as long as they are not known. */
  readonly total: number | undefined
}

/** A request to the session's address, without its body. */
export interface SessionRequest {
  readonly method: string
  readonly headers: HttpHeaders
}

/** What is looked at of an answer. */
export type AnswerHead = Pick<HttpResponse, 'status' | 'headers'>

/** What the server said when it began a session. */
export interface NamedSession {
  readonly url: string
  /** What every chunk but the last is a multiple of, where the server says so. */
  readonly granularity: number | undefined
}

/** What an answer says of the session. `failed` is for the rules about statuses, `unreadable` is none of these. */
export type Meaning =
  | { readonly type: 'stored'; readonly bytes: number }
  | { readonly type: 'completed' }
  /** It is under way, and nothing more. */
  | { readonly type: 'unclear' }
  | { readonly type: 'lost' }
  | { readonly type: 'failed' }
  | { readonly type: 'unreadable'; readonly what: string }

/** A number of bytes in a header; undefined for anything else. */
export function parseCount(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : undefined
}
