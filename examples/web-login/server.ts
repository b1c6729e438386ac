/**
 * A web application that people sign in to with Google, and that asks for more only when they want more.
 *
 *     npm run example examples/web-login/server.ts             with Hono and an emulator, no account needed
 *     npm run example examples/web-login/server.ts express     with Express
 *
 * With `CLIENT_ID` and `CLIENT_SECRET` it asks Google. Enter `http://127.0.0.1:3000/back` as a redirect URI of the client. `PORT` is
 * another port.
 */
import { createServer } from 'node:http'
import { serve } from 'srvx'
import { expressApp } from './express.ts'
import { honoApp } from './hono.ts'
import { openWebApp } from './web-app.ts'

const port = Number(process.env['PORT'] ?? 3000)
const site = `http://127.0.0.1:${port}`
const app = await openWebApp(site)
if (process.argv[2] === 'express') createServer(expressApp(app)).listen(port, '127.0.0.1', tell)
else
  await serve({ fetch: honoApp(app).fetch, port, hostname: '127.0.0.1', silent: true })
    .ready()
    .then(tell)

function tell(): void {
  console.log(`Open ${site}`)
}
