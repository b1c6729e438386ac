import { TransportError } from '../errors.ts'
import { responseBody } from '../protocol/http-body.ts'
import type { HttpResponse } from '../protocol/http.ts'
import { ApiFailure } from './api-failure.ts'
import type { Fault } from './faults.ts'

/** The failure that a `return-503` answers with. */
export function statusFault(status: number): ApiFailure {
  const message = `A test asked the emulator to answer ${status} here.`
  return new ApiFailure(status, REASONS[status] ?? (status >= 500 ? 'backendError' : 'badRequest'), message)
}

/** What a `return-reset-connection` ends in; over a port the socket is reset instead. */
export function connectionReset(): TransportError {
  return new TransportError('the emulator reset the connection, as a test asked it to', {
    reason: 'ECONNRESET',
    progress: 'sent',
  })
}

/** The same answer, spoilt on its way as a fault says. Its headers stay as they are. */
export function spoilAnswer(response: HttpResponse, fault: Fault): HttpResponse {
  if (fault.kind === 'corrupted-data') return { ...response, body: responseBody(corrupted(response.body)) }
  if (fault.kind !== 'broken-stream') return response
  const length = Number(response.headers['content-length'] ?? 0)
  const afterBytes = fault.afterBytes ?? Math.floor(length / 2)
  return { ...response, body: responseBody(brokenOff(response.body, afterBytes)) }
}

const REASONS: Readonly<Record<number, string>> = {
  401: 'authError',
  403: 'forbidden',
  404: 'notFound',
  408: 'requestTimeout',
  410: 'gone',
  412: 'conditionNotMet',
  429: 'rateLimitExceeded',
}

async function* corrupted(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let done = false
  for await (const chunk of chunks) {
    if (done || chunk.length === 0) {
      yield chunk
      continue
    }
    done = true
    const changed = chunk.slice()
    const middle = changed.length >> 1
    changed[middle] = changed[middle]! ^ 1
    yield changed
  }
}

async function* brokenOff(
  chunks: AsyncIterable<Uint8Array>,
  afterBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let sent = 0
  for await (const chunk of chunks) {
    const part = chunk.subarray(0, afterBytes - sent)
    sent += part.length
    if (part.length > 0) yield part
    if (part.length < chunk.length) {
      throw new TransportError(
        `the emulator broke the answer off after ${sent} bytes, as a test asked it to`,
        {
          reason: 'ECONNRESET',
          progress: 'answered',
        },
      )
    }
  }
}
