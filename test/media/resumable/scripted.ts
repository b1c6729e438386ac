import {
  type ClientOptions,
  type HttpHeaders,
  type HttpRequest,
  type HttpResponse,
  TransportError,
} from 'discokit'
import type { Transport, UntypedApi } from 'discokit'
import { answer } from '../../client/answers.ts'
import { connectTo } from '../connection.ts'

/** A request as it arrived. */
export interface Arrived {
  readonly method: string
  readonly url: string
  readonly headers: HttpHeaders
  readonly bytes: Buffer
}

/** What the server does with one request: an answer, or a connection that breaks once so many bytes were read. */
export type Doing = HttpResponse | { readonly breakAfter: number }

export const ORIGIN = 'https://storage.googleapis.com'
export const SESSION = `${ORIGIN}/upload/storage/v1/b/b/o?uploadType=resumable&upload_id=SeSsIoN-SeCrEt-123`

/** The answer that begins a session. */
export const begun = (url = SESSION): HttpResponse => answer(200, '', { location: url })
/** The answer that says how much is stored. */
export const stored = (bytes: number): HttpResponse =>
  answer(308, '', bytes === 0 ? {} : { range: `bytes=0-${bytes - 1}` })
/** The answer that ends an upload. */
export const done = (metadata: object = { name: 'a' }): HttpResponse => answer(200, metadata)

/** A client of a server that does one thing after the other; a function sees the request first. */
export async function scripted(
  script: readonly (Doing | ((arrived: Arrived) => Doing))[],
  options: ClientOptions = {},
): Promise<{ arrived: Arrived[]; storage: UntypedApi; left(): number }> {
  const arrived: Arrived[] = []
  const steps = [...script]
  const transport: Transport = async (request, context) => {
    const step = steps.shift()
    if (step === undefined) throw new Error(`nobody expected ${request.method} ${request.url}`)
    const planned = typeof step === 'function' ? undefined : step
    const limit = planned && 'breakAfter' in planned ? planned.breakAfter : Infinity
    const bytes = await readBody(request, limit)
    context.signal.throwIfAborted()
    const seen = { method: request.method, url: request.url, headers: request.headers, bytes }
    arrived.push(seen)
    const doing = typeof step === 'function' ? step(seen) : step
    if (!('breakAfter' in doing)) return doing
    throw new TransportError(`${request.method} ${request.url.split('?')[0]}?upload_id=…: it broke`, {
      reason: 'ECONNRESET',
      progress: 'sent',
    })
  }
  const { storage } = await connectTo(ORIGIN, { transport, ...options })
  return { arrived, storage, left: () => steps.length }
}

async function readBody({ body }: HttpRequest, limit: number): Promise<Buffer> {
  if (body === undefined || typeof body === 'string') return Buffer.from(body ?? '')
  if (body instanceof Uint8Array) return Buffer.from(body)
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body.open({ reuse: true })) {
    chunks.push(Buffer.from(chunk.subarray(0, limit - length)))
    length += chunk.length
    if (length >= limit) break
  }
  return Buffer.concat(chunks)
}
