import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { tooLarge } from '../../protocol/http-body.ts'
import type { HttpResponseBody } from '../../protocol/http.ts'

/** What the body tells the exchange it belongs to. */
interface Exchange {
  readonly inflate: boolean
  /** The connection is free again, or gone. */
  readonly done: () => void
  /** Turns Node's error into the one to report. */
  readonly failure: (error: Error) => unknown
}

/**
 * The body of an answer. Text and bytes are gathered from events, which is the cheapest way Node has; an iteration
 * holds the connection back until each chunk is taken.
 */
export function nodeResponseBody(message: IncomingMessage, exchange: Exchange): HttpResponseBody {
  message.once('close', exchange.done)
  const gzip = exchange.inflate && message.headers['content-encoding'] === 'gzip'
  const stream = gzip ? gunzip(message) : message
  return {
    text: async (maxBytes) => (await gather(stream, message, exchange, maxBytes)).toString('utf8'),
    bytes: (maxBytes) => gather(stream, message, exchange, maxBytes),
    [Symbol.asyncIterator]: () => iterate(stream, message, exchange),
    cancel: () => {
      message.on('error', ignore)
      stream.on('error', ignore)
      // A small rest is read, so that the connection can be used again; a large one is not worth it.
      if (message.complete || Number(message.headers['content-length'] ?? Infinity) <= 65_536) stream.resume()
      else message.destroy()
    },
  }
}

function gather(
  stream: Readable,
  message: IncomingMessage,
  exchange: Exchange,
  maxBytes = Infinity,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let first: Buffer | undefined
    let rest: Buffer[] | undefined
    let length = 0
    stream.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > maxBytes) {
        reject(tooLarge(maxBytes))
        message.destroy()
      } else if (first === undefined) first = chunk
      else (rest ??= [first]).push(chunk)
    })
    stream.on('end', () => resolve(rest ? Buffer.concat(rest, length) : (first ?? EMPTY)))
    onFailure(stream, message, exchange, reject)
  })
}

async function* iterate(
  stream: Readable,
  message: IncomingMessage,
  exchange: Exchange,
): AsyncGenerator<Uint8Array, void, undefined> {
  const failed: { reason?: unknown } = {}
  onFailure(stream, message, exchange, (reason) => (failed.reason ??= reason))
  try {
    for await (const chunk of stream) yield chunk as Buffer
  } catch (error) {
    throw failed.reason ?? exchange.failure(error as Error)
  } finally {
    if (!message.complete) message.destroy()
  }
  if (failed.reason !== undefined) throw failed.reason
}

/** Reports the first failure of the message or of its inflation; an answer that ends early is one. */
function onFailure(
  stream: Readable,
  message: IncomingMessage,
  { failure }: Exchange,
  report: (reason: unknown) => void,
): void {
  message.on('error', (error: Error & { code?: string }) => {
    report(failure(error.code === 'ECONNRESET' ? CUT_SHORT : error))
  })
  if (stream !== message) stream.on('error', () => report(failure(message.errored ?? NOT_GZIP)))
}

function gunzip(message: IncomingMessage): Readable {
  const inflater = process.getBuiltinModule('node:zlib').createGunzip()
  message.on('error', () => inflater.destroy(CUT_SHORT))
  return message.pipe(inflater)
}

const EMPTY = Buffer.alloc(0)
const CUT_SHORT = Object.assign(new Error('answer cut short'), { code: 'ANSWER_CUT_SHORT' })
const NOT_GZIP = Object.assign(new Error('not gzip'), { code: 'ANSWER_NOT_GZIP' })
const ignore = (): void => {}
