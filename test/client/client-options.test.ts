import { type ClientOptions, createClient, type Problem, ValidationError } from 'discokit'
import { anonymous } from 'discokit/auth'
import { nodeTransport } from 'discokit/node'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { answer, answering, type Recorder } from './answers.ts'
import { notes } from './notes-document.ts'

function problemsOf(options: object): readonly Problem[] {
  try {
    createClient(options)
  } catch (error) {
    expect(error).toBeInstanceOf(ValidationError)
    return (error as ValidationError).problems
  }
  return []
}

async function sentBy(options: ClientOptions, call: object = {}): Promise<Recorder['requests'][number]> {
  const transport = answering(() => answer(200, {}))
  await createClient({ auth: anonymous(), ...options, transport })
    .api(notes)
    .notes.delete({ noteId: '1' }, call)
  return transport.requests[0]!
}

beforeEach(() => void vi.stubEnv('DISCOKIT_EMULATOR', ''))

describe('the variable DISCOKIT_EMULATOR', () => {
  test('names the endpoint of clients that are given none', async () => {
    vi.stubEnv('DISCOKIT_EMULATOR', 'http://127.0.0.1:9090/')
    expect((await sentBy({})).url).toBe('http://127.0.0.1:9090/notes/v1/notes/1')
    const endpoint = 'https://proxy.example'
    expect((await sentBy({ endpoint })).url).toBe('https://proxy.example/notes/v1/notes/1')
  })

  test.each(['http://example.com', 'https://example.com', '127.0.0.1:9090', 'nonsense'])(
    '%s is refused, because it is no address on this machine',
    (address) => {
      vi.stubEnv('DISCOKIT_EMULATOR', address)
      expect(problemsOf({})).toMatchObject([{ path: 'DISCOKIT_EMULATOR' }])
    },
  )
})

describe('the option endpoint', () => {
  test.each([
    ['https://proxy.example', 'https://proxy.example/notes/v1/notes/1'],
    ['https://proxy.example/', 'https://proxy.example/notes/v1/notes/1'],
    ['https://proxy.example:8443/google//', 'https://proxy.example:8443/google/notes/v1/notes/1'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/notes/v1/notes/1'],
    ['http://localhost', 'http://localhost/notes/v1/notes/1'],
    ['http://[::1]:9/', 'http://[::1]:9/notes/v1/notes/1'],
  ])('%s takes the place of the address in the document', async (endpoint, url) => {
    expect((await sentBy({ endpoint })).url).toBe(url)
  })

  test.each([
    'http://example.com',
    'http://127.0.0.1.example.com',
    'http://10.0.0.1:8080',
    'http://localhost.example',
  ])('%s is refused, because it is not this machine and not https', (endpoint) => {
    expect(problemsOf({ endpoint })).toEqual([
      { path: 'endpoint', message: 'must be https, unless it is on this machine' },
    ])
  })

  test.each([
    '',
    ' ',
    'example.com',
    '//example.com',
    'ftp://example.com',
    'https://',
    'https:///x',
    'https://a b',
    'HTTPS://x',
    'https://u:p@example.com',
    'https://example.com?key=1',
    'https://example.com/#x',
    'https://example.com:99999',
    'https://example.com/a\r\nb',
    'https://example.com/a b',
    'https://example.com/ü',
    'https://exämple.com',
  ])('%j is refused', (endpoint) => {
    expect(problemsOf({ endpoint })).toMatchObject([
      { path: 'endpoint', message: expect.stringContaining('address') },
    ])
  })

  test('may see the credential', async () => {
    const auth = { kind: 'test', headers: () => ({ authorization: 'Bearer t' }) }
    const request = await sentBy({ auth, endpoint: 'https://proxy.example' })
    expect(request.headers).toMatchObject({ authorization: 'Bearer t' })
  })
})

describe('the option universeDomain', () => {
  test('moves the addresses of documents that are in the usual universe', async () => {
    expect((await sentBy({ universeDomain: 'example.goog' })).url).toBe(
      'https://notes.example.goog/notes/v1/notes/1',
    )
  })

  test('decides who may see the credential', async () => {
    const auth = { kind: 'test', headers: () => ({ authorization: 'Bearer t' }) }
    const transport = answering(() => answer(200, {}))
    const google = createClient({ auth, transport, universeDomain: 'example.goog' })
    await google.api(notes).notes.delete({ noteId: '1' })
    const stray = google.api({ ...notes, rootUrl: 'https://www.example.com/' }).notes.delete({ noteId: '1' })
    await expect(stray).rejects.toMatchObject({ reason: 'origin_not_allowed' })
    expect(transport.requests.map(({ url }) => new URL(url).host)).toEqual(['notes.example.goog'])
  })

  test.each([
    '',
    'goog',
    'https://example.goog',
    'example.goog/',
    'example..goog',
    'ex ample.goog',
    '.example.goog',
  ])('%j is refused', (universeDomain) => {
    expect(problemsOf({ universeDomain })).toMatchObject([{ path: 'universeDomain' }])
  })
})

describe('the options that become headers', () => {
  test('quotaProject is sent, and one call may have another', async () => {
    const name = 'x-goog-user-project'
    expect((await sentBy({ quotaProject: 'payer' })).headers[name]).toBe('payer')
    expect((await sentBy({ quotaProject: 'payer' }, { quotaProject: 'other' })).headers[name]).toBe('other')
    expect((await sentBy({}, { quotaProject: 'other' })).headers[name]).toBe('other')
    expect((await sentBy({})).headers).not.toHaveProperty(name)
  })

  test('userAgent goes before ours', async () => {
    expect((await sentBy({})).headers['user-agent']).toMatch(/^discokit\/\d+\.\d+\.\d+\S* \(gzip\)$/)
    expect((await sentBy({ userAgent: 'photos/1.0' })).headers['user-agent']).toMatch(
      /^photos\/1\.0 discokit\//,
    )
  })

  test.each(['a\r\nb', 'a\nb', 'a\0', 'ü', '\u{1f600}'])('%j is refused in either', (value) => {
    const paths = problemsOf({ userAgent: value, quotaProject: value }).map(({ path }) => path)
    expect(paths).toEqual(['userAgent', 'quotaProject'])
  })
})

describe('the option cache', () => {
  test.each([true, 7, 'x', {}, { get: () => {} }, { set: () => {} }])('%j is refused', (cache) => {
    expect(problemsOf({ cache })).toMatchObject([{ path: 'cache' }])
  })

  test.each([false, undefined, { get: () => {}, set: () => {} }])('%j is taken', (cache) => {
    expect(problemsOf({ cache })).toEqual([])
  })
})

describe('createClient', () => {
  test('names all that is wrong at once', () => {
    const options = { endpoint: 'x', universeDomain: 'x', userAgent: '\n', quotaProject: '\n', timeoutMs: 0 }
    expect(problemsOf(options).map(({ path }) => path)).toEqual(Object.keys(options))
  })

  test.each([0, -1, Number.NaN])('refuses a timeoutMs of %s', (timeoutMs) => {
    expect(problemsOf({ timeoutMs })).toMatchObject([{ path: 'timeoutMs' }])
  })

  test('takes no deadline as one without end', async () => {
    expect(problemsOf({ timeoutMs: Infinity })).toEqual([])
    expect((await sentBy({ timeoutMs: Infinity })).method).toBe('DELETE')
  })

  test('needs no options, looks for a credential at the first call, and says where it looked', async () => {
    const transport = answering(() => answer(200, {}))
    const call = createClient({ transport }).api(notes).notes.delete({ noteId: '1' })
    await expect(call).rejects.toMatchObject({ code: 'auth_failed', reason: 'no_default_credentials' })
    expect(transport.requests).toEqual([])
  })

  test('does nothing with its options before the first call', () => {
    const headers = vi.fn()
    createClient({ auth: { kind: 'test', headers } })
    expect(headers).not.toHaveBeenCalled()
  })

  test('reads its options once: changing them later changes nothing', async () => {
    const options: { -readonly [K in keyof ClientOptions]: ClientOptions[K] } = { quotaProject: 'payer' }
    const transport = answering(() => answer(200, {}))
    const google = createClient({ ...options, transport, auth: anonymous() })
    options.quotaProject = 'other'
    await google.api(notes).notes.delete({ noteId: '1' })
    expect(transport.requests[0]!.headers['x-goog-user-project']).toBe('payer')
  })
})

describe('options that there are not, or that are of another kind', () => {
  test.each([
    ['maxAnswerBytes', { maxAnswerBytes: '5' }],
    ['maxAnswerBytes', { maxAnswerBytes: true }],
    ['maxAnswerBytes', { maxAnswerBytes: -1 }],
    ['retry.attempts', { retry: { attempts: 3 } }],
    ['retry.attempts', { retry: { attempts: 3, maxAttempts: 2 } }],
    ['retry', { retry: 3 }],
  ])('are refused: %s', (path, options) => {
    expect(problemsOf(options as never)).toMatchObject([{ path }])
  })

  test('are refused for a transport and for a call', async () => {
    expect(() => nodeTransport({ prxoy: false } as never)).toThrow("did you mean 'proxy'?")
    const google = createClient({ transport: answering(() => answer(200)), auth: anonymous() })
    const call = google.api(notes).notes.get({ noteId: '1' }, { retry: { maxAttempt: 1 } })
    await expect(call).rejects.toThrow(
      "options: retry.maxAttempt: is not an option (did you mean 'maxAttempts'?)",
    )
  })
})
