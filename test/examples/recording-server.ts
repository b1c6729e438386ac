import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createEmulator, type Emulator } from 'discokit/emulator'

/** One exchange as it went over the wire. */
export interface RecordedExchange {
  readonly method: string
  readonly path: string
  /** Names and values as sent, in order. */
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Buffer
  readonly status: number
  readonly answerHeaders: Readonly<Record<string, string>>
  readonly answer: Buffer
}

/** An emulator on a port that remembers every byte of every exchange. */
export interface RecordingServer extends AsyncDisposable {
  readonly emulator: Emulator
  readonly url: string
  readonly exchanges: RecordedExchange[]
}

/** Starts one. */
export async function startRecordingServer(): Promise<RecordingServer> {
  const emulator = await createEmulator()
  const exchanges: RecordedExchange[] = []
  let url = ''
  const server = createServer((request, response) => void answer(request, response))
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readAll(request)
    const answered = await emulator.handle({
      method: request.method!,
      url: url + request.url!,
      headers: request.headers as Record<string, string>,
      ...(body.length > 0 && { body }),
    })
    const bytes = Buffer.from(await answered.body.bytes())
    const headers = pairs(request.rawHeaders)
    const { method, url: path } = request
    const told = { status: answered.status, answerHeaders: answered.headers, answer: bytes }
    exchanges.push({ method: method!, path: path!, headers, body, ...told })
    response.writeHead(answered.status, answered.headers).end(bytes)
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    emulator,
    url,
    exchanges,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await emulator.close()
    },
  }
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function pairs(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i]!.toLowerCase(), flat[2 * i + 1]!])
}
