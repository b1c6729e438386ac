import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { verify } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from 'discokit'
import {
  adc,
  bearerToken,
  type Credentials,
  iamSigner,
  idTokenCredentials,
  keySigner,
  serviceAccount,
  userCredentials,
} from 'discokit/auth'
import { createEmulator } from 'discokit/emulator'
import { type LoginTokens, type OAuthClient, oauthClient } from 'discokit/login'
import { savedAccount } from 'discokit/node'
import { expect, vi } from 'vitest'
import { claimsOf } from '../auth/claims.ts'
import { API, endpoint } from '../auth/endpoint.ts'
import { keyFile, publicKey } from '../auth/keys.ts'
import type { RowTests } from '../examples/page-rows.ts'
import { otherRows } from './other-rows.ts'

const EMAIL = 'robot@p.iam.gserviceaccount.com'
const SERVICE = 'https://my-service.a.run.app'

/** What Node's library has. Where Python's has the same, the row of that one tests it. */
export const nodeRows: RowTests = {
  N1: otherRows['R1']!,
  async N2() {
    await withKeyFile(async (path) => expect(await tokenOf(serviceAccount({ keyFile: path }))).toBe('t0'))
  },
  N3: async () => expect(await tokenOf(serviceAccount({ key: keyFile() }))).toBe('t0'),
  async N4() {
    const { private_key: privateKey } = keyFile() as { private_key: string }
    const signer = keySigner({ privateKey, keyId: 'k' })
    const credentials = serviceAccount({ email: EMAIL, signer, scopes: ['a'], subject: 'ada@example.com' })
    const google = endpoint()
    await google.fetch(credentials)(API)
    expect(claimsOf(google.forms[0]!.get('assertion')!)).toMatchObject({ iss: EMAIL, sub: 'ada@example.com' })
  },
  N5: async () => expect(await tokenOf(serviceAccount({ key: keyFile() }))).toBe('t0'),
  async N6() {
    const account = serviceAccount({ key: keyFile(), alwaysUseJwtAccess: true })
    const headers = await account.beforeRequest(API)
    const audience = { aud: 'https://storage.googleapis.com/' }
    expect(claimsOf(headers['authorization']!)).toMatchObject(audience)
    expect(claimsOf(await bearerToken(account, { url: API }))).toMatchObject(audience)
  },
  async N7() {
    const google = endpoint()
    const body = JSON.stringify({ name: 'a' })
    await google.fetch(serviceAccount({ key: keyFile() }))(API, { method: 'POST', body })
    expect(google.calls[0]).toMatchObject({ method: 'POST', body })
  },
  N8: otherRows['R6']!,
  async N9() {
    const idToken = `e30.${Buffer.from('{"exp":9999999999,"iat":9999996399}').toString('base64url')}.c2ln`
    const google = endpoint(() => ({ text: JSON.stringify({ id_token: idToken }) }))
    const credentials = idTokenCredentials({ key: keyFile(), targetAudience: SERVICE })
    const clock = { now: () => 9_999_996_399_000 }
    expect(await bearerToken(credentials, { transport: google.transport, clock })).toBe(idToken)
  },
  async N10() {
    await withKeyFile(async (path) => {
      vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', path)
      expect(await adc().projectId()).toBe('p')
    })
  },
  async N11() {
    const data = new TextEncoder().encode('data')
    const signature = await serviceAccount({ key: keyFile() }).signBytes(data)
    expect(verify('sha256', data, publicKey, signature)).toBe(true)
    expect(iamSigner({ source: adc(), serviceAccount: EMAIL }).sign).toBeTypeOf('function')
  },
  N12: otherRows['R3']!,
  N13: otherRows['R2']!,
  async N14() {
    await otherRows['R8']!()
    await otherRows['R10']!()
  },
  N15: otherRows['R7']!,
  N16: () => signingIn(({ client }) => expect(client.isReady()).toBe(true)),
  N17: () =>
    signingIn(async ({ client }) => {
      const { url } = await client.authorizationUrl({ accessType: 'offline', prompt: 'consent' })
      const parameters = { access_type: 'offline', prompt: 'consent', code_challenge_method: 'S256' }
      expect(Object.fromEntries(new URL(url).searchParams)).toMatchObject(parameters)
    }),
  N18: () => signingIn(async ({ finish }) => expect(await finish()).toHaveProperty('refreshToken')),
  N19: () =>
    signingIn(async ({ client, finish, files }) => {
      const { refreshToken } = await finish()
      const tokens = {
        access_token: 'gone',
        refresh_token: refreshToken,
        expiry_date: 1,
        token_type: 'Bearer',
      }
      const saved = vi.fn()
      expect(await files(userCredentials({ client, tokens, onTokens: saved }))).toEqual([])
      expect(saved.mock.calls).toEqual([[expect.objectContaining({ refreshToken })]])
    }),
  N20: () =>
    signingIn(async ({ client, finish }) => {
      const tokens = await client.refresh(await finish())
      expect(await client.tokenInfo(tokens)).toMatchObject({ aud: client.clientId })
      await client.revoke(tokens)
      await expect(client.refresh(tokens)).rejects.toMatchObject({ reason: 'invalid_grant' })
    }),
  N21: () =>
    signingIn(async ({ client, finish, files }) => {
      const { refreshToken: refresh_token } = await finish()
      const { clientId: client_id, clientSecret: client_secret } = client.registration()
      const text = JSON.stringify({ type: 'authorized_user', client_id, client_secret, refresh_token })
      expect(await files(userCredentials({ tokens: text }))).toEqual([])
      expect(savedAccount()).toHaveProperty('headers')
    }),
}

/** What somebody signs in with, who consents at once. */
interface SigningIn {
  readonly client: OAuthClient
  finish(): Promise<LoginTokens>
  /** What a call gives. */
  files(auth: Credentials): Promise<unknown>
}

async function signingIn(work: (given: SigningIn) => Promise<void> | void): Promise<void> {
  await using emulator = await createEmulator()
  const redirectUri = 'https://app.example.com/back'
  const { clientId, clientSecret } = emulator.oauthClient({ redirectUris: [redirectUri] })
  const { transport, clock } = emulator.connect()
  const scopes = ['https://www.googleapis.com/auth/drive.file']
  const client = oauthClient({ clientId, clientSecret, redirectUri, scopes, transport, clock })
  await work({
    client,
    async finish() {
      const { url, request } = await client.authorizationUrl({ accessType: 'offline' })
      return client.finish(emulator.consent(url, { email: 'ada@example.com' }), request)
    },
    async files(auth) {
      const drive = await createClient({ ...emulator.connect(), auth }).discover('drive:v3')
      return (await drive['files'].list()).files
    },
  })
}

const tokenOf = (credentials: Credentials): Promise<string> =>
  bearerToken(credentials, { transport: endpoint().transport })

async function withKeyFile(work: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'discokit-rows-'))
  try {
    const path = join(folder, 'key.json')
    await writeFile(path, JSON.stringify(keyFile()))
    await work(path)
  } finally {
    await rm(folder, { recursive: true })
  }
}
