/** The examples of web applications, over real connections; and the two functions of docs/login.md for Node's requests. */
import { readFile } from 'node:fs/promises'
import { once } from 'node:events'
import { createServer, request as ask } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { spawn } from 'node:child_process'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { send, toRequest } from '../../examples/web-login/node-http.ts'
import { freePort } from '../servers/free-port.ts'
import { openExpress, openHono, openNext, type RunningWebApp } from './web-apps.ts'

describe.each([
  ['Hono', openHono],
  ['Express', openExpress],
  ["Next's route handlers", openNext],
])('with %s', (_, open) => {
  let app: RunningWebApp
  let logged: string[]
  beforeAll(async () => {
    app = await open()
  })
  afterAll(() => app[Symbol.asyncDispose]())
  beforeEach(() => {
    logged = []
    vi.spyOn(console, 'error').mockImplementation((line) => void logged.push(String(line)))
  })
  afterEach(() => void vi.restoreAllMocks())

  const get = (address: string, cookie = '', method = 'GET'): Promise<Response> =>
    fetch(new URL(address, app.site), { method, redirect: 'manual', headers: { cookie } })
  const cookiesOf = (answer: Response): string =>
    answer.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ')

  /** A browser that was sent to Google. */
  async function start() {
    const answer = await get('/login')
    expect(answer.status).toBe(303)
    return { address: answer.headers.get('location')!, cookie: cookiesOf(answer) }
  }

  test('a person signs in, and the browser has a session and nothing else', async () => {
    const { address, cookie } = await start()
    const back = app.emulator.consent(address, { email: 'ada@example.com' })
    const answer = await get(back, cookie)
    expect([answer.status, answer.headers.get('location'), logged]).toEqual([303, '/', []])
    const [first = '', second = '', ...more] = answer.headers.getSetCookie().toSorted()
    expect(first).toMatch(/^discokit-login-[\w-]+=; .*Max-Age=0; .*HttpOnly/)
    expect(second).toMatch(/^session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/)
    expect(more).toEqual([])
    const session = second.split(';')[0]!
    const account = app.sessions.accountOf(session)!
    expect(await app.store.accounts()).toContain(account)
    const { login } = (await app.store.get(account))!
    expect(login).toMatchObject({ claims: { sub: account, email: 'ada@example.com' } })
    expect(login.refreshToken).toEqual(expect.any(String))
    expect(await answer.text()).toBe('')
    // An answer is good once.
    expect(await get(back, '')).toMatchObject({ status: 400 })
  })

  test('a person who says no gets a page, and no session', async () => {
    const { address, cookie } = await start()
    const answer = await get(app.emulator.consent(address, { deny: true }), cookie)
    expect([answer.status, await answer.text()]).toEqual([400, 'The sign-in was cancelled.'])
    expect(cookiesOf(answer)).not.toContain('session')
    expect(logged).toEqual([expect.stringContaining('access_denied')])
  })

  test('a forged answer signs nobody in, and does not end the login', async () => {
    const { address, cookie } = await start()
    const back = new URL(app.emulator.consent(address, { email: 'ada@example.com' }))
    const forged = new URL(back)
    forged.searchParams.set('state', 'x'.repeat(43))
    for (const [from, sent] of [
      [forged.href, cookie],
      [back.href, ''],
      [`${app.site}/back?error=access_denied`, cookie],
      [`${app.site}/back`, cookie],
    ] as const) {
      const answer = await get(from, sent)
      expect([answer.status, answer.headers.getSetCookie()]).toEqual([400, []])
      expect(await answer.text()).toBe('The sign-in did not work. Please try again.')
    }
    expect((await get(back.href, cookie)).status).toBe(303)
    for (const line of logged) expect(line).not.toContain(back.searchParams.get('code')!)
  })

  test('an answer that is not asked for with GET changes nothing', async () => {
    const { address, cookie } = await start()
    const back = app.emulator.consent(address, { email: 'ada@example.com' })
    const answer = await get(back, cookie, 'HEAD')
    expect([answer.status < 400, answer.headers.getSetCookie(), await answer.text()]).toEqual([false, [], ''])
    expect((await get(back, cookie)).status).toBe(303)
  })
})

describe("the recipe for Node's requests", () => {
  const page = async (): Promise<string> => readFile('docs/login.md', 'utf8')

  test('is on the page as it is in the example', async () => {
    const code = await readFile('examples/web-login/node-http.ts', 'utf8')
    expect(await page()).toContain(code)
  })

  /** Answers one request, and gives what was made of it. */
  async function exchange(head: string): Promise<{ readonly made: Request; readonly answer: string }> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    const made = new Promise<Request>((resolve) => {
      server.on('request', (request, response) => {
        response.setHeader('set-cookie', 'own=1')
        resolve(toRequest(request, 'https://my-app.example.com'))
        const headers = new Headers({ 'content-type': 'text/plain', 'set-cookie': 'a=1; Path=/' })
        headers.append('set-cookie', 'b=2; Expires=Thu, 01 Jan 1970 00:00:00 GMT')
        void send(new Response('content', { status: 400, headers }), response)
      })
    })
    socket.end(`${head}\r\nConnection: close\r\n\r\n`)
    let answer = ''
    for await (const chunk of socket) answer += String(chunk)
    server.close()
    return { made: await made, answer }
  }

  test.each([
    ['GET /back?code=a%2Fb&state=c?d HTTP/1.1\r\nHost: evil.example', '/back?code=a%2Fb&state=c?d'],
    ['GET //evil.example/back?x HTTP/1.1\r\nHost: my-app.example.com', '//evil.example/back?x'],
    ['GET /\\evil.example HTTP/1.1\r\nHost: a', '//evil.example'],
    [
      'GET http://evil.example/back?code=x HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example',
      '/http://evil.example/back?code=x',
    ],
    ['OPTIONS * HTTP/1.1\r\nHost: a', '/*'],
  ])('keeps to the origin of the site: %s', async (head, path) => {
    const { made } = await exchange(head)
    expect(made.url).toBe(`https://my-app.example.com${path}`)
    expect(made.method).toBe(head.split(' ')[0])
  })

  test('has all cookies, those of several headers too, and nothing else', async () => {
    const { made } = await exchange(
      'GET / HTTP/1.1\r\nHost: a\r\nCookie: x=1; y=2\r\nCookie: z=3\r\nAuthorization: Bearer x',
    )
    expect([...made.headers]).toEqual([['cookie', 'x=1; y=2; z=3']])
  })

  test('sends each cookie in a header of its own, beside those that were set before', async () => {
    const { answer } = await exchange('GET / HTTP/1.1\r\nHost: a')
    const cookies = answer.split('\r\n').filter((line) => /^set-cookie:/i.test(line))
    expect(cookies.map((line) => line.slice(12))).toEqual([
      'own=1',
      'a=1; Path=/',
      'b=2; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
    ])
    expect(answer).toMatch(/^HTTP\/1\.1 400 [^]*content-type: text\/plain\r\n[^]*content/i)
  })

  test('sends no content to HEAD', async () => {
    const { answer } = await exchange('HEAD / HTTP/1.1\r\nHost: a')
    expect(answer).toMatch(/^HTTP\/1\.1 400 [^]*\r\n\r\n$/)
  })
})

test.each(['hono', 'express'])('the example starts as a program: %s', async (framework) => {
  const port = await freePort()
  const program = ['--import', import.meta.resolve('tsx'), '--conditions=discokit-source']
  const child = spawn(process.execPath, [...program, 'examples/web-login/server.ts', framework], {
    env: { ...process.env, PORT: String(port), CLIENT_ID: undefined },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [said] = (await once(child.stdout, 'data')) as [Buffer]
    expect(said.toString()).toBe(`Open http://127.0.0.1:${port}\n`)
    const [answer] = await once(ask(`http://127.0.0.1:${port}/login`).end(), 'response')
    expect(answer).toMatchObject({ statusCode: 303 })
    answer.resume()
  } finally {
    const ended = once(child, 'exit')
    child.kill()
    await ended
  }
})
