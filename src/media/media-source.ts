import { DataLossError, type Problem, ValidationError } from '../errors.ts'
import type {
  BlobLike,
  DescribedMedia,
  MediaContent,
  MediaDescription,
  MediaInput,
  MediaOpener,
  MediaSource,
  ResponseLike,
  StreamLike,
} from '../request/media-input.ts'
import { nearestName } from '../request/nearest-name.ts'
import { readStream } from '../transport/web-stream.ts'

/**
 * Any content as a source. Strings, bytes, Blobs and openers can be opened again, at any place; streams and responses
 * cannot, and know their length only when the caller or the server says it.
 * @throws {ValidationError} for anything that holds no bytes.
 */
export function toMediaSource(input: MediaInput, path = 'media'): MediaSource {
  if (isObject(input) && isMediaSource(input)) return input
  if (isObject(input) && isDescribed(input)) return described(input, path)
  return contentSource(input, path)
}

/** The bytes of a source from an offset on, whether it can begin there or not. */
export async function* openAt(
  source: MediaSource,
  { seekable = false }: MediaDescription,
  offset: number,
  reuse: boolean,
): AsyncGenerator<Uint8Array, void, undefined> {
  let left = seekable ? 0 : offset
  for await (const chunk of source.open({ reuse, ...(seekable && { offset }) })) {
    const dropped = Math.min(left, chunk.length)
    left -= dropped
    if (dropped < chunk.length) yield dropped === 0 ? chunk : chunk.subarray(dropped)
  }
  if (left > 0) throw changed(offset, String(offset - left))
}

/** The same source, which fails before its last byte is given when its length is not the one announced. */
export async function* exactly(
  chunks: AsyncIterable<Uint8Array>,
  length: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let last: Uint8Array | undefined
  let given = 0
  for await (const chunk of chunks) {
    if (chunk.length === 0) continue
    given += chunk.length
    if (given > length) throw changed(length, `more than ${length}`)
    // The last chunk is held back until the end is seen: without it the server cannot take the rest for the whole.
    if (given === length) last = chunk
    else yield chunk
  }
  if (given < length) throw changed(length, String(given))
  if (last) yield last
}

/** The error of a content that is not as long as it was said to be. */
export function changed(expected: number, actual: string): DataLossError {
  return new DataLossError(
    `the content is not as long as it was said to be, or changed while it was sent: ${expected} bytes were announced and there are ${actual}; nothing was stored`,
    { expected: String(expected), actual },
  )
}

function isObject(input: MediaInput): input is Exclude<MediaInput, string> {
  return typeof input === 'object' && input !== null
}

function isMediaSource(input: Exclude<MediaInput, string>): input is MediaSource {
  return 'describe' in input && 'open' in input
}

function isDescribed(input: Exclude<MediaInput, string>): input is DescribedMedia {
  return 'content' in input
}

function isBlob(input: object): input is BlobLike {
  return 'size' in input && 'type' in input && 'stream' in input
}

function isResponse(input: object): input is ResponseLike {
  return 'bodyUsed' in input && 'headers' in input && 'body' in input
}

function isOpener(input: object): input is MediaOpener {
  return 'open' in input && typeof input.open === 'function'
}

function isReadableStream(input: object): input is StreamLike {
  return 'getReader' in input
}

/** Refuses members that are not looked at: a misspelt length or type must not be passed over. */
function checkMembers(media: object, path: string, known: readonly string[]): void {
  if (Object.getPrototypeOf(media) !== Object.prototype) return // an object of some class has more
  const problems: Problem[] = []
  for (const name in media) {
    if (known.includes(name)) continue
    const suggestion = OTHER_NAMES[name] ?? nearestName(name, known)
    const message = 'is nothing that content has'
    problems.push({ path: `${path}.${name}`, message, ...(suggestion !== undefined && { suggestion }) })
  }
  if (problems.length > 0) throw new ValidationError('the content cannot be sent', problems)
}

const MEMBERS = ['contentType', 'length', 'name']
/** What the members are called elsewhere. */
const OTHER_NAMES: Readonly<Record<string, string | undefined>> = {
  mimeType: 'contentType',
  type: 'contentType',
  size: 'length',
}

function described(media: DescribedMedia, path: string): MediaSource {
  checkMembers(media, path, [...MEMBERS, 'content'])
  const inner = toMediaSource(media.content, path)
  checkLength(media.length, path)
  return {
    describe() {
      const found = inner.describe()
      const { length = found.length, contentType = found.contentType, name = found.name } = media
      return { ...found, length, contentType, name }
    },
    open: (options) => inner.open(options),
  }
}

function checkLength(length: number | undefined, path: string): void {
  if (length === undefined || (Number.isSafeInteger(length) && length >= 0)) return
  throw refused(`${path}.length`, 'must be a whole number of bytes')
}

function contentSource(content: MediaContent, path: string): MediaSource {
  if (typeof content === 'string') return bytesSource(new TextEncoder().encode(content))
  if (content instanceof Uint8Array) return bytesSource(content)
  if (content instanceof ArrayBuffer) return bytesSource(new Uint8Array(content))
  if (isObject(content)) {
    if (isBlob(content)) return blobSource(content)
    if (isResponse(content)) return responseSource(content, path)
    if (isReadableStream(content)) return streamSource(content, readStream(content), path)
    if (Symbol.asyncIterator in content) return streamSource(content, content, path)
    if (isOpener(content)) return openerSource(content, path) // Node's file streams have an `open` too
  }
  throw refused(path, 'must be a string, bytes, a Blob, a stream, an async iterable or file(path)')
}

function bytesSource(bytes: Uint8Array): MediaSource {
  const description: MediaDescription = { length: bytes.length, replayable: true, seekable: true }
  return {
    describe: () => description,
    async *open({ offset = 0 } = {}) {
      yield offset === 0 ? bytes : bytes.subarray(offset)
    },
  }
}

function blobSource(blob: BlobLike): MediaSource {
  const { size, name, lastModified } = blob
  const description: MediaDescription = {
    length: size,
    contentType: blob.type || undefined,
    name,
    replayable: true,
    seekable: blob.slice !== undefined,
    // A File: a Blob has no time.
    fingerprint: lastModified === undefined ? undefined : `${size}-${lastModified}-${name}`,
  }
  return {
    describe: () => description,
    open: ({ offset = 0 } = {}) => readStream((offset === 0 ? blob : blob.slice!(offset)).stream()),
  }
}

function openerSource(opener: MediaOpener, path: string): MediaSource {
  const { open, length, contentType, name } = opener
  checkMembers(opener, path, [...MEMBERS, 'open'])
  checkLength(length, path)
  return {
    describe: () => ({ length, contentType, name, replayable: true, seekable: true }),
    async *open({ offset = 0 } = {}) {
      for await (const chunk of await open(offset)) yield toBytes(chunk, path)
    },
  }
}

/** An answer that is passed on. Its length is only known when no content coding was taken off. */
function responseSource(response: ResponseLike, path: string): MediaSource {
  const { status, headers, body } = response
  if (status < 200 || status > 299) throw refused(path, `is an answer with status ${status}, not content`)
  const given = headers.get('content-encoding') === null ? headers.get('content-length') : null
  const length = body === null ? 0 : given !== null && /^\d{1,15}$/.test(given) ? Number(given) : undefined
  const stream = body === null ? bytesSource(new Uint8Array(0)) : streamSource(body, readStream(body), path)
  return {
    describe() {
      if (response.bodyUsed) throw refused(path, 'is a stream that was read already')
      return { ...stream.describe(), length, contentType: headers.get('content-type') ?? undefined }
    },
    open: (options) => stream.open(options),
  }
}

function streamSource(stream: object, chunks: AsyncIterable<Uint8Array | string>, path: string): MediaSource {
  let opened = false
  const check = (): void => {
    if (opened || wasRead(stream)) throw refused(path, 'is a stream that was read already')
  }
  return {
    describe() {
      check()
      return { length: undefined, replayable: false }
    },
    async *open() {
      check()
      opened = true
      if ('next' in stream) readIterators.add(stream)
      for await (const chunk of chunks) yield toBytes(chunk, path)
    },
  }
}

/** Iterators do not show that they were read, and give nothing a second time. */
const readIterators = /* @__PURE__ */ new WeakSet<object>()

/** Whether a stream would give nothing for sure, which must not be taken for empty content. */
function wasRead(stream: object): boolean {
  // The first is of web streams, the others are of Node's. One that failed gives its error when it is read.
  const { locked, readableEnded, destroyed, errored } = stream as Record<string, unknown>
  return (
    locked === true || readableEnded === true || (destroyed === true && !errored) || readIterators.has(stream)
  )
}

function toBytes(chunk: unknown, path: string): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk
  if (typeof chunk === 'string') return new TextEncoder().encode(chunk)
  throw refused(path, `its stream gives ${typeof chunk} where bytes or text are needed`)
}

function refused(path: string, message: string): ValidationError {
  return new ValidationError('the content cannot be sent', [{ path, message }])
}
