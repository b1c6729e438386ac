/**
 * Signs a person in from the command line: the browser comes back to a port that is open for this one answer.
 *
 *     CLIENT_ID=… CLIENT_SECRET=… npm run example examples/aiogoogle/openid-connect-cli.ts
 *
 * The client is one of the type "Desktop app", which may come back to any port of 127.0.0.1.
 */
import { on, once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { oauthClient } from 'discokit/login'

type Asked = [IncomingMessage, ServerResponse]
const { CLIENT_ID = '', CLIENT_SECRET } = process.env
const server = createServer().listen(0, '127.0.0.1')
await once(server, 'listening')
const site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const client = oauthClient({
  clientId: CLIENT_ID,
  clientSecret: CLIENT_SECRET,
  redirectUri: site,
  scopes: ['openid', 'email', 'profile'],
})
const { url, request } = await client.authorizationUrl()
console.log(`Open ${url}`)

for await (const [{ url: path = '/' }, response] of on(server, 'request') as AsyncIterable<Asked>) {
  if (!path.startsWith('/?')) {
    response.writeHead(404).end() // browsers ask for pictures too
    continue
  }
  const { claims } = await client.finish(site + path, request)
  response.end('You may close this window.\n')
  server.close()
  console.log(claims?.email, claims?.email_verified)
  break
}
