import { lookup } from 'mrmime'
import { type Problem, ValidationError } from '../errors.ts'
import { isHeaderName, isHeaderValue, isMediaType } from '../protocol/header-value.ts'
import type { HttpHeaders, OpenOptions, StreamBody } from '../protocol/http.ts'
import { encodeMultipart, type MultipartPart } from '../protocol/multipart-encode.ts'
import type { MediaInput } from '../request/media-input.ts'
import type { WebStream } from '../web-types.ts'
import { toReadableStream } from '../transport/web-stream.ts'
import { createBoundary } from './boundary.ts'
import { checkContentType, OCTET_STREAM } from './content-type.ts'
import { exactly, toMediaSource } from './media-source.ts'
import type { UploadProgress } from './progress.ts'

/** A part of a `multipart/related` body. */
export interface RelatedPart {
  readonly body: MediaInput
  /**
   * The media type. Default: what the content itself says, else what the ending of its name stands for, else
   * `application/octet-stream`; none for the texts of a form.
   */
  readonly contentType?: string
  /** Further headers of the part. */
  readonly headers?: Readonly<Record<string, string>>
}

/** A field of a `multipart/form-data` body (RFC 7578). */
export interface FormPart extends RelatedPart {
  readonly name: string
  /** Default: the content's own name, when it is a file. */
  readonly fileName?: string
}

/** How much of a multipart body was read. `total` is undefined when a part does not say its length. */
export type MultipartProgress = Pick<UploadProgress, 'sent' | 'total'>

/** What to encode. */
export type MultipartOptions = {
  /** Told after each piece how much of the whole body is sent. */
  readonly onProgress?: (progress: MultipartProgress) => void
} & (
  | { readonly kind: 'related'; readonly parts: readonly RelatedPart[] }
  | { readonly kind: 'form-data'; readonly parts: readonly FormPart[] }
)

/** A multipart body that is encoded while it is sent. */
export interface MultipartBody extends StreamBody {
  /** For the `Content-Type` header: it names the boundary. */
  readonly contentType: string
  /** Bytes of the whole body, for `Content-Length`; undefined when a part does not say its length. */
  readonly length: number | undefined
  /** The body as a web stream. Can be asked for again when every part can be read again. */
  stream(): WebStream
}

/**
 * Encodes parts as one streamed body: no part is ever held in memory.
 *
 * ```ts
 * import { multipart } from 'discokit/media'
 * import { file } from 'discokit/node'
 *
 * const body = multipart({
 *   kind: 'related',
 *   parts: [
 *     { contentType: 'application/json', body: JSON.stringify({ name: 'cat.png' }) },
 *     { contentType: 'image/png', body: file('cat.png') },
 *   ],
 * })
 * body.contentType // 'multipart/related; boundary=…'
 * ```
 *
 * @throws {ValidationError} for a name, file name, media type or header that could not be written safely.
 */
export function multipart(options: MultipartOptions): MultipartBody {
  const problems = options.parts.flatMap((part, i) => partProblems(part, i, options.kind))
  if (options.parts.length === 0) problems.push({ path: 'parts', message: 'must have at least one part' })
  if (problems.length > 0) throw new ValidationError('the multipart body cannot be written', problems)

  const parts = options.parts.map((part, i) => encodePart(part, i, options.kind))
  const boundary = createBoundary(
    options.parts.flatMap(({ body }) => (typeof body === 'string' ? [body] : [])),
  )
  const body = encodeMultipart(parts, boundary)
  const open = (how?: OpenOptions): AsyncIterable<Uint8Array> => watched(body, how, options.onProgress)
  return {
    contentType: `multipart/${options.kind}; boundary=${boundary}`,
    length: body.length,
    replayable: body.replayable,
    open,
    stream: () => toReadableStream(open()) as WebStream,
  }
}

function encodePart(
  part: RelatedPart & Partial<FormPart>,
  index: number,
  kind: MultipartOptions['kind'],
): MultipartPart {
  const source = toMediaSource(part.body, `parts[${index}].body`)
  const { length, replayable, contentType, name } = source.describe()
  const form = kind === 'form-data'
  const fileName = part.fileName ?? (form ? name : undefined)
  const known = part.contentType ?? contentType ?? typeOfName(fileName ?? name)
  // A field of a form that is text needs no type; servers take one that has for a file.
  const plain = form && typeof part.body === 'string' && fileName === undefined
  const type =
    known === undefined && plain
      ? undefined
      : checkContentType(known ?? OCTET_STREAM, `parts[${index}].contentType`)
  const disposition = form && { 'content-disposition': formDisposition(part.name!, fileName) }
  const more = Object.entries(part.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const)
  const headers: HttpHeaders = {
    ...disposition,
    ...(type !== undefined && { 'content-type': type }),
    ...Object.fromEntries(more),
  }
  const open = (options?: OpenOptions): AsyncIterable<Uint8Array> =>
    length === undefined ? source.open(options) : exactly(source.open(options), length)
  return { headers, body: { length, replayable, open } }
}

function typeOfName(name: string | undefined): string | undefined {
  const type: unknown = name !== undefined && /\.\w+$/.test(name) ? lookup(name) : undefined
  return typeof type === 'string' ? type : undefined // `constructor` finds what every object has
}

/** Quotes and line ends are percent-encoded, as browsers do (the HTML standard, multipart/form-data). */
function formDisposition(name: string, fileName?: string): string {
  const quote = (text: string): string => `"${text.replace(/["\r\n]/g, encodeURIComponent)}"`
  return `form-data; name=${quote(name)}${fileName === undefined ? '' : `; filename=${quote(fileName)}`}`
}

function partProblems(
  part: RelatedPart & Partial<FormPart>,
  index: number,
  kind: MultipartOptions['kind'],
): Problem[] {
  const problems: Problem[] = []
  const check = (ok: boolean, member: string, message: string): void => {
    if (!ok) problems.push({ path: `parts[${index}].${member}`, message })
  }
  if (kind === 'form-data')
    check(!!part.name && !CONTROL.test(part.name), 'name', 'must be a text without line ends')
  check(!CONTROL.test(part.fileName ?? ''), 'fileName', 'must be a text without line ends')
  check(
    part.contentType === undefined || isMediaType(part.contentType),
    'contentType',
    'must be a media type',
  )
  for (const [name, value] of Object.entries(part.headers ?? {})) {
    check(isHeaderName(name) && isHeaderValue(value), `headers.${name}`, 'must be a header without line ends')
  }
  return problems
}

async function* watched(
  body: StreamBody,
  how: OpenOptions | undefined,
  onProgress: ((progress: MultipartProgress) => void) | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  let sent = 0
  for await (const chunk of body.open(how)) {
    yield chunk
    sent += chunk.length
    onProgress?.({ sent, total: body.length })
  }
}

// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROL = /[\u0000-\u001f\u007f]/
