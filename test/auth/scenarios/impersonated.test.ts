/** Scenarios 91 and 109: accounts that others speak for, through IAM. */
import { createVerify } from 'node:crypto'
import { AuthError, TransportError, ValidationError } from 'discokit'
import {
  accessToken,
  authorizedFetch,
  iamSigner,
  idTokenCredentials,
  impersonated,
  type ImpersonatedOptions,
  serviceAccount,
} from 'discokit/auth'
import { describe, expect, test } from 'vitest'
import { claimsOf } from '../claims.ts'
import { API, scripted, type Scripted, SERVICE } from '../endpoint.ts'
import { keyFile, publicKey, TOKEN_URI } from '../keys.ts'
import { withoutWaiting } from '../waits.ts'

const NOW = 1_767_225_600_000
const ROBOT = 'robot@p.iam.gserviceaccount.com'
const IAM = `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${ROBOT}`
const clock = { now: () => NOW }
const segment = (content: object): string => Buffer.from(JSON.stringify(content)).toString('base64url')
const jwt = (claims: object): string => `${segment({ alg: 'RS256' })}.${segment(claims)}.c2ln`
const json = (content: object, more: Scripted = {}): Scripted => ({ text: JSON.stringify(content), ...more })
const given = (accessToken = 'robots', expireTime = '2026-01-01T01:00:00Z'): Scripted =>
  json({ accessToken, expireTime })
const bodyOf = ({ body }: { readonly body?: unknown }): unknown => JSON.parse(String(body))

const robot = (more: Partial<ImpersonatedOptions> = {}) =>
  impersonated({ source: accessToken('sources'), serviceAccount: ROBOT, ...more })

describe('an impersonated service account', () => {
  test('[109] gets its token from IAM, for whoever asks', async () => {
    const at = scripted(() => given())
    const source = accessToken('sources')
    await at.fetch(robot({ source, scopes: ['a', 'b'], quotaProject: 'q' }), clock)(API)
    expect(at.asked).toHaveLength(1)
    expect(at.asked[0]).toMatchObject({ method: 'POST', url: `${IAM}:generateAccessToken` })
    expect(at.asked[0]!.headers['authorization']).toBe('Bearer sources')
    expect(bodyOf(at.asked[0]!)).toEqual({ scope: ['a', 'b'], lifetime: '3600s' })
    expect(at.calls[0]!.headers).toMatchObject({
      authorization: 'Bearer robots',
      'x-goog-user-project': 'q',
    })
  })

  test('[109] speaks through delegates, for the time that is asked', async () => {
    const at = scripted(() => given())
    const delegates = ['one@p.iam.gserviceaccount.com', 'two@p.iam.gserviceaccount.com']
    await at.fetch(robot({ delegates, lifetimeMs: 600_000 }), clock)(API)
    expect(bodyOf(at.asked[0]!)).toEqual({
      scope: ['https://www.googleapis.com/auth/cloud-platform'],
      lifetime: '600s',
      delegates: delegates.map((email) => `projects/-/serviceAccounts/${email}`),
    })
  })

  test.each(['2026-01-01T01:00:00.123456789Z', '2026-01-01T02:00:00+01:00', '2026-01-01T01:00:00Z'])(
    '[109] keeps its token to the end that IAM names: %s',
    async (expireTime) => {
      let now = NOW
      const at = scripted((_, i) => given(`t${i}`, i === 0 ? expireTime : '2026-01-01T03:00:00Z'))
      const fetch = at.fetch(robot(), { now: () => now })
      await fetch(API)
      now += 3_300_000
      await fetch(API)
      expect(at.asked).toHaveLength(1)
      now += 290_000
      await fetch(API)
      expect(at.asked).toHaveLength(2)
    },
  )

  test("[109] counts a token's life by IAM's clock where ours is wrong", async () => {
    const hour = 3_600_000
    const headers = { date: new Date(NOW).toUTCString() }
    const at = scripted(() => ({ ...given(), headers }))
    const fetch = at.fetch(robot(), { now: () => NOW + 2 * hour })
    await fetch(API)
    await fetch(API)
    expect(at.asked).toHaveLength(1)
  })

  test.each([
    ['a malformed expireTime', given('t', 'tomorrow'), 'its expireTime is no time to come'],
    ['an expireTime that has passed', given('t', '2025-12-31T23:00:00Z'), 'is no time to come'],
    ['no expireTime', json({ accessToken: 't' }), 'it has no expireTime'],
    ['no token', json({ expireTime: '2026-01-01T01:00:00Z' }), 'it has no accessToken'],
    ['a token with a line break', given('a\nb'), 'it has no accessToken'],
    ['a token that is longer than any', given('a'.repeat(16_385)), 'it has no accessToken'],
    ['no JSON', { text: '<html>' }, 'it is not JSON'],
    ['nothing', { text: 'null' }, 'it has no accessToken'],
  ])('[109] has no token when the answer has %s', async (_, answer, why) => {
    const at = scripted(() => answer)
    const error = await at
      .fetch(
        robot(),
        clock,
      )(API)
      .catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(AuthError)
    expect(error).toMatchObject({ reason: 'unreadable_answer', message: expect.stringContaining(why) })
  })

  test('[109] says what IAM said, and never a token', async () => {
    const denied = { code: 403, message: 'Permission denied for sources', status: 'PERMISSION_DENIED' }
    const at = scripted(() => json({ error: denied }, { status: 403 }))
    const fetch = at.fetch(robot({ source: accessToken('sources-secret-token') }), clock)
    const error = (await fetch(API).catch((reason: unknown) => reason)) as AuthError
    expect(error).toMatchObject({ reason: 'PERMISSION_DENIED', status: 403, retryable: false })
    expect(error.message).toContain('generateAccessToken of robot@p')
    expect(error.message).toContain('Permission denied')
    expect(error.message).toContain('roles/iam.serviceAccountTokenCreator')
    expect(JSON.stringify(error) + error.message).not.toContain('sources-secret-token')
  })

  test('[109] asks once more with another token of the source after 401', async () => {
    let refused = 0
    const source = {
      kind: 'test',
      headers: () => ({ authorization: `Bearer s${refused}` }),
      refused: () => ++refused < 2,
    }
    const at = scripted((_, i) =>
      i === 0 ? json({ error: { code: 401, message: 'no' } }, { status: 401 }) : given(),
    )
    await at.fetch(robot({ source }), clock)(API)
    expect(at.asked.map(({ headers }) => headers['authorization'])).toEqual(['Bearer s0', 'Bearer s1'])
  })

  test('[109] tells of a 401 that stays, with the word of IAM and no token', async () => {
    let asked = 0
    const source = {
      kind: 'test',
      headers: () => ({ authorization: `Bearer sources-secret-${asked++}` }),
      refused: () => true,
    }
    const error = { code: 401, message: 'Bad sources-secret-1', status: 'UNAUTHENTICATED' }
    const at = scripted(() => json({ error }, { status: 401 }))
    const failure = (await at
      .fetch(
        robot({ source }),
        clock,
      )(API)
      .catch((reason: unknown) => reason)) as AuthError
    expect(failure).toBeInstanceOf(AuthError)
    expect(failure).toMatchObject({ reason: 'UNAUTHENTICATED', status: 401, retryable: false })
    expect(failure.message).toBe(`IAM refused generateAccessToken of ${ROBOT}: 401 UNAUTHENTICATED: Bad …`)
    expect(at.asked).toHaveLength(2)
    expect(at.calls).toEqual([])
  })

  test.each([
    ['a line end', 'DENIED\r\nx: 1'],
    ['an escape', '\u001b[31mDENIED'],
    ['61 characters', 'X'.repeat(61)],
    ['nothing', ''],
    ['no text', 7],
  ])('[109] has the status for a word when that of IAM has %s', async (_, status) => {
    const message = 'Not\r\nallowed \u001b[2J\u202e.'
    const at = scripted(() => json({ error: { code: 400, message, status } }, { status: 400 }))
    const failing = at.fetch(robot(), clock)(API)
    const failure = (await failing.catch((reason: unknown) => reason)) as AuthError
    expect(failure.reason).toBe('http_400')
    expect(failure.message).toBe(
      `IAM refused generateAccessToken of ${ROBOT}: 400 http_400: Not allowed [2J `,
    )
  })

  test('[109] asks again after failures that pass', async () => {
    const at = scripted((_, i) => {
      if (i === 0) throw new TransportError('reset', { reason: 'ECONNRESET', progress: 'sent' })
      return i === 1 ? { status: 503, text: 'busy' } : given()
    })
    const { result, waits } = await withoutWaiting(() => at.fetch(robot(), clock)(API))
    expect(result.status).toBe(200)
    expect(waits.filter((ms) => ms === 1_000 || ms === 2_000)).toEqual([1_000, 2_000])
  })

  test('[109] asks once for many callers', async () => {
    const at = scripted(() => given())
    const fetch = at.fetch(robot(), clock)
    await Promise.all(Array.from({ length: 20 }, () => fetch(API)))
    expect(at.asked).toHaveLength(1)
  })

  test('[109] acts for a user with an assertion that IAM signs', async () => {
    const at = scripted(({ url }) =>
      url.endsWith(':signJwt')
        ? json({ keyId: 'k', signedJwt: jwt({}) })
        : json({ access_token: 'adas', expires_in: 3600 }),
    )
    await at.fetch(robot({ subject: 'ada@example.com', scopes: ['a'] }), clock)(API)
    const [signing, grant] = at.asked
    expect(signing!.url).toBe(`${IAM}:signJwt`)
    const { payload } = bodyOf(signing!) as { payload: string }
    expect(JSON.parse(payload)).toEqual({
      iss: ROBOT,
      sub: 'ada@example.com',
      aud: 'https://oauth2.googleapis.com/token',
      scope: 'a',
      iat: NOW / 1000,
      exp: NOW / 1000 + 3600,
    })
    expect(grant!.url).toBe('https://oauth2.googleapis.com/token')
    const form = new URLSearchParams(grant!.body as string)
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer')
    expect(form.get('assertion')).toBe(jwt({}))
    expect(at.calls[0]!.headers['authorization']).toBe('Bearer adas')
  })

  test('[109] signs through IAM, which may be busy', async () => {
    const at = scripted((_, i) => (i === 0 ? { status: 503 } : json({ keyId: 'k', signedBlob: 'c2ln' })))
    const signer = iamSigner({ source: accessToken('s'), serviceAccount: ROBOT })
    const account = serviceAccount({ signer, email: ROBOT, alwaysUseJwtAccess: true, scopes: ['a'] })
    const { result } = await withoutWaiting(() => at.fetch(account, clock)(API))
    expect(result.status).toBe(200)
    const { payload } = bodyOf(at.asked[1]!) as { payload: string }
    const signed = Buffer.from(payload, 'base64').toString()
    expect(at.calls[0]!.headers['authorization']).toBe(`Bearer ${signed}.c2ln`)
  })

  test('[109] has ID tokens that name its address', async () => {
    const idToken = jwt({ iat: NOW / 1000, exp: NOW / 1000 + 3600 })
    const at = scripted(() => json({ token: idToken }))
    await at.fetch(robot().idToken(SERVICE), clock)(SERVICE)
    expect(at.asked[0]!.url).toBe(`${IAM}:generateIdToken`)
    expect(bodyOf(at.asked[0]!)).toEqual({ audience: SERVICE, includeEmail: true, useEmailAzp: true })
    expect(at.calls[0]!.headers['authorization']).toBe(`Bearer ${idToken}`)
  })

  test('asks in the universe it is told, and only there', async () => {
    const at = scripted(() => given())
    const call = authorizedFetch(robot({ universeDomain: 'example.org' }), {
      transport: at.transport,
      clock,
      universeDomain: 'example.org',
      allowedOrigins: ['https://storage.googleapis.com'],
    })
    await call(API)
    expect(at.asked[0]!.url).toContain('https://iamcredentials.example.org/v1/')
  })

  test.each([
    [{ source: undefined }, 'source'],
    [{ serviceAccount: 'robot' }, 'serviceAccount'],
    [{ serviceAccount: 'a@b:generateIdToken?' }, 'serviceAccount'],
    [{ delegates: ['../x'] }, 'delegates'],
    [{ scopes: [] }, 'scopes'],
    [{ lifetimeMs: 50_000_000 }, 'lifetimeMs'],
    [{ lifetimeMs: NaN }, 'lifetimeMs'],
    [{ iamEndpoint: 'http://example.com' }, 'iamEndpoint'],
    [{ subject: 'ada@example.com', universeDomain: 'example.org' }, 'subject'],
    [{ scope: 'a' }, 'scope'],
  ])('is refused with %j', (more, path) => {
    const make = (): unknown => robot(more as never)
    expect(make).toThrow(ValidationError)
    expect(make).toThrow(path)
  })
})

describe('a service account', () => {
  test('[91] gets its ID tokens from IAM, with a token that it signs itself, in another universe', async () => {
    const idToken = jwt({ iat: NOW / 1000, exp: NOW / 1000 + 3600 })
    const at = scripted(() => json({ token: idToken }))
    const key = keyFile({ universe_domain: 'example.org', token_uri: 'https://oauth2.example.org/token' })
    const account = idTokenCredentials({ key, targetAudience: SERVICE, universeDomain: 'example.org' })
    await at.fetch(account, clock)(SERVICE)
    expect(at.asked).toHaveLength(1)
    expect(at.asked[0]!.url).toBe(
      `https://iamcredentials.example.org/v1/projects/-/serviceAccounts/${ROBOT}:generateIdToken`,
    )
    expect(bodyOf(at.asked[0]!)).toMatchObject({ audience: SERVICE, includeEmail: true })
    const bearer = at.asked[0]!.headers['authorization']!.replace('Bearer ', '')
    const [header, claims, signature] = bearer.split('.') as [string, string, string]
    expect(claimsOf(bearer)).toMatchObject({
      iss: ROBOT,
      sub: ROBOT,
      scope: 'https://www.googleapis.com/auth/iam',
    })
    const verify = createVerify('RSA-SHA256').update(`${header}.${claims}`)
    expect(verify.verify(publicKey, signature, 'base64url')).toBe(true)
    expect(at.calls[0]!.headers['authorization']).toBe(`Bearer ${idToken}`)
  })

  // Python has a private switch for this (_with_use_iam_endpoint), which is not offered here.
  test("[91] gets none from IAM in Google's own universe, unless it impersonates itself", async () => {
    const idToken = jwt({ iat: NOW / 1000, exp: NOW / 1000 + 3600 })
    const at = scripted(({ url }) =>
      json(url === TOKEN_URI ? { access_token: 'own', id_token: idToken } : { token: idToken }),
    )
    const key = keyFile()
    await at.fetch(idTokenCredentials({ key, targetAudience: SERVICE }), clock)(SERVICE)
    const self = impersonated({ source: serviceAccount({ key }), serviceAccount: ROBOT })
    await at.fetch(self.idToken(SERVICE), clock)(SERVICE)
    expect(at.asked.map(({ url }) => url)).toEqual([TOKEN_URI, TOKEN_URI, `${IAM}:generateIdToken`])
    expect(at.calls.map(({ headers }) => headers['authorization'])).toEqual([
      `Bearer ${idToken}`,
      `Bearer ${idToken}`,
    ])
  })
})
