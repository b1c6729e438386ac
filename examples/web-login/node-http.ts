import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * The web's Request of Node's, or of Express's: `login.start` and `login.finish` read its method, address and cookies.
 * @param site the origin that browsers know the application by, such as `https://my-app.example.com`: what a request says of it
 *   (`Host`, `X-Forwarded-…`, an address with a host of its own) is whoever's wrote the request
 */
export function toRequest(request: IncomingMessage & { originalUrl?: string }, site: string): Request {
  const { method = 'GET', headers, originalUrl = request.url ?? '/' } = request // routers of Express cut `url`
  const [path = '/', ...query] = originalUrl.split('?')
  const address = new URL(site)
  address.pathname = path
  address.search = query.join('?')
  return new Request(address, { method, headers: { cookie: headers.cookie ?? '' } })
}

/** Cookies that were set before stay, and there may be several in the answer. To HEAD no content is sent. */
export async function send(answer: Response, response: ServerResponse): Promise<void> {
  response.statusCode = answer.status
  for (const [name, value] of answer.headers)
    if (name === 'set-cookie') response.appendHeader(name, value)
    else response.setHeader(name, value)
  response.end(await answer.text())
}
