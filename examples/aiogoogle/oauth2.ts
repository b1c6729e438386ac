/**
 * A web application that asks people for consent and lists their files.
 *
 *     CLIENT_ID=… CLIENT_SECRET=… npm run example examples/aiogoogle/oauth2.ts
 *
 * Enter `http://127.0.0.1:5000/back` as a redirection of the client; `PORT` chooses another port.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createClient } from 'discokit'
import { accessToken } from 'discokit/auth'
import { type AuthorizationRequest, createSecret, oauthClient } from 'discokit/login'

const { CLIENT_ID = '', CLIENT_SECRET, PORT = 5000 } = process.env
const server = createServer((request, response) => {
  answer(request, response).catch((error: Error) => response.writeHead(400).end(`${error.message}\n`))
})
server.listen(Number(PORT), '127.0.0.1')
await once(server, 'listening')
const site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const client = oauthClient({
  clientId: CLIENT_ID,
  clientSecret: CLIENT_SECRET,
  redirectUri: `${site}/back`,
  scopes: ['https://www.googleapis.com/auth/drive.metadata.readonly'],
})
/** What was asked for, by the secret of the browser that was sent to answer. */
const asked = new Map<string, AuthorizationRequest>()
console.log(`Open ${site}`)

async function answer({ url = '/', headers }: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(url, site)
  if (pathname === '/') {
    const { url: consent, request } = await client.authorizationUrl({ accessType: 'offline' })
    const browser = createSecret()
    asked.set(browser, request)
    setTimeout(() => asked.delete(browser), 600_000).unref()
    const cookie = `asked=${browser}; Path=/back; Max-Age=600; HttpOnly; SameSite=Lax`
    response.writeHead(303, { location: consent, 'set-cookie': cookie }).end()
  } else if (pathname === '/back') {
    const [, browser = ''] = /\basked=([\w-]+)/.exec(headers.cookie ?? '') ?? []
    const request = asked.get(browser)
    if (!request) throw new Error('This browser was not sent anywhere. Begin again.')
    asked.delete(browser)
    const tokens = await client.finish(site + url, request)
    // With `tokens.refreshToken`, `userCredentials` would go on when this one has ended.
    const drive = await createClient({ auth: accessToken(tokens.accessToken) }).discover('drive:v3')
    const names: string[] = []
    for await (const file of drive.files.list({ orderBy: 'name' }).items({ limit: 100 }))
      names.push(file.name)
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(`${names.join('\n')}\n`)
  } else response.writeHead(404).end()
}
