/**
 * A web application that people sign in to: `webLogin` keeps what a login needs in a sealed cookie, and checks everything.
 *
 *     CLIENT_ID=… CLIENT_SECRET=… npm run example examples/aiogoogle/openid-connect.ts
 *
 * Enter `http://127.0.0.1:5000/back` as a redirection of the client; `PORT` chooses another port.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createSecret, oauthClient, webLogin } from 'discokit/login'

const { CLIENT_ID = '', CLIENT_SECRET, PORT = 5000 } = process.env
const server = createServer((request, response) => void answer(request, response))
server.listen(Number(PORT), '127.0.0.1')
await once(server, 'listening')
const site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const client = oauthClient({
  clientId: CLIENT_ID,
  clientSecret: CLIENT_SECRET,
  redirectUri: `${site}/back`,
  scopes: ['openid', 'email', 'profile'],
})
const login = webLogin({ client, secret: createSecret() })
/** The address of the person, by the secret of the browser. */
const sessions = new Map<string, string>()
console.log(`Open ${site}`)

async function answer({ url = '/', headers }: IncomingMessage, response: ServerResponse): Promise<void> {
  const { cookie = '' } = headers
  const request = new Request(new URL(url, site), { headers: { cookie } })
  if (url === '/login') return send(await login.start(request), response)
  if (url.startsWith('/back')) {
    const { response: back, user } = await login.finish(request)
    if (user) {
      const session = createSecret()
      sessions.set(session, user.claims.email ?? user.sub)
      back.headers.append('set-cookie', `session=${session}; Path=/; HttpOnly; SameSite=Lax`)
    }
    return send(back, response)
  }
  const [, session = ''] = /\bsession=([\w-]+)/.exec(cookie) ?? []
  response.end(sessions.has(session) ? `You are ${sessions.get(session)}.\n` : `Open ${site}/login\n`)
}

async function send(answer: Response, response: ServerResponse): Promise<void> {
  const headers = { ...Object.fromEntries(answer.headers), 'set-cookie': answer.headers.getSetCookie() }
  response.writeHead(answer.status, headers).end(await answer.text())
}
