import { AuthError, createClient, type Credentials, type HttpRequest, type RestDescription } from 'discokit'
import { authorizedFetch } from 'discokit/auth'
import { describe, expect, test } from 'vitest'
import { responseBody } from '../../src/protocol/http-body.ts'
import { DEFAULT_UNIVERSE, originGuard } from '../../src/transport/origin-policy.ts'
import { failureOf } from './contexts.ts'
import { httpServer, tcpServer, textOf } from './servers.ts'

const CANARIES = ['canary-token-1', 'canary-quota-2', 'canary-header-3', 'canary-body-4']

const credentials: Credentials = {
  kind: 'test',
  headers: () => ({ authorization: `Bearer ${CANARIES[0]}`, 'x-goog-user-project': CANARIES[1]! }),
}

describe('originGuard', () => {
  const guard = originGuard({ universeDomain: DEFAULT_UNIVERSE, origins: [] })
  const allows = (url: string, allowed = guard): boolean => {
    try {
      allowed(url, 'a request')
      return true
    } catch (error) {
      expect(error).toBeInstanceOf(AuthError)
      expect(error).toMatchObject({ reason: 'origin_not_allowed', retryable: false })
      return false
    }
  }

  test.each([
    'https://googleapis.com/',
    'https://storage.googleapis.com',
    'https://storage.googleapis.com/',
    'https://storage.googleapis.com/a?b=c',
    'https://storage.googleapis.com:443/',
    'https://a.b.c.googleapis.com/',
    'https://my-endpoint.p.googleapis.com/',
    'https://STORAGE.GoogleApis.COM/',
    'https://storage.googleapis.com//evil.com/',
    'https://storage.googleapis.com/@evil.com/',
    'https://storage.googleapis.com/\\evil.com/',
  ])('allows %s', (url) => {
    expect(allows(url)).toBe(true)
  })

  test.each([
    '',
    'https://',
    'https:///',
    'storage.googleapis.com/',
    '//storage.googleapis.com/',
    'http://storage.googleapis.com/',
    'http://storage.googleapis.com:443/',
    'https://storage.googleapis.com:444/',
    'https://storage.googleapis.com:80/',
    'https://storage.googleapis.com:/',
    'https://storage.googleapis.com:99999/',
    'https://evilgoogleapis.com/',
    'https://googleapis.com.evil.com/',
    'https://storage.googleapis.com.evil.com/',
    'https://storage.googleapis.comevil.com/',
    'https://googleapis.co/',
    'https://googleapis.com.',
    'https://storage.googleapis.com./',
    'https://storage.googleapis.com@evil.com/',
    'https://storage.googleapis.com:443@evil.com/',
    'https://user@storage.googleapis.com/',
    'https://user:password@storage.googleapis.com/',
    'https://evil.com#@storage.googleapis.com/',
    'https://evil.com?@storage.googleapis.com/',
    'https://storage.googleapis.com#@evil.com/',
    'https://storage.googleapis.com?x',
    'https://storage.googleapis.com\\@evil.com/',
    'https://evil.com\\@storage.googleapis.com/',
    'https://evil.com\\.storage.googleapis.com/',
    'https:\\\\storage.googleapis.com/',
    'https:/storage.googleapis.com/',
    'HTTPS://storage.googleapis.com/',
    ' https://storage.googleapis.com/',
    'https://storage.googleapis.com\t/',
    'https://sto\nrage.googleapis.com/',
    'https://storage.googleapis.com\u0000/',
    'https://storage.googleapis.com%2eevil.com/',
    'https://evil.com%2f.googleapis.com/',
    'https://storage。googleapis。com/',
    'https://storage.ｇoogleapis.com/',
    'https://gооgleapis.com/',
    'https://evil.com／.googleapis.com/',
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[2001:db8::1]/',
    'http://localhost/',
    'ftp://storage.googleapis.com/',
    'javascript:alert(1)',
    'file:///etc/passwd',
  ])('refuses %j', (url) => {
    expect(allows(url)).toBe(false)
  })

  test.each([
    ['https://api.example.com', 'https://api.example.com/x', true],
    ['https://api.example.com', 'https://api.example.com:443/x', true],
    ['https://api.example.com/', 'https://API.example.com/x', true],
    ['https://api.example.com/base', 'https://api.example.com/other', true],
    ['https://api.example.com', 'https://sub.api.example.com/', false],
    ['https://api.example.com', 'https://api.example.com:8443/', false],
    ['https://api.example.com', 'http://api.example.com/', false],
    ['https://api.example.com:8443', 'https://api.example.com:8443/', true],
    ['https://api.example.com:8443', 'https://api.example.com/', false],
    ['http://api.example.com', 'http://api.example.com/', false],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/x', true],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8081/x', false],
    ['http://127.0.0.1:8080', 'https://127.0.0.1:8080/x', false],
    ['http://127.0.0.1:8080', 'http://localhost:8080/x', false],
    ['http://localhost:8080', 'http://localhost:8080/x', true],
    ['http://[::1]:8080', 'http://[::1]:8080/x', true],
    ['http://[::1]:8080', 'http://[0:0:0:0:0:0:0:1]:8080/x', true],
    ['http://0.0.0.0:8080', 'http://0.0.0.0:8080/x', false],
    ['http://10.0.0.1', 'http://10.0.0.1/', false],
    ['http://127.0.0.1.example.com', 'http://127.0.0.1.example.com/', false],
    ['http://localhost.example.com', 'http://localhost.example.com/', false],
    ['http://storage.googleapis.com', 'http://storage.googleapis.com/', false],
    ['api.example.com', 'https://api.example.com/', false],
    ['*', 'https://api.example.com/', false],
    ['', 'https://api.example.com/', false],
  ])('with %j named, for %s: %j', (named, url, allowed) => {
    expect(allows(url, originGuard({ universeDomain: DEFAULT_UNIVERSE, origins: [named] }))).toBe(allowed)
  })

  test('keeps to the universe it was given', () => {
    const other = originGuard({ universeDomain: 'apis.example.test', origins: [] })
    expect(allows('https://storage.apis.example.test/', other)).toBe(true)
    expect(allows('https://storage.googleapis.com/', other)).toBe(false)
    expect(allows('https://evilapis.example.test/', other)).toBe(false)
  })

  test('names the host and no more of an address that it refuses', () => {
    const error = (() => {
      try {
        return guard('https://evil.com/path/canary?key=canary#canary', 'a request')
      } catch (caught) {
        return caught as AuthError
      }
    })()
    expect(error?.message).toContain('evil.com')
    expect(error?.message).not.toContain('canary')
  })

  test('gives the same verdict however many addresses it has seen', () => {
    const many = originGuard({ universeDomain: DEFAULT_UNIVERSE, origins: [] })
    for (let i = 0; i < 3_000; i++) {
      expect(allows(`https://h${i}.googleapis.com/`, many)).toBe(true)
      expect(allows(`https://h${i}.evil.com/`, many)).toBe(false)
    }
  })
})

describe('a hostile discovery document', () => {
  const document = (rootUrl: string): RestDescription => ({
    kind: 'discovery#restDescription',
    id: 'hostile:v1',
    name: 'hostile',
    version: 'v1',
    rootUrl,
    servicePath: '',
    parameters: {},
    methods: {
      take: {
        id: 'hostile.take',
        path: 'take',
        httpMethod: 'POST',
        parameters: {},
        request: { $ref: 'Any' },
      },
    },
  })

  test('gets no byte, credential or not', async () => {
    const log: string[] = []
    const other = await tcpServer((socket) => socket.on('data', (chunk) => log.push(chunk.toString())))
    await using google = createClient({ auth: credentials })
    for (const rootUrl of [
      `http://127.0.0.1:${other.port}/`,
      `http://localhost:${other.port}/`,
      `https://127.0.0.1:${other.port}/`,
    ]) {
      const api = google.api(document(rootUrl))
      const call = api['take'](
        { body: { secret: CANARIES[3] } },
        { headers: { 'x-goog-api-key': CANARIES[2] } },
      )
      expect(await failureOf(call)).toMatchObject({ code: 'auth_failed', reason: 'origin_not_allowed' })
    }
    expect(log).toEqual([])
    expect(other.connections).toBe(0)
  })

  test('is overruled by the endpoint, which then is the only place that sees anything', async () => {
    const seen: string[] = []
    const endpoint = await httpServer(async (request, response) => {
      seen.push(`${request.url} ${request.headers.authorization} ${await textOf(request)}`)
      response.setHeader('content-type', 'application/json').end('{}')
    })
    const other = await tcpServer(() => {})
    await using google = createClient({ auth: credentials, endpoint: endpoint.url })
    const api = google.api(document(`http://127.0.0.1:${other.port}/`))
    await api['take']({ body: { secret: CANARIES[3] } })
    expect(seen).toEqual([`/take Bearer ${CANARIES[0]} {"secret":"${CANARIES[3]}"}`])
    expect(other.connections).toBe(0)
  })

  test('learns no credential through a redirect of the right place', async () => {
    const other = await tcpServer(() => {})
    for (const status of [301, 302, 303, 307, 308]) {
      const requests: HttpRequest[] = []
      const fetch = authorizedFetch(credentials, {
        transport: async (request) => {
          requests.push(request)
          const headers = { location: `http://127.0.0.1:${other.port}/` }
          return { status, headers, body: responseBody('') }
        },
      })
      expect((await fetch('https://storage.googleapis.com/x')).status).toBe(status)
      expect(requests.map(({ url }) => url)).toEqual(['https://storage.googleapis.com/x'])
    }
    expect(other.connections).toBe(0)
  })
})
