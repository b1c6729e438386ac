import type { ClientRequest, IncomingMessage } from 'node:http'
import type { HttpRequestBody, StreamBody } from '../../protocol/http.ts'

/**
 * Sends the body. A stream is read no faster than the connection takes it, and no further once the server has
 * answered. When the stream itself fails, the connection is broken off, so that the server cannot take what it has
 * for the whole, and `fail` is told why.
 */
export function writeBody(
  call: ClientRequest,
  body: HttpRequestBody | undefined,
  answered: () => boolean,
  fail: (reason: unknown) => void,
): void {
  if (body === undefined) call.end()
  else if (typeof body === 'string' || body instanceof Uint8Array) call.end(body)
  else {
    call.once('response', (message: IncomingMessage) => {
      // A body that was given up never ends, and its connection would stay busy for ever.
      message.once('close', () => call.writableEnded || call.destroy())
    })
    writeStream(call, body, answered).catch((error: unknown) => {
      fail(error)
      call.destroy()
    })
  }
}

async function writeStream(call: ClientRequest, body: StreamBody, answered: () => boolean): Promise<void> {
  // A chunk has left for the network before the next but one is asked for.
  for await (const chunk of body.open({ reuse: true })) {
    if (call.destroyed || answered()) return
    if (!call.write(chunk)) await drained(call)
  }
  call.end()
}

function drained(call: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      call.off('drain', done).off('close', done).off('response', done)
      resolve()
    }
    call.on('drain', done).on('close', done).on('response', done)
  })
}
