/** Scenario 72: no error says a secret, whatever the kind of credential, whatever went wrong, and whatever a server repeats. */
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { DiscokitError, type HttpRequest, type Transport, TransportError } from 'discokit'
import {
  accessToken,
  adc,
  assertionCredentials,
  authorizedFetch,
  authorizedUser,
  type Credentials,
  downscoped,
  exchangeCode,
  externalAccount,
  externalAccountFile,
  gcloudCli,
  iamSigner,
  idTokenCredentials,
  impersonated,
  keySigner,
  revokeToken,
  serviceAccount,
  suppliedTokens,
  userCredentials,
} from 'discokit/auth'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { responseBody } from '../../../src/protocol/http-body.ts'
import { API, type Scripted, SERVICE } from '../endpoint.ts'
import { keyFile, PKCS8, TOKEN_URI } from '../keys.ts'
import { type Programs, programFolder } from '../programs.ts'
import { withoutWaiting } from '../waits.ts'

const clock = { now: () => 1_767_225_600_000 }
const ROBOT = 'robot@p.iam.gserviceaccount.com'
const POOL = '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q'

/** What nobody may see, by what it is. They look like the real ones. */
const SECRETS = {
  accessToken: 'ya29.a0-CANARY-access-token-0123456789abcdef',
  refreshToken: '1//0CANARY-refresh_token-0123456789abcdef',
  clientSecret: 'GOCSPX-CANARY+client/secret"0123456789',
  subjectToken: 'eyJhbGciOiJSUzI1NiJ9.Q0FOQVJZLXN1YmplY3QtdG9rZW4.c2lnbmF0dXJlLW9mLWl0',
  code: '4/0CANARY-code-of-a-consent-0123456789',
  codeVerifier: 'CANARY-verifier-0123456789-0123456789-0123456789',
  awsSecret: 'CANARY/aws+secret/access/key/0123456789',
  awsSession: 'CANARY-aws-session-token/0123456789abcdef',
  privateKey: PKCS8,
}

describe('no error of', () => {
  type Act = (transport: Transport) => Promise<unknown>
  const call =
    (make: () => Credentials): Act =>
    (transport) =>
      authorizedFetch(make(), { transport, clock, allowedOrigins: [SERVICE] })(API)
  const client = { clientId: 'the-client', clientSecret: SECRETS.clientSecret }
  const user = { ...client, refreshToken: SECRETS.refreshToken }
  const code =
    (clientAuthentication: 'body' | 'basic'): Act =>
    (transport) =>
      exchangeCode({
        ...client,
        clientAuthentication,
        code: SECRETS.code,
        codeVerifier: SECRETS.codeVerifier,
        redirectUri: 'https://example.com/back',
        transport,
        clock,
      })
  const source = accessToken(SECRETS.accessToken)
  const external = {
    audience: POOL,
    subjectTokenType: 'urn:ietf:params:oauth:token-type:jwt',
    subjectToken: async () => SECRETS.subjectToken,
  }
  const aws = {
    type: 'external_account',
    audience: POOL,
    subject_token_type: 'urn:ietf:params:aws:token-type:aws4_request',
    token_url: 'https://sts.googleapis.com/v1/token',
    credential_source: {
      environment_id: 'aws1',
      regional_cred_verification_url:
        'https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15',
    },
  }
  const ecKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()
  const sts = (url: string): Scripted | undefined =>
    url.includes('//sts.')
      ? {
          text: JSON.stringify({ access_token: SECRETS.accessToken, token_type: 'Bearer', expires_in: 3600 }),
        }
      : undefined

  type First = (url: string) => Scripted | undefined
  const kinds: [name: string, act: Act, first?: First][] = [
    ['a service account', call(() => serviceAccount({ key: keyFile() }))],
    [
      'a service account that acts for somebody',
      call(() => serviceAccount({ key: keyFile(), subject: 'a@b.c' })),
    ],
    ['an ID token', call(() => idTokenCredentials({ key: keyFile(), targetAudience: SERVICE }))],
    [
      'an ID token of another universe',
      call(() =>
        idTokenCredentials({
          key: keyFile({ token_uri: undefined }),
          targetAudience: SERVICE,
          universeDomain: 'apis.example.test',
        }),
      ),
    ],
    [
      'an assertion',
      call(() =>
        assertionCredentials({
          tokenEndpoint: 'https://auth.example.com/token',
          issuer: 'me',
          signer: keySigner({ privateKey: ecKey, algorithm: 'ES256' }),
        }),
      ),
    ],
    ['a person', call(() => userCredentials(user))],
    ['a person, in a header', call(() => userCredentials({ ...user, clientAuthentication: 'basic' }))],
    ['a person whose consent is taken back', (transport) => userCredentials(user).revoke({ transport })],
    [
      'a person whose consent is taken back, in a header',
      (transport) => userCredentials({ ...user, clientAuthentication: 'basic' }).revoke({ transport }),
    ],
    ['a token that is taken back', (transport) => revokeToken(SECRETS.accessToken, { transport })],
    ['a code', code('body')],
    ['a code, in a header', code('basic')],
    ['an external account', call(() => externalAccount(external))],
    ['an external account with a client', call(() => externalAccount({ ...external, ...client }))],
    [
      'an external account that impersonates',
      call(() => externalAccount({ ...external, serviceAccount: ROBOT })),
      sts,
    ],
    ['an external account of Amazon', call(() => externalAccount(externalAccountFile(aws)))],
    [
      'a downscoped credential',
      call(() =>
        downscoped({
          source,
          rules: [
            {
              availableResource: '//storage.googleapis.com/projects/_/buckets/b',
              availablePermissions: ['inRole:roles/storage.objectViewer'],
            },
          ],
        }),
      ),
    ],
    ['an impersonated account', call(() => impersonated({ source, serviceAccount: ROBOT }))],
    [
      'an impersonated account that acts for somebody',
      call(() => impersonated({ source, serviceAccount: ROBOT, subject: 'a@b.c' })),
    ],
    [
      'an impersonated account that acts for somebody, at the endpoint',
      call(() => impersonated({ source, serviceAccount: ROBOT, subject: 'a@b.c' })),
      (url) =>
        url.endsWith(':signJwt') ? { text: JSON.stringify({ signedJwt: SECRETS.subjectToken }) } : undefined,
    ],
    [
      'the ID token of an impersonated account',
      call(() => impersonated({ source, serviceAccount: ROBOT }).idToken(SERVICE)),
    ],
    [
      'a signer of IAM',
      call(() => serviceAccount({ signer: iamSigner({ source, serviceAccount: ROBOT }), email: ROBOT })),
    ],
  ]

  /** What was sent, in every form in which a server might repeat it. */
  function sent({ headers, body, url }: HttpRequest): readonly string[] {
    const text = typeof body === 'string' ? body : ''
    const authorization = headers['authorization'] ?? ''
    const login = authorization.replace(/^\S+ /, '')
    const decoded = authorization.startsWith('Basic ') ? atob(login) : ''
    const values = text.startsWith('{') ? [] : [...new URLSearchParams(text).values()]
    return [text, url, authorization, login, decoded, decodeURIComponent(decoded), ...values].filter(Boolean)
  }
  const json = (status: number, content: object): Scripted => ({ status, text: JSON.stringify(content) })
  const withEach = (make: (said: string) => Scripted) => (request: HttpRequest, index: number) => {
    const said = sent(request)
    return make(said[index % said.length]!)
  }
  const all = (request: HttpRequest): string => sent(request).join(' ')

  const failures: [name: string, answer: (request: HttpRequest, index: number) => Scripted][] = [
    [
      'a description',
      (r) => json(400, { error: 'invalid_grant', error_description: all(r), error_uri: all(r) }),
    ],
    [
      'a long description',
      (r) => json(400, { error: 'x', error_description: `${'.'.repeat(290)}${all(r)}` }),
    ],
    ['an error', (r) => json(401, { error: all(r), error_description: 'no', error_subtype: all(r) })],
    [
      'a status of IAM',
      (r) => json(403, { error: { code: 403, message: all(r), status: all(r), details: [all(r)] } }),
    ],
    ['a passing error', withEach((said) => json(503, { error: said, error_description: said }))],
    ['a passing status of IAM', withEach((said) => json(503, { error: { message: said, status: said } }))],
    ['a web page', (r) => ({ status: 404, text: `<html>${all(r)}</html>` })],
    ['a web page with 200', (r) => ({ text: `<html>${all(r)}</html>` })],
    ['JSON that breaks off', (r) => ({ text: `{"access_token":"${all(r)}` })],
    [
      'a token that is none',
      (r) =>
        json(200, {
          access_token: 7,
          accessToken: 7,
          token: 7,
          id_token: all(r),
          expires_in: all(r),
          token_type: all(r),
        }),
    ],
    [
      'a type that is none',
      (r) =>
        json(200, {
          access_token: SECRETS.accessToken,
          accessToken: SECRETS.accessToken,
          expireTime: all(r),
          token_type: all(r),
          expires_in: all(r),
          token: all(r),
          id_token: all(r),
          signedJwt: SECRETS.subjectToken,
          signedBlob: all(r),
        }),
    ],
    ['a redirection', (r) => ({ status: 302, headers: { location: `https://example.com/?${all(r)}` } })],
    [
      'a connection that broke',
      () => {
        throw new TransportError('the connection broke', { reason: 'ECONNRESET', progress: 'sent' })
      },
    ],
  ]

  afterEach(() => vi.unstubAllEnvs())

  describe.each<[name: string, act: Act, first?: First]>(kinds)(
    '%s says a secret',
    (kind, act, first = () => undefined) => {
      test.each(failures)('[72] that is repeated in %s', async (__, answer) => {
        vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIACANARY')
        vi.stubEnv('AWS_SECRET_ACCESS_KEY', SECRETS.awsSecret)
        vi.stubEnv('AWS_SESSION_TOKEN', SECRETS.awsSession)
        vi.stubEnv('AWS_REGION', 'us-east-1')
        const secrets: string[] = Object.values(SECRETS)
        let index = 0
        const transport: Transport = async (request) => {
          secrets.push(...madeFor(request))
          const { status = 200, headers = {}, text = '' } = first(request.url) ?? answer(request, index++)
          return { status, headers, body: responseBody(text) }
        }
        const { result: error } = await withoutWaiting(() =>
          act(transport).catch((reason: unknown) => reason),
        )
        expect(index).toBeGreaterThan(0)
        if (error === undefined) expect(kind).toContain('taken back') // of which 200 is enough
        else expectNoSecret(error, secrets)
      })
    },
  )

  /** The secrets that are made anew for each request. */
  function madeFor({ headers, body }: HttpRequest): string[] {
    const fields = new URLSearchParams(typeof body === 'string' && !body.startsWith('{') ? body : '')
    const subject = fields.get('subject_token') ?? ''
    const signature = /Signature=([0-9a-f]{64})/.exec(decodeURIComponent(subject))?.[1]
    return [
      fields.get('assertion'),
      fields.get('assertion')?.split('.')[2],
      headers['authorization']?.replace(/^\S+ /, ''),
      signature,
    ].filter((secret): secret is string => Boolean(secret))
  }
})

describe('no error says a secret of', () => {
  let programs: Programs
  let folder: string
  beforeAll(async () => {
    programs = await programFolder()
    folder = await mkdtemp(join(tmpdir(), 'discokit-secrets-'))
  })
  afterAll(() => Promise.all([programs.remove(), rm(folder, { recursive: true })]))
  afterEach(() => vi.unstubAllEnvs())

  const S = SECRETS
  const files: readonly (readonly [name: string, content: unknown])[] = [
    ['JSON that breaks off', `{"type":"service_account","private_key":${JSON.stringify(PKCS8)}`],
    ['text', `${S.refreshToken}\n${PKCS8}`],
    ['a key', PKCS8],
    ['a text in JSON', JSON.stringify(S.refreshToken)],
    ['a list', JSON.stringify([S.refreshToken, PKCS8])],
    ['a file of no type', { private_key: PKCS8, refresh_token: S.refreshToken }],
    ['a type that is none', { type: S.refreshToken, private_key: PKCS8 }],
    [
      'a key that is none',
      keyFile({ private_key: `-----BEGIN PRIVATE KEY-----\n${S.awsSecret}\n-----END PRIVATE KEY-----` }),
    ],
    ['a key of one line', keyFile({ private_key: PKCS8.replaceAll('\n', ' ') })],
    ['a key that breaks off', keyFile({ private_key: PKCS8.slice(0, 400) })],
    ['half a key', keyFile({ private_key: `${PKCS8.slice(0, 400)}\n-----END PRIVATE KEY-----` })],
    ['a key without an address', keyFile({ client_email: undefined })],
    [
      'a login in the address',
      keyFile({ token_uri: `https://a:${encodeURIComponent(S.clientSecret)}@oauth2.googleapis.com/token` }),
    ],
    ['a query in the address', keyFile({ token_uri: `${TOKEN_URI}?key=${S.code}` })],
    ['a person without a client', { type: 'authorized_user', refresh_token: S.refreshToken }],
    [
      'a secret that is no text',
      {
        type: 'authorized_user',
        client_id: 'c',
        client_secret: [S.clientSecret],
        refresh_token: S.refreshToken,
      },
    ],
    [
      'a token that is none',
      {
        type: 'authorized_user',
        client_id: 'c',
        refresh_token: S.refreshToken,
        token: `${S.accessToken}\n`,
        expiry: '2026-01-01T00:00:00Z',
      },
    ],
    [
      'an end that is none',
      {
        type: 'authorized_user',
        client_id: 'c',
        refresh_token: S.refreshToken,
        token: S.accessToken,
        expiry: S.accessToken,
      },
    ],
    [
      'scopes that are none',
      { type: 'authorized_user', client_id: 'c', refresh_token: S.refreshToken, scopes: [S.refreshToken, 7] },
    ],
    [
      'an external account without a type',
      { type: 'external_account', audience: POOL, client_secret: S.clientSecret },
    ],
    [
      'a source that is none',
      {
        type: 'external_account',
        audience: POOL,
        subject_token_type: 'urn:x',
        client_secret: S.clientSecret,
        credential_source: {
          url: `https://example.com/?t=${S.code}`,
          file: S.code,
          headers: { authorization: `Bearer ${S.accessToken}` },
        },
      },
    ],
    [
      'headers that are none',
      {
        type: 'external_account',
        audience: POOL,
        subject_token_type: 'urn:x',
        credential_source: {
          url: 'https://example.com/',
          headers: { authorization: `Bearer ${S.accessToken}\n` },
        },
      },
    ],
    [
      'a source that cannot be',
      {
        type: 'impersonated_service_account',
        service_account_impersonation_url:
          'https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/a@b.c:generateAccessToken',
        source_credentials: { type: 'authorized_user', refresh_token: S.refreshToken },
      },
    ],
  ]

  test.each(files)('[72] a file with %s', async (name, content) => {
    const text = typeof content === 'string' ? content : JSON.stringify(content)
    const path = join(folder, `${name.replaceAll(' ', '-')}.json`)
    await writeFile(path, text)
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', path)
    const transport: Transport = () => Promise.reject(new Error('nobody is asked'))
    const fails = async (make: () => Credentials): Promise<void> => {
      const work = async () => authorizedFetch(make(), { transport, clock })(API)
      expectNoSecret(await failureOf(work()), Object.values(SECRETS))
    }
    await fails(() => adc())
    await fails(() => serviceAccount({ key: text }))
    await fails(() => serviceAccount({ keyFile: path }))
    await fails(() => userCredentials(authorizedUser(text)))
    await fails(() => externalAccount(externalAccountFile(text)))
  })

  test.each<[string, () => unknown]>([
    ['the key of a signer', () => keySigner({ privateKey: PKCS8.slice(0, 300) }).sign(new Uint8Array())],
    [
      'a key of another kind',
      () => keySigner({ privateKey: PKCS8, algorithm: 'ES256' }).sign(new Uint8Array()),
    ],
    ['an access token', () => accessToken(`${S.accessToken}\n`)],
    ['a token to take back', () => revokeToken(`${S.accessToken}\n`)],
    [
      'a token at hand',
      () =>
        userCredentials({
          clientId: 'c',
          refreshToken: S.refreshToken,
          clientSecret: S.clientSecret,
          token: { accessToken: `${S.accessToken}\n`, expiresAt: NaN },
        }),
    ],
    ['a misspelt option', () => userCredentials({ clientId: 'c', refresh: S.refreshToken } as never)],
    ['an option that is none', () => userCredentials({ clientId: 'c', refreshToken: { S } } as never)],
    [
      'a verifier',
      () =>
        exchangeCode({
          clientId: 'c',
          code: S.code,
          redirectUri: 'https://example.com/',
          codeVerifier: `${S.codeVerifier}!`,
        }),
    ],
    ['an address', () => exchangeCode({ clientId: 'c', code: S.code, redirectUri: S.code })],
    [
      'an address for tokens',
      () =>
        userCredentials({
          clientId: 'c',
          refreshToken: S.refreshToken,
          tokenUri: `https://a:${S.code}@example.com/token`,
        }),
    ],
  ])('[72] options: %s', async (_, make) => {
    expectNoSecret(await failureOf((async () => make())()), Object.values(SECRETS))
  })

  test.each([
    ['no token', { accessToken: `${S.accessToken} ${S.code}`, expiresAt: 1 }],
    ['no end', { accessToken: S.accessToken, expiresAt: S.code }],
    ['an end', { accessToken: S.accessToken, expiresAt: 1 }],
  ])('[72] a function that gives %s', async (_, given) => {
    const credentials = suppliedTokens({ getToken: () => given as never })
    const transport: Transport = () => Promise.reject(new Error('nobody is asked'))
    expectNoSecret(
      await failureOf(authorizedFetch(credentials, { transport, clock })(API)),
      Object.values(SECRETS),
    )
  })

  test.each([
    [
      'that fails',
      `console.log(${JSON.stringify(S.accessToken)}); console.error('Bearer ' + ${JSON.stringify(S.accessToken)}); process.exitCode = 1`,
    ],
    ['that says no JSON', `console.log(${JSON.stringify(S.accessToken)})`],
    [
      'whose token is none',
      `print({ credential: { access_token: ${JSON.stringify(`${S.accessToken} ${S.code}`)}, token_expiry: ${JSON.stringify(S.code)} } })`,
    ],
  ])('[72] a gcloud %s', async (_, code) => {
    const command = await programs.write('gcloud', code)
    const transport: Transport = () => Promise.reject(new Error('nobody is asked'))
    const work = authorizedFetch(gcloudCli({ command }), { transport, clock })(API)
    expectNoSecret(await failureOf(work), Object.values(SECRETS))
  })
})

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => expect.unreachable('it did not fail'),
    (error: unknown) => error,
  )
}

/** Looks at all that a program may log of an error, for any piece of a secret of sixteen characters. */
function expectNoSecret(error: unknown, secrets: readonly string[]): void {
  expect(error).toBeInstanceOf(DiscokitError)
  const texts: string[] = []
  for (let each = error, depth = 0; each instanceof Error && depth < 10; each = each.cause, depth++)
    texts.push(String(each), JSON.stringify(each), inspect(each, { depth: 10 }), each.stack ?? '')
  const shown = texts.join('\n').replaceAll(/^ +at .*$/gm, '')
  for (const secret of secrets)
    for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
      for (const piece of piecesOf(form)) expect(shown).not.toContain(piece)
}

function piecesOf(secret: string): string[] {
  const text = secret.replaceAll(/-----[A-Z ]+-----/g, '')
  const starts = Array.from(
    { length: Math.max(1, Math.ceil((text.length - PIECE) / 8) + 1) },
    (_, i) => i * 8,
  )
  return starts.map((at) => text.slice(at, at + PIECE)).filter((piece) => piece.length === PIECE)
}

const PIECE = 16
