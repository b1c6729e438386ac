import { DataLossError, ValidationError } from '../errors.ts'
import type {
  BlobLike,
  DescribedMedia,
  MediaContent,
  MediaDescription,
  MediaInput,
  MediaSource,
  StreamLike,
} from '../request/media-input.ts'
import { readStream } from '../transport/web-stream.ts'

/**
 * Any content as a source. Strings, bytes and Blobs can be opened again and know their length; streams cannot and do
 * not, unless the caller says so.
 * @throws {ValidationError} for anything that holds no bytes.
 */
export function toMediaSource(input: MediaInput, path = 'media'): MediaSource {
  if (isObject(input) && isMediaSource(input)) return input
  if (isObject(input) && isDescribed(input)) return described(input, path)
  return contentSource(input, path)
}

/** The same source, which fails before its last byte is given when its length is not the one announced. */
export async function* exactly(
  chunks: AsyncIterable<Uint8Array>,
  length: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let held: Uint8Array | undefined
  let given = 0
  for await (const chunk of chunks) {
    if (chunk.length === 0) continue
    given += chunk.length
    if (given > length) throw changed(length, `more than ${length}`)
    if (held) yield held
    held = chunk
  }
  // The last chunk is held back until the end is seen: without it the server cannot take the rest for the whole.
  if (given < length) throw changed(length, String(given))
  if (held) yield held
}

function changed(expected: number, actual: string): DataLossError {
  return new DataLossError(
    `the content changed while it was sent: ${expected} bytes were announced and there are ${actual}; nothing was stored`,
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

function isReadableStream(input: object): input is StreamLike {
  return 'getReader' in input
}

function described(media: DescribedMedia, path: string): MediaSource {
  const inner = toMediaSource(media.content, path)
  if (media.length !== undefined && !(Number.isSafeInteger(media.length) && media.length >= 0)) {
    throw refused(`${path}.length`, 'must be a whole number of bytes')
  }
  return {
    describe() {
      const found = inner.describe()
      const { length = found.length, contentType = found.contentType, name = found.name } = media
      return { ...found, length, contentType, name }
    },
    open: (options) => inner.open(options),
  }
}

function contentSource(content: MediaContent, path: string): MediaSource {
  if (typeof content === 'string') return bytesSource(new TextEncoder().encode(content))
  if (content instanceof Uint8Array) return bytesSource(content)
  if (content instanceof ArrayBuffer) return bytesSource(new Uint8Array(content))
  if (isObject(content)) {
    if (isBlob(content)) return blobSource(content)
    if (isReadableStream(content)) return streamSource(content, readStream(content), path)
    if (Symbol.asyncIterator in content) return streamSource(content, content, path)
  }
  throw refused(path, 'must be a string, bytes, a Blob, a stream, an async iterable or file(path)')
}

function bytesSource(bytes: Uint8Array): MediaSource {
  const description: MediaDescription = { length: bytes.length, replayable: true }
  return {
    describe: () => description,
    async *open() {
      yield bytes
    },
  }
}

function blobSource(blob: BlobLike): MediaSource {
  const description: MediaDescription = {
    length: blob.size,
    contentType: blob.type || undefined,
    name: blob.name,
    replayable: true,
  }
  return { describe: () => description, open: () => readStream(blob.stream()) }
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
