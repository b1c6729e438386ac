import type { HttpRequest, HttpResponse } from 'discokit'

type Chunks = AsyncGenerator<Uint8Array, void, undefined>
type StreamBody = Exclude<HttpRequest['body'], string | Uint8Array | undefined>

/** The streamed body of a request; undefined for those that are at hand. */
export function streamOf({ body }: HttpRequest): StreamBody | undefined {
  return typeof body === 'object' && !(body instanceof Uint8Array) ? body : undefined
}

/** The same request with the chunks of its body changed on the way. */
export function withChunks(
  request: HttpRequest,
  change: (chunks: AsyncIterable<Uint8Array>) => Chunks,
): HttpRequest {
  const body = streamOf(request)!
  const { length, replayable } = body
  return { ...request, body: { length, replayable, open: () => change(body.open({ reuse: true })) } }
}

/** The same answer with the chunks of its body changed on the way. */
export function withAnswerChunks(
  response: HttpResponse,
  change: (chunks: AsyncIterable<Uint8Array>) => Chunks,
): HttpResponse {
  const { body } = response
  const chunks = change(body)
  const bytes = async (): Promise<Uint8Array> => {
    const all: Uint8Array[] = []
    for await (const chunk of chunks) all.push(chunk)
    return Buffer.concat(all)
  }
  return {
    status: response.status,
    headers: response.headers,
    body: {
      [Symbol.asyncIterator]: () => chunks,
      bytes,
      text: async () => new TextDecoder().decode(await bytes()),
      cancel() {
        body.cancel()
        chunks.return().catch(() => {})
      },
    },
  }
}

/** Lets something happen after so many bytes, or at the end when there are fewer. */
export async function* interrupted(
  chunks: AsyncIterable<Uint8Array>,
  afterBytes: number,
  happen: () => void | Promise<void>,
): Chunks {
  let left = afterBytes
  for await (const chunk of chunks) {
    if (chunk.length <= left) {
      left -= chunk.length
      yield chunk
      continue
    }
    if (left > 0) yield chunk.subarray(0, left)
    await happen()
    return
  }
  await happen()
}

/** Changes one bit of the byte at a place. */
export async function* corrupted(chunks: AsyncIterable<Uint8Array>, place: number): Chunks {
  let at = 0
  for await (const chunk of chunks) {
    const hit = place >= at && place < at + chunk.length
    const given = hit ? chunk.slice() : chunk // the memory is the source's
    if (hit) given[place - at]! ^= 1
    at += chunk.length
    yield given
  }
}

/** Counts what goes through. */
export async function* counted(chunks: AsyncIterable<Uint8Array>, count: (bytes: number) => void): Chunks {
  for await (const chunk of chunks) {
    count(chunk.length)
    yield chunk
  }
}
