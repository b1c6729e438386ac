import type { HttpRequest, HttpResponse } from '../protocol/http.ts'
import type { CallContext } from './call-context.ts'

/** Takes a request to its response. */
export type Handler = (request: HttpRequest, context: CallContext) => Promise<HttpResponse>

/** A layer around a handler: sees the request before it and the response after it. */
export type Interceptor = (next: Handler) => Handler

/** Wraps a handler in layers, the first named outermost. */
export function compose(interceptors: readonly Interceptor[], handler: Handler): Handler {
  return interceptors.reduceRight((next, interceptor) => interceptor(next), handler)
}
