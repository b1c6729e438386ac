import { TransportError } from '../../errors.ts'
import { responseBody } from '../../protocol/http-body.ts'
import type { HttpResponse } from '../../protocol/http.ts'
import { redactUrl, withoutSecrets } from '../../transport/redact.ts'

/** Whoever has the address of a session can write to it, so nothing of it may be in an error. */
export function secretsOfSession(sessionUrl: string, startUrl: string): string[] {
  const { search, pathname } = new URL(sessionUrl)
  // The end of a path may name the session; that of the address where it began names nothing.
  const known = new Set(new URL(startUrl).pathname.split('/'))
  const parts = pathname.split('/').filter((part) => !known.has(part))
  const values = [...new URLSearchParams(search)]
    .filter(([name]) => name !== 'uploadType' && name !== 'upload_protocol' && name !== 'name')
    .map(([, value]) => value)
  return [sessionUrl, ...(search === '' ? [pathname] : [pathname + search]), ...values, ...parts]
}

/** An answer whose body is a text at hand, both without secrets. */
export function cleanAnswer(
  { status, headers }: HttpResponse,
  text: string,
  secrets: readonly string[],
): HttpResponse {
  const clean = Object.entries(headers).map(([name, value]) => [name, withoutSecrets(value, secrets)])
  return {
    status,
    headers: Object.fromEntries(clean) as Record<string, string>,
    body: responseBody(withoutSecrets(text, secrets)),
  }
}

/** The error of a connection, told of the address of the method in place of that of the session. */
export function cleanError(
  error: unknown,
  sessionUrl: string | undefined,
  method: { readonly id: string; readonly method: string; readonly url: string },
): unknown {
  if (!(error instanceof TransportError)) return error
  const { reason, progress, message, cause } = error
  const url = redactUrl(method.url)
  const told = sessionUrl === undefined ? message : message.replaceAll(redactUrl(sessionUrl), url)
  return new TransportError(told, {
    reason,
    progress,
    request: { id: method.id, method: error.request?.method ?? method.method, url },
    cause,
  })
}
