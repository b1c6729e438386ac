import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from 'srvx'
import { expressApp } from '../../examples/web-login/express.ts'
import { honoApp } from '../../examples/web-login/hono.ts'
import { openWebApp, type WebApp } from '../../examples/web-login/web-app.ts'
import { freePort } from '../servers/free-port.ts'

/** The example of a framework, on a port of this machine, with an emulator in place of Google. */
export interface RunningWebApp extends WebApp, AsyncDisposable {
  readonly emulator: NonNullable<WebApp['emulator']>
}

export async function openHono(): Promise<RunningWebApp> {
  const port = await freePort()
  const app = await openWebApp(`http://127.0.0.1:${port}`)
  return running(app, await listen(port, honoApp(app).fetch))
}

export async function openExpress(): Promise<RunningWebApp> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const app = await openWebApp(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  server.on('request', expressApp(app))
  return running(app, () => {
    server.closeAllConnections()
    server.close()
  })
}

/** The route handlers of Next's, found by their files as Next does. Once in a process: they are modules. */
export async function openNext(): Promise<RunningWebApp> {
  const port = await freePort()
  process.env['SITE'] = `http://127.0.0.1:${port}`
  const [{ app }, login, back] = await Promise.all([
    import('../../examples/web-login/next/web-app.ts'),
    import('../../examples/web-login/next/app/login/route.ts'),
    import('../../examples/web-login/next/app/back/route.ts'),
  ])
  const routes = new Map([
    ['/login', login],
    ['/back', back],
  ])
  const close = await listen(port, (request) => {
    const route = routes.get(new URL(request.url).pathname)
    return route && request.method === 'GET' ? route.GET(request) : new Response(null, { status: 404 })
  })
  return running(app, close)
}

async function listen(
  port: number,
  handle: (request: Request) => Response | Promise<Response>,
): Promise<() => unknown> {
  const server = serve({ fetch: handle, port, hostname: '127.0.0.1', silent: true })
  await server.ready()
  return () => server.close(true)
}

function running(app: WebApp, close: () => unknown): RunningWebApp {
  const emulator = app.emulator!
  return {
    ...app,
    emulator,
    async [Symbol.asyncDispose]() {
      await close()
      await emulator.close()
    },
  }
}
