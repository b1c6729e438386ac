import type { AuthorizedFetch } from 'discokit/auth'
import { authorizedFetch, type Credentials } from 'discokit/auth'
import type { Clock, HttpRequest, Transport } from 'discokit'
import { responseBody } from '../../src/protocol/http-body.ts'

/** What stands in for an answer: a status, headers and a text. */
export interface Scripted {
  readonly status?: number
  readonly headers?: Record<string, string>
  readonly text?: string | AsyncIterable<Uint8Array>
}

/** A token endpoint and an API in this process, which note what they are sent. */
export interface Endpoint {
  readonly transport: Transport
  /** The forms that came to the token endpoint. */
  readonly forms: URLSearchParams[]
  readonly tokenRequests: HttpRequest[]
  /** The requests that came to anything else. */
  readonly calls: HttpRequest[]
  /** Calls an API with the credential, and so has a token made. */
  fetch(credentials: Credentials, clock?: Clock): AuthorizedFetch
}

export const API = 'https://storage.googleapis.com/storage/v1/b'

export const token = (value: string, more: Record<string, unknown> = {}): Scripted => ({
  text: JSON.stringify({ access_token: value, token_type: 'Bearer', expires_in: 3600, ...more }),
})

/** Token requests are those that POST a form. `answer` may throw, as a transport does. */
export function endpoint(
  answer: (index: number, request: HttpRequest) => Scripted | Promise<Scripted> = (index) =>
    token(`t${index}`),
): Endpoint {
  const forms: URLSearchParams[] = []
  const tokenRequests: HttpRequest[] = []
  const calls: HttpRequest[] = []
  const transport: Transport = async (request) => {
    if (request.headers['content-type'] !== 'application/x-www-form-urlencoded') {
      calls.push(request)
      return { status: 200, headers: {}, body: responseBody('{}') }
    }
    forms.push(new URLSearchParams(request.body as string))
    const { status = 200, headers = {}, text = '' } = await answer(tokenRequests.push(request) - 1, request)
    return { status, headers, body: responseBody(text) }
  }
  const fetch = (credentials: Credentials, clock?: Clock): AuthorizedFetch =>
    authorizedFetch(credentials, { transport, ...(clock && { clock }) })
  return { transport, forms, tokenRequests, calls, fetch }
}

/** Whatever is asked, in this process: what was asked, and a `fetch` with a credential for the API. */
export function scripted(answer: (request: HttpRequest, index: number) => Scripted | Promise<Scripted>) {
  const asked: HttpRequest[] = []
  const calls: HttpRequest[] = []
  const transport: Transport = async (request) => {
    if (request.url === API || request.url.startsWith(SERVICE)) {
      calls.push(request)
      return { status: 200, headers: {}, body: responseBody('{}') }
    }
    const { status = 200, headers = {}, text = '' } = await answer(request, asked.push(request) - 1)
    return { status, headers, body: responseBody(text) }
  }
  const fetch = (credentials: Credentials, clock?: Clock): AuthorizedFetch =>
    authorizedFetch(credentials, { transport, allowedOrigins: [SERVICE], ...(clock && { clock }) })
  return { transport, asked, calls, fetch }
}

/** A service of the program's own. */
export const SERVICE = 'https://my-service.a.run.app'
