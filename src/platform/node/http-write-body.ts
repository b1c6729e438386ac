import type { ClientRequest } from 'node:http'
import { DataLossError } from '../../errors.ts'
import type { HttpRequestBody, StreamBody } from '../../protocol/http.ts'

/**
 * Sends the body. A stream is read no faster than the connection takes it, one chunk ahead, and no further once the
 * server has answered. When the stream itself fails, or is longer or shorter than it says, the connection is broken off, so that
 * the server cannot take what it has for the whole, and `fail` is told why.
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
    writeStream(call, body, answered).catch((error: unknown) => {
      fail(error)
      call.destroy()
    })
  }
}

async function writeStream(call: ClientRequest, body: StreamBody, answered: () => boolean): Promise<void> {
  const { length = Infinity } = body
  const chunks = body.open({ reuse: true })[Symbol.asyncIterator]()
  let sent = 0
  let ended = false
  try {
    for (let next = chunks.next(); ;) {
      const { done, value: chunk } = await next
      ended = done === true
      if (done) break
      if (call.destroyed || answered()) return
      sent += chunk.length
      if (sent > length) throw wrongLength(length, `more than ${length}`)
      // After a large chunk there is a drain to wait for, and then the network has it. A small one may be waiting still
      // when its source uses the memory again, so it is copied.
      const ready = call.write(chunk.length < LARGE_BYTES ? Buffer.from(chunk) : chunk)
      if (sent === length) call.end() // the request is whole; the source may have something to do yet
      next = chunks.next() // is read, and its checksum computed, while the network is busy with this one
      next.catch(() => {}) // told when it is awaited
      if (!ready && sent !== length) await drained(call)
    }
  } finally {
    if (!ended) await chunks.return?.()
  }
  if (sent < length && length !== Infinity) throw wrongLength(length, String(sent))
  call.end()
}

/** At least the most that Node buffers before it asks to wait: 16 KiB, from Node 22 on 64 KiB. */
const LARGE_BYTES = 65_536

function wrongLength(expected: number, actual: string): DataLossError {
  return new DataLossError(
    `the body was to have ${expected} bytes and has ${actual}; the request was broken off`,
    {
      expected: String(expected),
      actual,
    },
  )
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
