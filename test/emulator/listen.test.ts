import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { Agent, request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32c, formatCrc32c } from '../../src/protocol/crc32c.ts'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { isLoopback } from '../../src/emulator/listening.ts'
import type { Emulator, Listener } from '../../src/emulator/index.ts'
import { at, bytesOf, openStorage, say, store } from './speak.ts'

let emulator: Emulator
beforeEach(async () => {
  emulator = await openStorage()
})
afterEach(() => emulator.close())

interface Reply {
  readonly status: number
  readonly bytes: Buffer
}

function send(
  { port }: Listener,
  line: string,
  options: { agent?: Agent; body?: (write: (chunk: Uint8Array) => Promise<void>) => Promise<void> } = {},
): Promise<Reply> {
  const [method, path] = line.split(' ')
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port, method, path, agent: options.agent ?? false },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => resolve({ status: response.statusCode!, bytes: Buffer.concat(chunks) }))
        response.on('error', reject)
      },
    )
    request.on('error', reject)
    const write = (chunk: Uint8Array): Promise<void> =>
      new Promise((next) => (request.write(chunk) ? next() : request.once('drain', next)))
    void (options.body?.(write) ?? Promise.resolve()).then(() => request.end(), reject)
  })
}

describe('listen', () => {
  test('opens a port on the loopback interface and leads clients to it', async () => {
    const listener = await emulator.listen()
    expect(listener.url).toBe(`http://127.0.0.1:${listener.port}`)
    expect(emulator.url).toBe(listener.url)
    expect(emulator.connect()).toEqual({ endpoint: listener.url, clock: expect.anything() })
    expect((await send(listener, 'GET /storage/v1/b/box')).status).toBe(200)
    const { selfLink } = (await say(emulator, 'GET /storage/v1/b/box')).json
    expect(selfLink).toBe(`${listener.url}/storage/v1/b/box`)
    await listener.close()
    expect(emulator.url).toBe('http://emulator.localhost')
    await expect(send(listener, 'GET /storage/v1/b/box')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  test('answers HEAD as GET, without a body', async () => {
    const { url } = await emulator.listen()
    await store(emulator, 'f', 'hello')
    const discovery = '/storage.googleapis.com/$discovery/rest?version=v1'
    for (const path of [`${at('f')}?alt=media`, at('f'), at('none'), discovery]) {
      const [get, head] = [await fetch(url + path), await fetch(url + path, { method: 'HEAD' })]
      expect([path, head.status]).toEqual([path, get.status])
      expect(head.headers.get('content-length')).toBe(String((await get.arrayBuffer()).byteLength))
      expect(await head.text()).toBe('')
    }
  })

  test('answers those only who ask for this machine or for Google, whatever a name leads here', async () => {
    const { port } = await emulator.listen()
    const ask = (host: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = connect(port, '127.0.0.1').on('error', reject)
        let answer = ''
        socket.setEncoding('utf8').on('data', (text: string) => (answer += text))
        socket.on('close', () => resolve(answer))
        socket.write(`GET /storage/v1/b/box HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
      })
    const known = ['localhost', 'LOCALHOST:1', '127.9.9.9:80', '[::1]', '[::1]:9', 'emulator.localhost']
    for (const host of [...known, 'storage.googleapis.com', 'storage.googleapis.com:443']) {
      expect([host, await ask(host)]).toEqual([host, expect.stringContaining('HTTP/1.1 200')])
    }
    const others = [
      'evil.example',
      'localhost.evil.example',
      '192.168.0.1',
      'evilgoogleapis.com',
      'googleapis.com.x',
    ]
    for (const host of others) {
      const answer = await ask(host)
      expect([host, answer]).toEqual([host, expect.stringContaining('HTTP/1.1 400')])
      expect(answer).not.toContain('storage#bucket')
    }
  })

  test('refuses a second port while one is open', async () => {
    const { close } = await emulator.listen()
    await expect(emulator.listen()).rejects.toThrow(/listens already/)
    await close()
    await emulator.listen()
  })

  test('refuses a port that is taken', async () => {
    const { port } = await emulator.listen()
    await using other = await openStorage()
    await expect(other.listen({ port })).rejects.toMatchObject({ code: 'invalid_input' })
  })

  test.each(['0.0.0.0', '::', '192.168.0.1', 'example.com', '127.0.0.1.example.com', '', '127.0.0.256'])(
    'refuses the host %j',
    async (host) => {
      await expect(emulator.listen({ host })).rejects.toMatchObject({ code: 'invalid_input' })
    },
  )

  test.each(['127.0.0.1', '127.255.0.9', '::1', '[::1]', 'localhost', 'LocalHost'])(
    'knows %j as loopback',
    (host) => {
      expect(isLoopback(host)).toBe(true)
    },
  )

  test('ends idle and busy connections on close', async () => {
    const listener = await emulator.listen()
    const agent = new Agent({ keepAlive: true })
    await send(listener, 'GET /storage/v1/b/box', { agent })
    const idle = Object.values(agent.freeSockets).flatMap((sockets) => sockets ?? [])
    expect(idle).toHaveLength(1)
    const busy = connect(listener.port, '127.0.0.1')
    await new Promise((resolve) => busy.once('connect', resolve))
    busy.write(
      'POST /upload/storage/v1/b/box/o?uploadType=media&name=f HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n',
    )
    const closed = Promise.all(
      [...idle, busy].map(
        (socket) => new Promise((resolve) => socket.on('error', () => {}).once('close', resolve)),
      ),
    )
    await emulator.close()
    await closed
    agent.destroy()
  })

  test('keeps a connection usable after an answer that came before the end of the body', async () => {
    const listener = await emulator.listen()
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const body = async (write: (chunk: Uint8Array) => Promise<void>): Promise<void> => {
      for (let i = 0; i < 64; i++) await write(new Uint8Array(64 * 1024))
    }
    const early = await send(listener, 'POST /upload/storage/v1/b/none/o?uploadType=media&name=f', {
      agent,
      body,
    })
    expect(early.status).toBe(404)
    expect((await send(listener, 'GET /storage/v1/b/box', { agent })).status).toBe(200)
    agent.destroy()
  })

  test('streams both ways with constant memory and leaves nothing on disk', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'listen-test-'))
    vi.stubEnv('TMPDIR', folder)
    const listener = await emulator.listen()
    const block = bytesOf(1024 * 1024)
    const blocks = 256
    let crc = 0
    let peak = 0
    const start = process.memoryUsage().rss
    const watch = (): void => void (peak = Math.max(peak, process.memoryUsage().rss))
    const uploaded = await send(listener, 'POST /upload/storage/v1/b/box/o?uploadType=media&name=big', {
      body: async (write) => {
        for (let i = 0; i < blocks; i++) {
          block[0] = i
          crc = crc32c(block, crc)
          await write(block.slice())
          watch()
        }
      },
    })
    expect(JSON.parse(uploaded.bytes.toString())).toMatchObject({
      size: String(blocks * block.length),
      crc32c: formatCrc32c(crc),
    })
    const response = await fetch(`${listener.url}${at('big')}?alt=media`)
    let received = 0
    let readCrc = 0
    for await (const chunk of response.body!) {
      received += chunk.length
      readCrc = crc32c(chunk, readCrc)
      watch()
    }
    expect([received, readCrc]).toEqual([blocks * block.length, crc])
    // Client and emulator share this process, and garbage is collected late; the object alone has 256 MiB.
    expect(peak - start).toBeLessThan(160 * 1024 * 1024)
    await emulator.close()
    expect(await readdir(folder)).toEqual([])
    await rm(folder, { recursive: true })
  })

  test('forgets an upload whose client goes away', async () => {
    const listener = await emulator.listen()
    await store(emulator, 'f', 'before')
    emulator.journal.clear()
    const socket = connect(listener.port, '127.0.0.1')
    const path = '/upload/storage/v1/b/box/o?uploadType=media&name=f'
    socket.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4000000\r\n\r\n`)
    socket.write(bytesOf(2_000_000), () => socket.destroy())
    const exchanges = (): number => emulator.journal.exchanges.filter(({ path: p }) => p === path).length
    await expect.poll(exchanges).toBe(1)
    expect((await say(emulator, `GET ${at('f')}?alt=media`)).text).toBe('before')
  })
})
