import { TransportError } from '../errors.ts'
import { checkDownloadOptions } from './check-download.ts'
import { contentCheck } from './content-check.ts'
import { type DownloadPart, type KnownContent, readPart } from './download-part.ts'
import { type DownloadRequests, downloadRequests } from './download-requests.ts'
import type { DownloadSteps } from './download-steps.ts'
import type { DownloadSummary } from './download.ts'
import { inflate } from './inflate.ts'
import { progressOf } from './download-progress.ts'
import { withFirst } from './parts-under-way.ts'

/** How the reader of a download treats what it is given. */
export interface ReceiveOptions {
  /** Whether it is done with a chunk when it asks for the one after the next. */
  readonly reuse?: boolean | undefined
  /** Whether it keeps all of them. */
  readonly inMemory?: boolean
}

/** The bytes of a download, compared with what the server says of them. It can be ended while it waits for a chunk. */
export function receive(
  steps: DownloadSteps,
  options: ReceiveOptions,
): AsyncGenerator<Uint8Array, DownloadSummary, undefined> {
  let requests: DownloadRequests | undefined
  const chunks = run(steps, options, (opened) => (requests = opened))
  const end = chunks.return.bind(chunks)
  return Object.assign(chunks, {
    return(result: DownloadSummary | PromiseLike<DownloadSummary>) {
      requests?.stop(new DOMException(`${steps.id} was given up`, 'AbortError'))
      return end(result)
    },
  })
}

async function* run(
  steps: DownloadSteps,
  { reuse = false, inMemory = false }: ReceiveOptions,
  opened: (requests: DownloadRequests) => void,
): AsyncGenerator<Uint8Array, DownloadSummary, undefined> {
  checkDownloadOptions(steps.id, steps.options)
  const requests = downloadRequests(steps, reuse)
  opened(requests)
  try {
    const { range, decompress = true, maxAnswerBytes } = steps.options
    const content: KnownContent = { facts: undefined }
    const part: DownloadPart = { range, first: 0, last: undefined, received: 0 }
    const check = await contentCheck(steps.id)
    const report = progressOf(steps)
    const total = (): number | undefined =>
      part.last === undefined ? content.facts?.length : part.last + 1 - part.first
    const isWhole = (): boolean => part.last === undefined && range === undefined
    let verified = false
    async function* stored(): AsyncGenerator<Uint8Array, void, undefined> {
      const listener = {
        opened: () => (part.received === 0 ? report(0, total()) : undefined),
        took: (chunk: Uint8Array) => check.update(chunk, content.facts!.hash),
      }
      for await (const chunk of readPart(requests, content, part, listener)) {
        yield chunk
        report(part.received, total())
      }
      verified = isWhole() && check.compare(content.facts?.hash ?? {})
    }
    const chunks = stored()
    const first = await chunks.next() // from here on it is known what it is
    const inflated = decompress && isWhole() && content.facts?.storedAsGzip === true
    const grown = inflated || content.facts?.gzipOnTheWay === true
    const limit = maxAnswerBytes ?? (grown ? (steps.maxAnswerBytes ?? MAX_INFLATED_BYTES) : Infinity)
    const given = inflated ? inflate(steps.id, withFirst(first, chunks)) : withFirst(first, chunks)
    let length = 0
    for await (const chunk of given) {
      length += chunk.length
      if (inMemory && length > limit) throw tooMuch(steps.id, limit)
      yield chunk
    }
    return { length, contentType: content.facts?.contentType, crc32c: check.crc32c(), verified }
  } finally {
    requests.finish()
  }
}

const MAX_INFLATED_BYTES = 67_108_864

function tooMuch(id: string, limit: number): TransportError {
  return new TransportError(
    `${id}: the content has more than ${limit} bytes and was given up; ` +
      `read it as a stream, or set maxAnswerBytes to hold more`,
    { reason: 'ANSWER_TOO_LARGE', progress: 'answered' },
  )
}
