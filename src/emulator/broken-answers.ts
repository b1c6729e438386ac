import { TransportError } from '../errors.ts'
import { responseBody } from '../protocol/http-body.ts'
import type { HttpResponse } from '../protocol/http.ts'
import { ApiFailure } from './api-failure.ts'
import type { WaitingClock } from './clock.ts'
import type { PendingFault } from './faults.ts'

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

/**
 * The same answer, spoilt on its way as a fault says. Its headers stay as they are.
 * @param clock what a stall waits by
 */
export function spoilAnswer(
  response: HttpResponse,
  { fault, meet }: PendingFault,
  clock: Pick<WaitingClock, 'sleep'>,
): HttpResponse {
  const { body } = response
  const release = (): void => body.cancel()
  if (fault.kind === 'corrupted-data')
    return { ...response, body: responseBody(corrupted(body, meet), release) }
  if (fault.kind === 'stall') {
    const wait = (): Promise<void> => clock.sleep(fault.forMs)
    return { ...response, body: responseBody(interrupted(body, fault.afterBytes, meet, wait), release) }
  }
  if (fault.kind !== 'broken-stream' && fault.kind !== 'broken-final-chunk') return response
  const length = Number(response.headers['content-length'] ?? 0)
  const afterBytes = fault.afterBytes ?? Math.floor(length / 2)
  return {
    ...response,
    body: responseBody(
      interrupted(body, afterBytes, meet, () => breakOff(afterBytes)),
      release,
    ),
  }
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

async function* corrupted(
  chunks: AsyncIterable<Uint8Array>,
  meet: PendingFault['meet'],
): AsyncGenerator<Uint8Array, void, undefined> {
  let done = false
  for await (const chunk of chunks) {
    if (done || chunk.length === 0 || !meet()) {
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

/** Lets something happen where the chunks have more than so many bytes, unless another call has met it. */
async function* interrupted(
  chunks: AsyncIterable<Uint8Array>,
  afterBytes: number,
  meet: PendingFault['meet'],
  happen: () => void | Promise<void>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let sent = 0
  let waiting = true
  for await (const chunk of chunks) {
    const before = afterBytes - sent
    sent += chunk.length
    if (!waiting || before >= chunk.length) {
      yield chunk
      continue
    }
    waiting = false
    if (before > 0) yield chunk.subarray(0, before)
    if (meet()) await happen()
    yield chunk.subarray(before)
  }
}

function breakOff(sent: number): never {
  throw new TransportError(`the emulator broke the answer off after ${sent} bytes, as a test asked it to`, {
    reason: 'ECONNRESET',
    progress: 'answered',
  })
}
