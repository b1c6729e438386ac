/** Bundled for a page of a test: sends with `xhrTransport`, and tells of it in plain data. */
import { xhrTransport } from 'discokit/media'
import type { HttpRequest, StreamBody } from '../../../src/protocol/http.ts'

const send = xhrTransport()

const threeMillion: StreamBody = {
  length: 3_000_000,
  replayable: true,
  async *open() {
    for (let i = 0; i < 3; i++) yield new Uint8Array(1_000_000).fill(i)
  },
}

let goOn = (): void => {}

/** The second chunk comes after the call has ended. */
const late: StreamBody = {
  length: 2,
  replayable: true,
  async *open() {
    yield new Uint8Array(1)
    await new Promise<void>((resolve) => (goOn = resolve))
    yield new Uint8Array(1)
  },
}

async function ask(request: HttpRequest, endAfterMs?: number): Promise<unknown> {
  const body = request.body === 'stream' ? threeMillion : request.body === 'late' ? late : request.body
  const listeners = new Set<(reason: unknown) => void>()
  if (endAfterMs !== undefined)
    setTimeout(() => {
      listeners.forEach((listener) => listener(new Error('that is enough')))
      goOn()
    }, endAfterMs)
  try {
    const { signal } = new AbortController()
    const onEnd = (listener: (reason: unknown) => void): (() => void) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    }
    const sent = body === undefined ? request : { ...request, body }
    const { status, headers, body: answer } = await send(sent, { signal, onEnd, phase: '' })
    return { status, headers, text: await answer.text() }
  } catch (error) {
    const { name, message, reason } = error as Error & { reason?: unknown }
    return { failure: { name, message, reason } }
  }
}

Object.assign(globalThis, { ask })
