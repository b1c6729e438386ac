/**
 * A page that uploads files straight from the browser to Cloud Storage. This server signs: it never sees the files.
 *
 *     npm run example examples/browser-upload/server.ts                        with an emulator, no account needed
 *     npm run example examples/browser-upload/server.ts key.json my-bucket     with a bucket of yours
 *
 * Of a bucket of yours the rules for pages (`cors`) must let POST and PUT from this origin. Who may upload is for your server
 * to say: this one lets everybody on this machine.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createClient } from 'discokit'
import { serviceAccount } from 'discokit/auth'
import { createEmulator } from 'discokit/emulator'
import { postPolicy, startSession } from 'discokit/storage'
import { bundlePage } from './bundle-page.ts'
import { readWish } from './wish.ts'

const [keyFile, bucket = 'uploads'] = process.argv.slice(2)
const emulator = keyFile === undefined ? await createEmulator() : undefined
await emulator?.listen()
const account = emulator?.serviceAccount() ?? serviceAccount({ keyFile: keyFile! })
const google = createClient({ ...emulator?.connect(), auth: account })
const endpoint = emulator?.url ?? process.env['DISCOKIT_EMULATOR']
const script = await bundlePage()

const server = createServer((request, response) => {
  answer(request, response).catch((error: Error) => {
    console.error(error)
    send(response, 500, 'text/plain', 'Something went wrong. The server says what.')
  })
})
server.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1')
await once(server, 'listening')
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
if (emulator) {
  const storage = await google.discover('storage:v1')
  const cors = [{ origin: [origin], method: ['POST'], responseHeader: ['Content-Type'], maxAgeSeconds: 3600 }]
  await storage['buckets'].insert({ project: 'my-project', body: { name: bucket, cors } })
}
console.log(`Open ${origin}`)

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  switch (`${request.method} ${request.url}`) {
    case 'GET /':
      return send(response, 200, 'text/html; charset=utf-8', await asset('page.html'))
    case 'GET /page.css':
      return send(response, 200, 'text/css; charset=utf-8', await asset('page.css'))
    case 'GET /page.js':
      return send(response, 200, 'text/javascript; charset=utf-8', script)
    case 'GET /config':
      return send(response, 200, 'application/json', JSON.stringify({ bucket, endpoint }))
    case 'POST /policy': {
      const wish = await readWish(request, origin)
      if (typeof wish === 'string') return refuse(response, wish)
      const policy = await postPolicy({
        signer: account,
        bucket,
        object: wish.name,
        expiresMs: 10 * 60_000,
        fields: { 'content-type': wish.type, success_action_status: '201' },
        conditions: [['content-length-range', wish.size, wish.size]],
        endpoint,
        clock: emulator?.clock,
      })
      return send(response, 200, 'application/json', JSON.stringify(policy))
    }
    case 'POST /session': {
      const wish = await readWish(request, origin)
      if (typeof wish === 'string') return refuse(response, wish)
      const { name: object, type: contentType, size: length } = wish
      const session = await startSession(google, { bucket, object, contentType, length, origin })
      // Answered as Cloud Storage does, so that the page's client takes it for that.
      response.setHeader('location', session)
      return send(response, 200, 'text/plain', '')
    }
    default:
      return send(response, 404, 'text/plain', 'There is nothing here.')
  }
}

/** In the form of Google's own failures, which the page's client reads. */
function refuse(response: ServerResponse, message: string): void {
  send(response, 400, 'application/json', JSON.stringify({ error: { code: 400, message } }))
}

function asset(name: string): Promise<string> {
  return readFile(new URL(name, import.meta.url), 'utf8')
}

function send(response: ServerResponse, status: number, type: string, content: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(content)
}
