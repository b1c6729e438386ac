import type { HttpRequest, HttpResponse } from '../protocol/http.ts'

/** Whether an answer leads elsewhere a request that may go there: one that reads. */
export function isRedirect({ method }: HttpRequest, { status }: HttpResponse): boolean {
  return REDIRECTS.has(status) && (method === 'GET' || method === 'HEAD')
}

const REDIRECTS = new Set([301, 302, 303, 307, 308])
