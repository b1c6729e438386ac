import { AuthError, TransportError } from 'discokit'
import { authorizedFetch, serviceAccount } from 'discokit/auth'
import { createEmulator } from 'discokit/emulator'
import { describe, expect, test, vi } from 'vitest'
import { failureOf } from '../transport/contexts.ts'
import { httpServer } from '../transport/servers.ts'
import { API, endpoint, type Scripted, token } from './endpoint.ts'
import { keyFile } from './keys.ts'
import { withoutWaiting } from './waits.ts'

const credentials = () => serviceAccount({ key: keyFile() })

/** The failure of a call whose token request is answered so, each time. */
async function refusal(answer: Scripted): Promise<AuthError> {
  const google = endpoint(() => answer)
  const error = await failureOf(google.fetch(credentials())(API))
  expect(error).toBeInstanceOf(AuthError)
  expect(google.tokenRequests).toHaveLength(1)
  expect(google.calls).toEqual([])
  return error
}

const refused = (status: number, error: unknown, more = {}, headers = {}): Scripted => ({
  status,
  headers,
  text: JSON.stringify({ error, ...more }),
})

describe('an answer with a token', () => {
  test.each([
    ['a web page', '<!doctype html><title>Sign in</title>', 'not JSON'],
    ['nothing', '', 'not JSON'],
    ['a text', '"ya29.secret"', 'no access_token'],
    ['null', 'null', 'no access_token'],
    ['a list', '[]', 'no access_token'],
    ['no access_token', token('x', { access_token: undefined }).text, 'no access_token'],
    ['an empty access_token', token('').text, 'no access_token'],
    ['an access_token that is no text', token('x', { access_token: { a: 1 } }).text, 'no access_token'],
    ['an access_token with a line end', token('good\r\nx-injected: 1').text, 'no access_token'],
    ['an access_token with a space', token('good token').text, 'no access_token'],
    ['an access_token beyond ASCII', token('gööd').text, 'no access_token'],
    ['an access_token that is longer than any', token('good'.padEnd(16_385, 'x')).text, 'no access_token'],
    ['an id_token instead', JSON.stringify({ id_token: 'x.y.z' }), 'no access_token'],
    ['another token_type', token('x', { token_type: 'mac' }).text, 'not a bearer token'],
    ['a token_type that is no text', token('x', { token_type: 5 }).text, 'not a bearer token'],
    ['no time left', token('x', { expires_in: 0 }).text, 'expired already'],
    ['less than no time left', token('x', { expires_in: -5 }).text, 'expired already'],
    ['less than no time left, in text', token('x', { expires_in: '-5' }).text, 'expired already'],
    ['a time that is true', token('x', { expires_in: true }).text, 'expires_in is no number'],
    ['a time in a list', token('x', { expires_in: [3599] }).text, 'expires_in is no number'],
    ['a time that is no number', token('x', { expires_in: 'soon' }).text, 'expires_in is no number'],
    ['a time with two points', token('x', { expires_in: '3.6.0' }).text, 'expires_in is no number'],
    ['a time in hexadecimal', token('x', { expires_in: '0xe10' }).text, 'expires_in is no number'],
    ['an empty time', token('x', { expires_in: '' }).text, 'expires_in is no number'],
  ])('is refused when it has %s', async (_, text, message) => {
    const error = await refusal({ text: text! })
    expect(error).toMatchObject({ reason: 'unreadable_answer', status: 200, retryable: false })
    expect(error.message).toContain('oauth2.googleapis.com')
    expect(error.message).toContain('robot@p.iam.gserviceaccount.com')
    expect(error.message).toContain(message)
    expect(error.message).not.toMatch(/secret|good|title/)
  })

  /** For how long, in seconds, the token is used when nobody refuses it. */
  /** For how many seconds a token is sent, before another has to be waited for. */
  async function usedFor(more: Record<string, unknown>): Promise<number> {
    let [used, not] = [0, 65_536]
    while (not - used > 1) {
      const half = (used + not) >> 1
      if (await isSentAfter(half * 1_000 - 1, more)) used = half
      else not = half
    }
    return used
  }

  async function isSentAfter(ms: number, more: Record<string, unknown>): Promise<boolean> {
    let now = Date.UTC(2026, 0, 1)
    const google = endpoint((index) => token(`t${index}`, more))
    const fetch = google.fetch(credentials(), { now: () => now })
    await fetch(API)
    now += ms
    await fetch(API)
    return google.calls[1]!.headers['authorization'] === 'Bearer t0'
  }

  test.each([
    ['an hour', { expires_in: 3600 }, 3_590],
    ['an hour less a second', { expires_in: 3599 }, 3_589],
    ['an hour in text', { expires_in: '3600' }, 3_590],
    ['an hour in text, with tenths', { expires_in: '3600.0' }, 3_590],
    ['an hour when it does not say', { expires_in: undefined }, 3_590],
    ['an hour when it says nothing', { expires_in: null }, 3_590],
    ['a minute', { expires_in: 60 }, 50],
    ['half a day at most', { expires_in: 1e12 }, 43_190],
    ['half a day when it says forever', { expires_in: 1e300 }, 43_190],
    ['half a day when it says decades in text', { expires_in: '1e9' }, 43_190],
  ])('is used for %s', async (_, more, seconds) => {
    expect(await usedFor(more)).toBe(seconds)
  })

  test.each(['bearer', 'BEARER', undefined])('may call its type %j', async (token_type) => {
    const google = endpoint(() => token('x', { token_type }))
    await google.fetch(credentials())(API)
    expect(google.calls[0]!.headers['authorization']).toBe('Bearer x')
  })

  test('may have 16,384 characters', async () => {
    const google = endpoint(() => token('x'.repeat(16_384)))
    await google.fetch(credentials())(API)
    expect(google.calls[0]!.headers['authorization']).toBe(`Bearer ${'x'.repeat(16_384)}`)
  })

  test('that never ends is cut, said so, and not asked for again', async () => {
    let given = 0
    const google = endpoint(() => ({
      text: (async function* () {
        for (; given < 1_073_741_824; given += 65_536) yield new Uint8Array(65_536).fill(32)
      })(),
    }))
    const error = await failureOf(google.fetch(credentials())(API))
    expect(error).toBeInstanceOf(AuthError)
    expect(error).toMatchObject({ reason: 'ANSWER_TOO_LARGE', retryable: false })
    expect(given).toBeLessThan(2_000_000)
    expect(google.tokenRequests).toHaveLength(1)
  })
})

describe('a refusal', () => {
  test('with invalid_grant names the likely causes', async () => {
    const error = await refusal(
      refused(400, 'invalid_grant', { error_description: 'Invalid JWT Signature.' }),
    )
    expect(error).toMatchObject({ reason: 'invalid_grant', status: 400, retryable: false })
    expect(error.message).toContain('Invalid JWT Signature.')
    expect(error.message).toMatch(/clock is wrong.*key was deleted.*account is disabled/)
  })

  test.each([
    [600_000, '600 s'],
    [-600_000, '-600 s'],
  ])('with invalid_grant says by how much a clock that is %i ms ahead differs', async (skewMs, said) => {
    const now = Date.UTC(2026, 0, 1)
    const date = new Date(now - skewMs).toUTCString()
    const google = endpoint(() => refused(400, 'invalid_grant', {}, { date }))
    const error = await failureOf(google.fetch(credentials(), { now: () => now })(API))
    expect(error.message).toContain(`differs from the server's by ${said}`)
  })

  test('with invalid_grant blames no clock that is right', async () => {
    const now = Date.UTC(2026, 0, 1)
    const google = endpoint(() =>
      refused(400, 'invalid_grant', {}, { date: new Date(now - 3_000).toUTCString() }),
    )
    const error = await failureOf(google.fetch(credentials(), { now: () => now })(API))
    expect(error.message).not.toContain('differs')
  })

  test.each([
    ['a line end', 'bad\r\nx-forged: 1'],
    ['an escape', 'bad\u001b[31m'],
    ['a space', 'bad word'],
    ['61 characters', 'x'.repeat(61)],
    ['nothing', ''],
  ])('with a word that has %s is told by its status', async (_, word) => {
    const error = await refusal(refused(400, word, { error_description: 'No.' }))
    expect(error.reason).toBe('http_400')
    expect(error.message).toContain('400 http_400: No')
    if (word !== '') expect(error.message).not.toContain(word)
  })

  test('is told in one line, without what moves a cursor or turns text around', async () => {
    const said = 'Gone\r\nERROR forged\u001b[2J \u0007\u0085\u2028\u202etxet\u0000 end.'
    const error = await refusal(refused(400, 'access_denied', { error_description: said }))
    expect(error.reason).toBe('access_denied')
    expect(error.message).toMatch(/: 400 access_denied: Gone ERROR forged \[2J txet end$/)
  })

  test('with invalid_scope points to the scopes', async () => {
    const error = await refusal(refused(400, 'invalid_scope'))
    expect(error.reason).toBe('invalid_scope')
    expect(error.message).toContain('May the account ask for these scopes?')
  })

  test('with unauthorized_client points to domain-wide delegation', async () => {
    const error = await refusal(refused(401, 'unauthorized_client'))
    expect(error.message).toContain('Domain-wide delegation')
  })

  test.each([
    ['a web page', '<html>Not found</html>'],
    ['nothing', ''],
    ['a list', '[1]'],
    ['an error that is no text', '{"error":5}'],
  ])('with %s for a body is told by its status', async (_, text) => {
    const error = await refusal({ status: 404, text })
    expect(error).toMatchObject({ reason: 'http_404', status: 404 })
    expect(error.message).toContain('404')
  })

  test.each([201, 204, 206, 301, 302, 303, 307, 308])('is what a %i is taken for', async (status) => {
    const error = await refusal({
      ...token('t'),
      status,
      headers: { location: 'https://oauth2.googleapis.com/x' },
    })
    expect(error).toMatchObject({ status, retryable: false })
  })

  test('by redirect sends the assertion nowhere else', async () => {
    const canary = await httpServer((_, response) => void response.end(token('stolen').text))
    for (const status of [301, 302, 303, 307, 308]) {
      const server = await httpServer(
        (_, response) => void response.writeHead(status, { location: `${canary.url}/token` }).end(),
      )
      const key = keyFile({ token_uri: `${server.url}/token` })
      const error = await failureOf(authorizedFetch(serviceAccount({ key }))(API))
      expect(error).toMatchObject({ code: 'auth_failed', status })
    }
    expect(canary.connections).toBe(0)
  })

  test('by the emulator is told in its words: an account out of use', async () => {
    const emulator = await createEmulator()
    const { client_email: email } = await emulator.serviceAccountKey()
    emulator.disableServiceAccount(email)
    const transport = emulator.connect().transport!
    const fetch = authorizedFetch(emulator.serviceAccount(), { transport, allowedOrigins: [emulator.url] })
    const error = await failureOf(fetch(`${emulator.url}/storage/v1/b?project=p`))
    expect(error).toMatchObject({ code: 'auth_failed', reason: 'invalid_grant' })
    await emulator.close()
  })
})

describe('passing trouble', () => {
  const broken = (reason: string): Promise<never> =>
    Promise.reject(new TransportError('POST x: broken', { reason, progress: 'sent' }))

  const refusedFor = (error_description: string): Scripted => refused(403, undefined, { error_description })
  const troubles: readonly [string, () => Scripted | Promise<Scripted>][] = [
    ...[408, 429, 500, 502, 503, 504].map(
      (status) => [`a ${status}`, () => ({ status })] as [string, () => Scripted],
    ),
    ['temporarily_unavailable', () => refused(400, 'temporarily_unavailable')],
    ['internal_failure', () => refused(400, 'internal_failure')],
    ['server_error', () => refused(400, 'server_error')],
    [
      'server_error in the description',
      () => refused(401, 'invalid_request', { error_description: 'server_error' }),
    ],
    ['internal_failure in the description alone', () => refusedFor('internal_failure')],
    ['a connection that breaks', () => broken('ECONNRESET')],
    ['a connection that is refused', () => broken('ECONNREFUSED')],
    ['an answer that is cut short', () => broken('ANSWER_CUT_SHORT')],
  ]

  test.each(troubles)('is got over: %s', async (_, trouble) => {
    const google = endpoint((index) => (index < 2 ? trouble() : token('third')))
    const { result, waits } = await withoutWaiting(() => google.fetch(credentials())(API))
    expect(result.status).toBe(200)
    expect(waits).toEqual([1_000, 2_000])
    expect(google.tokenRequests).toHaveLength(3)
    expect(google.calls[0]!.headers['authorization']).toBe('Bearer third')
  })

  test.each(troubles)('that stays is reported after three tries: %s', async (_, trouble) => {
    const google = endpoint(trouble)
    const { result, waits } = await withoutWaiting(() => failureOf(google.fetch(credentials())(API)))
    expect(result).toBeInstanceOf(AuthError)
    expect(result).toMatchObject({ code: 'auth_failed', retryable: true })
    expect(result.message).toContain('oauth2.googleapis.com')
    expect(waits).toEqual([1_000, 2_000])
    expect(google.tokenRequests).toHaveLength(3)
  })

  test.each(['not_a_server_error', 'internal_failures'])('is not what %s is', async (word) => {
    await refusal(refused(400, word, { error_description: word }))
  })

  test.each(['ENOTFOUND', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_TLS_CERT_ALTNAME_INVALID', 'CLOSED'])(
    'is not what %s is',
    async (reason) => {
      const google = endpoint(() => broken(reason))
      const error = await failureOf(google.fetch(credentials())(API))
      expect(error).toMatchObject({ code: 'auth_failed', reason, retryable: false })
      expect(google.tokenRequests).toHaveLength(1)
    },
  )

  test('is waited for no longer than the caller likes', async () => {
    const google = endpoint(() => ({ status: 503 }))
    const ended = new AbortController()
    const reason = new Error('enough')
    const failure = failureOf(google.fetch(credentials())(API, { signal: ended.signal }))
    await vi.waitFor(() => expect(google.tokenRequests).toHaveLength(1), { interval: 1, timeout: 20_000 })
    ended.abort(reason)
    expect(await failure).toBe(reason)
  })
})
