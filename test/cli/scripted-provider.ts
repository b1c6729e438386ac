/** A provider on a port of this machine that answers as it is told, in the place of the emulator. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What is answered at a path: a status and JSON; a function is asked each time. */
export type Script = Readonly<Record<string, Answer | ((form: URLSearchParams) => Answer | Promise<Answer>)>>
type Answer = readonly [status: number, json: object]

/** A scripted provider, and what it was asked. */
export interface ScriptedProvider {
  readonly url: string
  readonly asked: readonly (readonly [path: string, form: URLSearchParams])[]
  close(): Promise<void>
}

export async function scriptedProvider(script: Script): Promise<ScriptedProvider> {
  const asked: [string, URLSearchParams][] = []
  const server = createServer((request, response) => {
    void readForm(request).then(async (form) => {
      const path = request.url ?? ''
      asked.push([path, form])
      const scripted = script[path] ?? [404, {}]
      const [status, json] = typeof scripted === 'function' ? await scripted(form) : scripted
      response.writeHead(status, { 'content-type': 'application/json', connection: 'close' })
      response.end(JSON.stringify(json))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return new URLSearchParams(text)
}
