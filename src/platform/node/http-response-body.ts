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
  /** Set once the caller gave the exchange up: what is left of the answer is not the whole of it. */
  readonly aborted: () => { reason: unknown } | undefined
}

/**
 * The body of an answer. Text and bytes are gathered from events, which is the cheapest way Node has; an iteration
 * holds the connection back until each chunk is taken. A failure before anybody reads is kept for the reader.
 */
export function nodeResponseBody(message: IncomingMessage, exchange: Exchange): HttpResponseBody {
  message.once('close', exchange.done)
  const stream = exchange.inflate && isGzip(message) ? gunzip(message) : message
  const failures = watchFailures(stream, message, exchange)
  return {
    text: async (maxBytes) => (await gather(stream, message, failures, maxBytes)).toString('utf8'),
    bytes: (maxBytes) => gather(stream, message, failures, maxBytes),
    [Symbol.asyncIterator]: () => iterate(stream, message, failures),
    cancel: () => {
      // A small rest is read, so that the connection can be used again; a large one is not worth it.
      if (message.complete || Number(message.headers['content-length'] ?? Infinity) <= 65_536) stream.resume()
      else giveUp(stream, message)
    },
  }
}

/** The first failure of a message or of its inflation; an answer that ends early is one. */
interface Failures {
  /** Who is to hear of a failure that is still to come. */
  tell(reader: (reason: unknown) => void): void
  /** Throws when there was a failure, or when the caller gave the exchange up. */
  throwAny(error?: unknown): void
}

function gather(
  stream: Readable,
  message: IncomingMessage,
  failures: Failures,
  maxBytes = Infinity,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    failures.throwAny(stream.destroyed ? CUT_SHORT : undefined)
    let first: Buffer | undefined
    let rest: Buffer[] | undefined
    let length = 0
    stream.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > maxBytes) {
        reject(tooLarge(maxBytes))
        giveUp(stream, message)
      } else if (first === undefined) first = chunk
      else (rest ??= [first]).push(chunk)
    })
    stream.on('end', () => {
      try {
        failures.throwAny()
        resolve(rest ? Buffer.concat(rest, length) : (first ?? EMPTY))
      } catch (error) {
        reject(error)
      }
    })
    failures.tell(reject)
  })
}

async function* iterate(
  stream: Readable,
  message: IncomingMessage,
  failures: Failures,
): AsyncGenerator<Uint8Array, void, undefined> {
  failures.throwAny()
  try {
    for await (const chunk of stream) yield chunk as Buffer
  } catch (error) {
    failures.throwAny(error)
  } finally {
    if (!message.complete) giveUp(stream, message)
  }
  failures.throwAny()
}

function watchFailures(stream: Readable, message: IncomingMessage, { failure, aborted }: Exchange): Failures {
  let failed: { reason: unknown } | undefined
  let reader: ((reason: unknown) => void) | undefined
  const fail = (error: Error): void => {
    failed ??= { reason: failure(error) }
    reader?.(failed.reason)
  }
  message.on('error', (error: Error & { code?: string }) => {
    fail(error.code === 'ECONNRESET' ? CUT_SHORT : error)
  })
  if (stream !== message) stream.on('error', () => fail(message.errored ?? NOT_GZIP))
  return {
    tell: (told) => (reader = told),
    throwAny(error) {
      const any = failed ?? aborted()
      if (any) throw any.reason
      if (error !== undefined) throw failure(error as Error)
    },
  }
}

/** Whether there is something to inflate: answers without a body may carry the header too. */
function isGzip({ headers, statusCode }: IncomingMessage): boolean {
  if (headers['content-encoding'] !== 'gzip' || headers['content-length'] === '0') return false
  return statusCode !== 204 && statusCode !== 304
}

function gunzip(message: IncomingMessage): Readable {
  const inflater = process.getBuiltinModule('node:zlib').createGunzip()
  message.on('error', () => inflater.destroy(CUT_SHORT))
  return message.pipe(inflater)
}

function giveUp(stream: Readable, message: IncomingMessage): void {
  message.destroy()
  stream.destroy()
}

const EMPTY = Buffer.alloc(0)
const CUT_SHORT = Object.assign(new Error('answer cut short'), { code: 'ANSWER_CUT_SHORT' })
const NOT_GZIP = Object.assign(new Error('not gzip'), { code: 'ANSWER_NOT_GZIP' })
