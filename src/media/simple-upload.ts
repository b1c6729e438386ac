import type { HttpRequest, HttpResponse, StreamBody } from '../protocol/http.ts'
import { encodeMultipart } from '../protocol/multipart-encode.ts'
import type { CallContext } from '../transport/call-context.ts'
import { retry } from '../transport/retry.ts'
import { Attempt } from './attempt.ts'
import { createBoundary } from './boundary.ts'
import { checkAnswer, fastestCrc32c, RunningChecksum } from './checksum.ts'
import { exactly } from './media-source.ts'
import { Pace } from './pace.ts'
import { ProgressMeter } from './progress.ts'
import { stallTimeoutOf } from './upload-settings.ts'
import { type PlannedUpload, UPLOAD_TYPE, type UploadContent, type UploadHost } from './planned-upload.ts'

/**
 * An upload in one request: the bytes alone, or in one body with the metadata. It is sent again as any other request,
 * when it may be.
 */
export function simpleUpload(content: UploadContent, host: UploadHost): PlannedUpload {
  const { prepared, source, description, contentType, settings, onProgress, hand, maxBytes } = content
  const { length, replayable } = description
  const multipart =
    settings.kind === 'multipart' || (settings.kind === undefined && prepared.body !== undefined)
  const meter = new ProgressMeter(host.clock, length, (progress) => {
    onProgress?.(progress)
    hand.attached?.tell(progress)
  })
  const pace = new Pace(host.clock, settings.maxBytesPerSecond)
  let checksum: RunningChecksum | undefined
  let turns = 0
  let sleep: (ms: number) => Promise<void>

  async function* watched(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    // Anew for each try, of which one that broke off may go on for a moment beside the next.
    const own = (settings.checksum ?? true) ? new RunningChecksum(await fastestCrc32c()) : undefined
    const turn = ++turns
    checksum = own
    let at = 0
    meter.startAt(0)
    for await (const chunk of chunks) {
      own?.update(chunk, at)
      for (let offset = 0; offset < chunk.length || chunk.length === 0; offset += pace.pieceBytes) {
        const end = Math.min(chunk.length, offset + pace.pieceBytes)
        const piece = end - offset === chunk.length ? chunk : chunk.subarray(offset, end)
        const delayMs = pace.take(piece.length)
        if (delayMs > 0) await sleep(delayMs)
        yield piece
        if (turn === turns) meter.add(piece.length)
        if (chunk.length === 0) break
      }
      at += chunk.length
    }
  }

  const attemptHost = {
    handler: host.once,
    meter: new ProgressMeter(host.clock, undefined, undefined), // of the frame too, so nobody is told
    pace: new Pace(host.clock),
    stallTimeoutMs: stallTimeoutOf(settings),
  }
  const tries = retry(host.budget)(async (request: HttpRequest, call: CallContext): Promise<HttpResponse> => {
    const attempt = new Attempt({ ...attemptHost, call })
    try {
      return attempt.answered(await attempt.send(request, request.body as StreamBody))
    } catch (error) {
      attempt.done()
      throw error
    } finally {
      call.sent = attempt.sent
    }
  })

  const media: StreamBody = {
    length,
    replayable,
    open(options) {
      const chunks = source.open(options)
      return watched(length === undefined ? chunks : exactly(chunks, length))
    },
  }
  const { id, method, headers, body = '{}' } = prepared
  const type = multipart ? 'multipart' : 'media'
  const url = settings.kind === undefined ? prepared.url : prepared.url.replace(UPLOAD_TYPE, `$1${type}`)
  const boundary = multipart ? createBoundary([body]) : ''
  const parts = [
    { headers: { 'content-type': 'application/json; charset=UTF-8' }, body },
    { headers: { 'content-type': contentType }, body: media },
  ]
  return {
    method,
    url,
    headers: {
      ...headers,
      'content-type': multipart ? `multipart/related; boundary=${boundary}` : contentType,
    },
    body: multipart ? encodeMultipart(parts, boundary) : media,
    async send(request, call) {
      let state: 'done' | 'failed' = 'failed'
      sleep = (ms) => call.sleep(ms, 'bandwidth')
      try {
        while (hand.paused && !hand.aborted) await call.wait(hand.change(), 'pause')
        if (hand.aborted) throw hand.aborted.reason
        const response = await hand.during(
          () => hand.aborted && call.end(hand.aborted.reason),
          () => tries(request, call),
        )
        if (response.status < 200 || response.status > 299) return response
        const length = (): number => meter.sent
        const checked = await checkAnswer(response, { id, whole: true, maxBytes }, () => ({
          length: length(),
          crc32c: checksum?.crc,
        }))
        meter.finish()
        state = 'done'
        return checked
      } finally {
        hand.end(state)
      }
    },
  }
}
