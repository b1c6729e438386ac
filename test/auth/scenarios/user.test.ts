/** Scenarios 75 to 79 and those of 112 about the credentials of a person. */
import { AuthError, createClient, TransportError, ValidationError } from 'discokit'
import { authorizedFetch, authorizedUser, userCredentials, type UserCredentialsOptions } from 'discokit/auth'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { API, endpoint, type Scripted, token } from '../endpoint.ts'
import { withoutWaiting } from '../waits.ts'

const NOW = 1_767_225_600_000
let now = NOW
const clock = { now: () => now }
beforeEach(() => {
  now = NOW
})

const user = (more: Partial<UserCredentialsOptions> = {}) =>
  userCredentials({ clientId: 'client', clientSecret: 'very-secret', refreshToken: 'long-lived', ...more })
const READ = 'https://www.googleapis.com/auth/devstorage.read_only'

describe('the credential of a person', () => {
  test('[112] exchanges the refresh token, with the client that it was given to', async () => {
    const google = endpoint()
    await google.fetch(user({ scopes: [READ, 'b'], quotaProject: 'charged' }), clock)(API)
    expect(Object.fromEntries(google.forms[0]!)).toEqual({
      grant_type: 'refresh_token',
      client_id: 'client',
      client_secret: 'very-secret',
      refresh_token: 'long-lived',
      scope: `${READ} b`,
    })
    expect(google.tokenRequests[0]!.url).toBe('https://oauth2.googleapis.com/token')
    expect(google.calls[0]!.headers).toMatchObject({
      authorization: 'Bearer t0',
      'x-goog-user-project': 'charged',
    })
  })

  test('[112] says nothing of a secret or of scopes that it has not', async () => {
    const google = endpoint()
    await google.fetch(user({ clientSecret: undefined }), clock)(API)
    expect([...google.forms[0]!.keys()]).toEqual(['grant_type', 'client_id', 'refresh_token'])
  })

  test('[112] goes on with a refresh token that takes the place of the first, and tells of it', async () => {
    const google = endpoint((i) => token(`t${i}`, { refresh_token: `rotated-${i}` }))
    const kept: string[] = []
    const fetch = google.fetch(user({ onRefreshToken: (given) => void kept.push(given) }), clock)
    await fetch(API)
    now += 3_600_000
    await fetch(API)
    expect(google.forms.map((form) => form.get('refresh_token'))).toEqual(['long-lived', 'rotated-0'])
    expect(kept).toEqual(['rotated-0', 'rotated-1'])
  })

  test('tells nobody of the refresh token that it has', async () => {
    const google = endpoint((i) => token(`t${i}`, { refresh_token: 'long-lived' }))
    const kept: string[] = []
    await google.fetch(user({ onRefreshToken: (given) => void kept.push(given) }), clock)(API)
    expect(kept).toEqual([])
  })

  test('fails when the new refresh token cannot be kept, and uses it all the same', async () => {
    const google = endpoint((i) => token(`t${i}`, { refresh_token: `rotated-${i}` }))
    let failing = true
    const onRefreshToken = async (): Promise<void> => {
      if (failing) throw new Error('the database is away')
    }
    const fetch = google.fetch(user({ onRefreshToken }), clock)
    await expect(fetch(API)).rejects.toThrow('the database is away')
    failing = false
    await fetch(API)
    expect(google.forms[1]!.get('refresh_token')).toBe('rotated-0')
  })

  test.each([
    [225_000, 2],
    [226_000, 1],
  ])('[75] [76] with %i ms left of its token asks %i times in all', async (left, requests) => {
    const google = endpoint()
    const fetch = google.fetch(user(), clock)
    await fetch(API)
    now += 3_600_000 - left
    await fetch(API)
    expect(google.forms).toHaveLength(requests)
  })

  test('[77] asks once for any number of callers, [78] and again after that', async () => {
    const google = endpoint()
    const fetch = google.fetch(user(), clock)
    await Promise.all(Array.from({ length: 100 }, () => fetch(API)))
    expect(google.forms).toHaveLength(1)
    now += 3_600_000
    await Promise.all(Array.from({ length: 100 }, () => fetch(API)))
    expect(google.forms).toHaveLength(2)
  })

  describe('sends its refresh token again', () => {
    const broken = (progress: 'unsent' | 'sent' | 'answered') => (): Scripted => {
      throw new TransportError('it broke', { reason: 'ECONNRESET', progress })
    }
    const answer = (status: number) => (): Scripted => ({ status, text: '{}' })

    test.each([
      ['[68] when nothing of it was sent', broken('unsent'), 2],
      ['[60] when the server says that it cannot now', answer(503), 2],
      ['[60] when it is to slow down', answer(429), 2],
      ['but not when the server may have taken it', broken('sent'), 1],
      ['but not when the answer broke off', broken('answered'), 1],
    ])('%s', async (_, first, requests) => {
      const google = endpoint((i) => (i === 0 ? first() : token('t', { refresh_token: 'rotated' })))
      const { result } = await withoutWaiting(async () => google.fetch(user(), clock)(API).catch(failure))
      expect(google.forms).toHaveLength(requests)
      if (requests === 2) expect(result).toMatchObject({ status: 200 })
      else expect(result).toMatchObject({ code: 'auth_failed', reason: 'ECONNRESET', retryable: true })
    })
    const failure = (error: unknown): unknown => error
  })

  test('[79] asks again after a failure', async () => {
    const google = endpoint((i) =>
      i === 0 ? { status: 400, text: '{"error":"invalid_grant"}' } : token('t'),
    )
    const fetch = google.fetch(user(), clock)
    await expect(fetch(API)).rejects.toMatchObject({ reason: 'invalid_grant' })
    expect((await fetch(API)).status).toBe(200)
  })

  test('[72] shows no secret in an error, whatever the endpoint repeats', async () => {
    const google = endpoint(() => ({
      status: 400,
      text: JSON.stringify({
        error: 'invalid_grant',
        error_description: 'long-lived of client with very-secret',
      }),
    }))
    const error: unknown = await google
      .fetch(
        user(),
        clock,
      )(API)
      .catch((reason: unknown) => reason)
    expect(String(error)).not.toMatch(/long-lived|very-secret/)
    expect(JSON.stringify(error)).not.toMatch(/long-lived|very-secret/)
    expect((error as AuthError).message).toContain('the refresh token of the client client')
  })

  test.each([
    [{ clientId: '' }, 'clientId'],
    [{ refreshToken: undefined as never }, 'refreshToken'],
    [{ scopes: [] }, 'scopes'],
    [{ secret: 'x' } as never, 'secret'],
  ])('is refused with %j', (more, path) => {
    expect(() => user(more)).toThrow(ValidationError)
    expect(() => user(more)).toThrow(path)
  })

  test('sends the refresh token to nobody but Google', () => {
    expect(() => user({ tokenUri: 'https://evilgoogleapis.com/token' })).toThrow(AuthError)
  })
})

describe('a file of a person', () => {
  const file = {
    type: 'authorized_user',
    client_id: 'c',
    client_secret: 's',
    refresh_token: 'r',
    quota_project_id: 'q',
  }

  test.each([file, JSON.stringify(file), `\ufeff${JSON.stringify(file)}`])(
    '[112] gives the options: %j',
    (content) => {
      expect(authorizedUser(content)).toMatchObject({
        clientId: 'c',
        clientSecret: 's',
        refreshToken: 'r',
        quotaProject: 'q',
      })
    },
  )

  test.each([
    [{ ...file, client_id: undefined }, 'lacks client_id'],
    [{ ...file, refresh_token: 7 }, 'has a refresh_token that is no text'],
    [{ type: 'authorized_user' }, 'lacks client_id and refresh_token'],
    [{ ...file, type: 'service_account' }, "has not the type 'authorized_user'"],
    ['{ "refresh_token": "r"', 'is not JSON'],
    ['null', 'is not a JSON object'],
  ])('[112] is refused without its members: %j', (content, message) => {
    expect(() => authorizedUser(content)).toThrow(`the file of a user ${message}`)
  })
})

describe('the emulator', () => {
  let emulator: Emulator
  beforeEach(async () => {
    emulator = await createEmulator()
    await emulator.listen()
  })
  afterEach(() => emulator.close())
  const files = `${API.replace('/b', '')}/b?project=p`
  const list = (credentials: ReturnType<typeof user>): Promise<number> =>
    authorizedFetch(credentials, { allowedOrigins: [emulator.url] })(
      files.replace('https://storage.googleapis.com', emulator.url),
    ).then(({ status }) => status)

  test('lets a person in who has consented', async () => {
    const credentials = userCredentials(authorizedUser(emulator.authorizedUser({ email: 'ada@example.com' })))
    const google = createClient({ ...emulator.connect(), auth: credentials })
    const drive = await google.discover('drive:v3')
    expect((await drive['about'].get({ fields: 'user' })).user.emailAddress).toBe('ada@example.com')
    emulator.revokeTokens()
    expect((await drive['about'].get({ fields: 'user' })).user.emailAddress).toBe('ada@example.com')
    await google.close()
  })

  test('only as far as the consent goes', async () => {
    const options = authorizedUser(
      emulator.authorizedUser({ scopes: [READ, 'https://www.googleapis.com/auth/drive'] }),
    )
    expect(await list(userCredentials(options))).toBe(200)
    expect(
      await list(userCredentials({ ...options, scopes: ['https://www.googleapis.com/auth/drive'] })),
    ).toBe(403)
    const more = userCredentials({ ...options, scopes: [READ, 'https://www.googleapis.com/auth/calendar'] })
    await expect(list(more)).rejects.toMatchObject({ reason: 'invalid_scope' })
  })

  test('gives another refresh token for each where it rotates them', async () => {
    const options = authorizedUser(emulator.authorizedUser({ rotating: true }))
    const kept: string[] = []
    const credentials = userCredentials({ ...options, onRefreshToken: (given) => void kept.push(given) })
    expect(await list(credentials)).toBe(200)
    emulator.revokeTokens()
    expect(await list(credentials)).toBe(200)
    expect(kept).toHaveLength(2)
    await expect(list(userCredentials(options))).rejects.toMatchObject({ reason: 'invalid_grant' })
    expect(await list(userCredentials({ ...options, refreshToken: kept[1]! }))).toBe(200)
  })

  test('knows when consent is taken back, and who is no client of its', async () => {
    const options = authorizedUser(emulator.authorizedUser())
    await expect(list(userCredentials({ ...options, clientSecret: 'x' }))).rejects.toMatchObject({
      reason: 'invalid_client',
    })
    emulator.revokeConsents()
    await expect(list(userCredentials(options))).rejects.toMatchObject({ reason: 'invalid_grant' })
  })
})
