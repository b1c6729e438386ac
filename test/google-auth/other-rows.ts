import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { generateKeyPairSync, verify } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  accessToken,
  adc,
  anonymous,
  apiKey,
  authorizedFetch,
  authorizedUser,
  authorizedUserFile,
  type Credentials,
  downscoped,
  externalAccount,
  externalAccountFile,
  iamSigner,
  impersonated,
  keySigner,
  metadataCredentials,
  serviceAccount,
  suppliedTokens,
  userCredentials,
  verifyIdToken,
} from 'discokit/auth'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { expect, vi } from 'vitest'
import type { RowTests } from '../examples/page-rows.ts'

const ADA = 'ada@example.com'
const ROBOT = 'robot@emulator-project.iam.gserviceaccount.com'
const SERVICE = 'https://my-service.a.run.app'

/** What another library's modules have beside the service account, each against an emulator of its own. */
export const otherRows: RowTests = {
  R1: withFolder(async ({ emulator, folder, status }) => {
    const file = join(folder, 'key.json')
    await writeFile(file, JSON.stringify(await emulator.serviceAccountKey()))
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', file)
    expect(await status(adc({ scopes: [READ] }))).toBe(200)
    expect(await adc().projectId()).toBe('emulator-project')
  }),
  R2: withEmulator(async ({ emulator, status }) => {
    const file = emulator.authorizedUser({ email: ADA })
    expect(await status(userCredentials(authorizedUser(file)))).toBe(200)
    const { clientId, clientSecret, refreshToken, tokenUri } = authorizedUser(JSON.stringify(file))
    expect(await status(userCredentials({ clientId, clientSecret, refreshToken, tokenUri }))).toBe(200)
    expect(authorizedUserFile(authorizedUser(file))).toMatchObject({ refresh_token: refreshToken })
    const accessToken = emulator.accessToken({ email: ADA })
    const expiresAt = emulator.clock.now() + 3_600_000
    expect(await status(suppliedTokens({ getToken: async () => ({ accessToken, expiresAt }) }))).toBe(200)
  }),
  R3: withEmulator(async ({ status, robot }) => {
    expect(await status(robot({ scopes: [READ], lifetimeMs: 600_000 }))).toBe(200)
  }),
  R4: withEmulator(async ({ claimsOf, robot }) => {
    expect(await claimsOf(robot().idToken(SERVICE))).toMatchObject({ aud: SERVICE, email: ROBOT })
  }),
  R5: withEmulator(async ({ status, claimsOf }) => {
    expect(await status(metadataCredentials())).toBe(200)
    expect(await claimsOf(metadataCredentials().idToken(SERVICE))).toMatchObject({ aud: SERVICE })
  }),
  R6: withEmulator(async ({ claimsOf }) => {
    vi.stubEnv('METADATA_SERVER_DETECTION', 'assume-present')
    expect(await claimsOf(adc().idToken(SERVICE))).toMatchObject({ aud: SERVICE })
  }),
  R7: withEmulator(async ({ emulator, tokenOf, robot }) => {
    const token = await tokenOf(robot().idToken(SERVICE))
    const { transport, clock } = emulator.connect()
    const options = { audience: SERVICE, transport, clock }
    expect(await verifyIdToken(token, options)).toMatchObject({ aud: SERVICE })
    await expect(verifyIdToken(token, { ...options, audience: 'other' })).rejects.toMatchObject({
      reason: 'wrong_audience',
    })
  }),
  R8: withFolder(async ({ emulator, folder, status }) => {
    const { file, subjectToken } = emulator.externalAccount({ serviceAccount: ROBOT })
    const path = join(folder, 'token')
    await writeFile(path, await subjectToken())
    const content = { ...file, credential_source: { file: path } }
    expect(await status(externalAccount(externalAccountFile(content)))).toBe(200)
  }),
  R9: withEmulator(async ({ emulator, status }) => {
    const file = emulator.externalAuthorizedUser({ email: ADA })
    expect(await status(userCredentials(authorizedUser(file)))).toBe(200)
  }),
  R10: withEmulator(async ({ status, robot }) => {
    const rules = [
      {
        availableResource: '//storage.googleapis.com/projects/_/buckets/photos',
        availablePermissions: ['inRole:roles/storage.objectViewer'],
      },
    ]
    const reader = downscoped({ source: robot(), rules })
    expect(await status(reader, 'https://storage.googleapis.com/storage/v1/b/photos/o')).toBe(200)
    expect(await status(reader, 'https://storage.googleapis.com/storage/v1/b/films/o')).toBe(403)
  }),
  R11: withEmulator(async ({ status, ada }) => {
    const signer = iamSigner({ source: ada, serviceAccount: ROBOT })
    expect(await status(serviceAccount({ signer, email: ROBOT }))).toBe(200)
  }),
  async R12() {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const data = new TextEncoder().encode('data')
    const signature = await keySigner({ privateKey: pem, algorithm: 'ES256' }).sign(data)
    expect(verify('sha256', data, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true)
  },
  R13: withEmulator(async ({ emulator, status }) => {
    expect(await status(accessToken(emulator.accessToken()))).toBe(200)
    expect(await status(anonymous())).toBe(401)
    const languages = 'https://translation.googleapis.com/language/translate/v2/languages'
    expect(await status(apiKey(emulator.apiKey()), languages)).toBe(200)
  }),
  R14: withFolder(async ({ folder, status }) => {
    const file = join(folder, 'gdch.json')
    await writeFile(file, '{"type":"gdch_service_account"}')
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', file)
    await expect(status(adc())).rejects.toThrow("'gdch_service_account' (Google Distributed Cloud)")
    const external = { type: 'external_account', audience: 'a', subject_token_type: 'b' }
    const certificate = { ...external, credential_source: { certificate: {} } }
    expect(() => externalAccountFile(certificate)).toThrow('X.509')
  }),
}

const READ = 'https://www.googleapis.com/auth/devstorage.read_only'
const BUCKETS = 'https://storage.googleapis.com/storage/v1/b?project=p'

/** An emulator in this process, where Ada may speak for the robot and there is a bucket. */
interface Place {
  readonly emulator: Emulator
  readonly ada: Credentials
  readonly robot: (more?: object) => ReturnType<typeof impersonated>
  readonly status: (credentials: Credentials, url?: string) => Promise<number>
  readonly tokenOf: (credentials: Credentials) => Promise<string>
  readonly claimsOf: (credentials: Credentials) => Promise<unknown>
}

function withEmulator(work: (place: Place) => Promise<void>): () => Promise<void> {
  return async () => {
    await using emulator = await createEmulator()
    emulator.allowImpersonation({ by: ADA, serviceAccount: ROBOT })
    const { transport, clock } = emulator.connect()
    const ada = accessToken(emulator.accessToken({ email: ADA }))
    const fetch = (credentials: Credentials) => authorizedFetch(credentials, { transport: transport!, clock })
    await fetch(ada)(BUCKETS, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"name":"photos"}',
    })
    const tokenOf = async (credentials: Credentials): Promise<string> => {
      const sent: string[] = []
      const noted: NonNullable<typeof transport> = (request, call) => {
        if (!request.url.startsWith(SERVICE)) return transport!(request, call)
        sent.push(request.headers['authorization']!.replace('Bearer ', ''))
        return transport!({ ...request, url: 'https://storage.googleapis.com/', headers: {} }, call)
      }
      await authorizedFetch(credentials, { transport: noted, clock, allowedOrigins: [SERVICE] })(SERVICE)
      return sent[0]!
    }
    await work({
      emulator,
      ada,
      robot: (more = {}) => impersonated({ source: ada, serviceAccount: ROBOT, ...more }),
      status: async (credentials, url = BUCKETS) => (await fetch(credentials)(url)).status,
      tokenOf,
      claimsOf: async (credentials) => {
        const [, claims = ''] = (await tokenOf(credentials)).split('.')
        return JSON.parse(Buffer.from(claims, 'base64url').toString()) as unknown
      },
    })
  }
}

function withFolder(
  work: (place: Place & { readonly folder: string }) => Promise<void>,
): () => Promise<void> {
  return async () => {
    const folder = await mkdtemp(join(tmpdir(), 'discokit-rows-'))
    try {
      await withEmulator((place) => work({ ...place, folder }))()
    } finally {
      await rm(folder, { recursive: true })
    }
  }
}
