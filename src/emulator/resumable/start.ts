import { toBase64Url } from '../../protocol/base64.ts'
import type { HttpHeaders, HttpResponse } from '../../protocol/http.ts'
import { emptyAnswer } from '../answers.ts'
import { invalid } from '../api-failure.ts'
import type { Door } from '../routes.ts'
import { type Call, readJsonObject } from '../service.ts'
import { type HeldUpload, type Session, sessions } from './session.ts'

/** How an upload is begun. */
export interface UploadStart {
  readonly call: Call
  /** The address that the request came to, without its query. */
  readonly url: string
  readonly granularityBytes: number
  readonly answer: Session['answer']
}

/** The dialects of resumable uploads: the one with `Content-Range`, and the one with headers `X-Goog-Upload-…`. */
export type Dialect = 'content-range' | 'goog-upload'

/** Which dialect a request begins a resumable upload in, if it does. */
export function startDialect(door: Door, query: URLSearchParams, headers: HttpHeaders): Dialect | undefined {
  if (door !== 'upload' || query.has('upload_id')) return undefined
  if (headers['x-goog-upload-protocol']?.trim().toLowerCase() === 'resumable') return 'goog-upload'
  return query.getAll('uploadType').at(-1) === 'resumable' ? 'content-range' : undefined
}

/**
 * Begins a resumable upload: what can be refused without the bytes is refused here. Whoever knows the address that is
 * answered may send the bytes, which is why nobody can guess it.
 */
export async function startUpload(start: UploadStart, dialect: Dialect): Promise<HttpResponse> {
  const { call, answer } = start
  const { headers } = call
  if (dialect === 'goog-upload') checkCommand(headers)
  const metadata = await readJsonObject(call.body)
  const declared = declaredMedia(headers, dialect)
  const refusal = await tryPlan(answer, { ...call, upload: { metadata, mediaType: declared.mediaType } })
  if (refusal) return refusal
  const id = toBase64Url(crypto.getRandomValues(new Uint8Array(48)))
  const granularityBytes =
    dialect === 'goog-upload' ? start.granularityBytes : CONTENT_RANGE_GRANULARITY_BYTES
  const session: Session = {
    id,
    call,
    metadata,
    ...declared,
    granularityBytes,
    createdAt: call.clock.now(),
    answer,
    stored: 0,
    receiver: undefined,
    writing: Promise.resolve(),
    cancelled: false,
    outcome: undefined,
  }
  sessions(call).set(id, session)
  return emptyAnswer(200, { ...addressHeaders(start, dialect, id), 'x-guploader-uploadid': id })
}

/** Thrown where a handler would read the bytes of an upload that only begins. */
export class UploadBegins extends Error {
  override name = 'UploadBegins'
}

/** What is kept of a chunk with `Content-Range` that is not the last, and the default of the other dialect. */
export const CONTENT_RANGE_GRANULARITY_BYTES: number = 256 * 1024

/** Runs the handler up to where it needs the bytes. A method that never does has answered. */
async function tryPlan(
  answer: Session['answer'],
  call: Call & { upload: HeldUpload },
): Promise<HttpResponse | undefined> {
  try {
    return await answer(call)
  } catch (error) {
    if (error instanceof UploadBegins) return undefined
    throw error
  }
}

function checkCommand(headers: HttpHeaders): void {
  const command = headers['x-goog-upload-command']?.trim().toLowerCase()
  if (command !== 'start') throw invalid(`Invalid X-Goog-Upload-Command for a new upload: '${command ?? ''}'`)
}

function declaredMedia(
  headers: HttpHeaders,
  dialect: Dialect,
): Pick<Session, 'mediaType' | 'declaredLength'> {
  // The third pair is how the Photos API calls them.
  const names =
    dialect === 'content-range'
      ? ['x-upload-content']
      : ['x-goog-upload-header-content', 'x-goog-upload-content']
  const typeName = names.map((name) => `${name}-type`).find((name) => headers[name])
  const lengthName = [...names.map((name) => `${name}-length`), 'x-goog-upload-raw-size'].find(
    (name) => headers[name],
  )
  const length = lengthName === undefined ? undefined : headers[lengthName]!.trim()
  if (length !== undefined && !/^\d{1,15}$/.test(length))
    throw invalid(`Invalid value of ${lengthName}: '${length}'`)
  return {
    mediaType: typeName === undefined ? undefined : headers[typeName],
    declaredLength: length === undefined ? undefined : Number(length),
  }
}

function addressHeaders({ url, granularityBytes }: UploadStart, dialect: Dialect, id: string): HttpHeaders {
  if (dialect === 'content-range') return { location: `${url}?uploadType=resumable&upload_id=${id}` }
  const address = `${url}?upload_id=${id}&upload_protocol=resumable`
  return {
    'x-goog-upload-url': address,
    'x-goog-upload-control-url': address,
    'x-goog-upload-chunk-granularity': String(granularityBytes),
    'x-goog-upload-status': 'active',
  }
}
