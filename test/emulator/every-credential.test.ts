/** Each credential of the library is let in by the emulator, and calls an API. */
import { createPublicKey, createVerify } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, PermissionDeniedError, type Transport } from 'discokit'
import {
  adc,
  authorizedFetch,
  authorizedUser,
  type Credentials,
  downscoped,
  externalAccount,
  externalAccountFile,
  iamSigner,
  idTokenCredentials,
  impersonated,
  metadataCredentials,
  serviceAccount,
  userCredentials,
  verifyIdToken,
} from 'discokit/auth'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { say } from './speak.ts'

const CLOUD = 'https://www.googleapis.com/auth/cloud-platform'
const ROBOT = 'robot@p.iam.gserviceaccount.com'
const TARGET = 'target@p.iam.gserviceaccount.com'
const LAST = 'last@p.iam.gserviceaccount.com'

let emulator: Emulator
let url: string
let iamEndpoint: string
let folder: string
let key: object

beforeAll(async () => {
  emulator = await createEmulator()
  url = (await emulator.listen()).url
  iamEndpoint = `${url}/iamcredentials.googleapis.com`
  key = await emulator.serviceAccountKey({ email: ROBOT })
  folder = await mkdtemp(join(tmpdir(), 'discokit-test-'))
  emulator.allowImpersonation({ by: ROBOT, serviceAccount: TARGET })
  const headers = { authorization: `Bearer ${emulator.accessToken()}` }
  await say(emulator, 'POST /storage/v1/b?project=p', { headers, body: { name: 'box' } })
  for (const name of ['open/a.txt', 'secret/b.txt'])
    await say(emulator, 'POST /upload/storage/v1/b/box/o', {
      headers: { ...headers, 'content-type': 'text/plain' },
      query: { uploadType: 'media', name },
      body: 'content',
    })
})
afterAll(async () => {
  await emulator.close()
  await rm(folder, { recursive: true })
})

const robot = (more: object = {}): Credentials => serviceAccount({ key, scopes: [CLOUD], ...more })
/** Calls an API with a credential: the answer, and the token that the call came with. */
async function call(credentials: Credentials, path = '/storage/v1/b?project=p') {
  let token = ''
  const transport: Transport = async (request) => {
    token = request.headers['authorization']?.replace('Bearer ', '') ?? ''
    return emulator.handle(request)
  }
  const fetch = authorizedFetch(credentials, { allowedOrigins: [url], transport })
  const answer = await fetch(`${url}${path}`)
  return { status: answer.status, json: await answer.json(), token }
}

/** As whom a credential calls an API. */
async function caller(credentials: Credentials): Promise<unknown> {
  const { status, token } = await call(credentials)
  expect(status).toBe(200)
  const told = await say(emulator, 'POST /sts.googleapis.com/v1/introspect', {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ token }).toString(),
  })
  return told.json.sub
}

describe('the emulator lets in', () => {
  test('a service account', async () => expect(await caller(robot())).toBe(ROBOT))

  test('people, by each place where a client says who it is', async () => {
    const file = authorizedUser(emulator.authorizedUser({ email: 'ada@example.com' }))
    for (const clientAuthentication of ['body', 'basic'] as const)
      expect(await caller(userCredentials({ ...file, clientAuthentication }))).toBe('ada@example.com')
  })

  test('an account that another speaks for, through others too', async () => {
    const source = robot()
    expect(await caller(impersonated({ source, serviceAccount: TARGET, iamEndpoint }))).toBe(TARGET)
    const last = { source, serviceAccount: LAST, delegates: [TARGET], iamEndpoint }
    await expect(caller(impersonated(last))).rejects.toMatchObject({ reason: 'PERMISSION_DENIED' })
    emulator.allowImpersonation({ by: TARGET, serviceAccount: LAST })
    expect(await caller(impersonated(last))).toBe(LAST)
  })

  test('services that verify the ID tokens of each, by the keys that it has', async () => {
    const audience = 'https://me.example.com'
    vi.stubEnv('GCE_METADATA_HOST', url.replace('http://', ''))
    const { client_email } = await emulator.serviceAccountKey()
    const callers: [Credentials, string][] = [
      [idTokenCredentials({ key, targetAudience: audience }), ROBOT],
      [impersonated({ source: robot(), serviceAccount: TARGET, iamEndpoint }).idToken(audience), TARGET],
      [metadataCredentials().idToken(audience), client_email],
    ]
    for (const [credentials, email] of callers) {
      const { token } = await call(credentials)
      const verified = verifyIdToken(token, { audience, jwksUri: `${url}/oauth2/v3/certs` })
      expect(await verified).toMatchObject({ email, email_verified: true })
    }
  })

  test('an account whose assertions IAM signs, for itself and for people', async () => {
    const signer = iamSigner({ source: robot(), serviceAccount: TARGET, iamEndpoint })
    const tokenUri = `${url}/token`
    const signed = { signer, email: TARGET, tokenUri }
    expect(await caller(serviceAccount({ ...signed, scopes: [CLOUD] }))).toBe(TARGET)
    const scopes = ['https://www.googleapis.com/auth/drive']
    const subject = 'ada@example.com'
    for (const credentials of [
      serviceAccount({ ...signed, scopes, subject }),
      impersonated({ source: robot(), serviceAccount: TARGET, iamEndpoint, tokenUri, scopes, subject }),
    ]) {
      const { json } = await call(credentials, '/drive/v3/about?fields=user')
      expect(json).toMatchObject({ user: { emailAddress: subject } })
    }
  })

  test('what IAM has signed, as the keys of the account prove', async () => {
    const { signer } = impersonated({ source: robot(), serviceAccount: TARGET, iamEndpoint })
    const signature = await signer.sign(Buffer.from('content'))
    const { json } = await say(emulator, `GET /service_accounts/v1/jwk/${TARGET}`)
    const proofs = json.keys.map((jwk: object) =>
      createVerify('RSA-SHA256')
        .update('content')
        .verify(
          createPublicKey({ key: jwk, format: 'jwk' } as Parameters<typeof createPublicKey>[0]),
          signature,
        ),
    )
    expect(proofs.filter(Boolean)).toHaveLength(1)
  })

  test.each([undefined, TARGET])('a program for which another provider vouches, as %s', async (account) => {
    const { file, subjectToken, principal } = emulator.externalAccount(
      account === undefined ? {} : { serviceAccount: account },
    )
    const path = join(folder, 'subject-token')
    await writeFile(path, await subjectToken())
    const content = { ...file, credential_source: { file: path } }
    expect(await caller(externalAccount(externalAccountFile(content)))).toBe(account ?? principal)
  })

  test('each kind of file, found by default', async () => {
    const path = join(folder, 'default.json')
    const { file, subjectToken, principal } = emulator.externalAccount()
    const token = join(folder, 'found-token')
    await writeFile(token, await subjectToken())
    const { client_id, client_secret, refresh_token, token_uri } = emulator.authorizedUser({
      email: 'ada@example.com',
    })
    const person = { type: 'authorized_user', client_id, client_secret, refresh_token, token_uri }
    const files: [object, string][] = [
      [key, ROBOT],
      [person, 'ada@example.com'],
      [emulator.externalAuthorizedUser({ email: 'grace@example.com' }), 'grace@example.com'],
      [{ ...file, credential_source: { file: token } }, principal],
      [
        {
          type: 'impersonated_service_account',
          service_account_impersonation_url: `${iamEndpoint}/v1/projects/-/serviceAccounts/${TARGET}:generateAccessToken`,
          source_credentials: key,
          delegates: [],
        },
        TARGET,
      ],
    ]
    for (const [content, email] of files) {
      await writeFile(path, JSON.stringify(content))
      vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', path)
      expect(await caller(adc({ scopes: [CLOUD] }))).toBe(email)
    }
  })

  test('the machine that it stands in for', async () => {
    vi.stubEnv('GCE_METADATA_HOST', url.replace('http://', ''))
    const machine = metadataCredentials()
    const { client_email } = await emulator.serviceAccountKey()
    expect(await caller(machine)).toBe(client_email)
    expect(await machine.metadata('instance/zone')).toMatch(/^projects\//)
    expect(await machine.metadata('instance/service-accounts/default/?recursive=true')).toMatchObject({
      email: client_email,
    })
  })
})

test('a downscoped credential reads what it is left with and nothing besides', async () => {
  const reader = downscoped({
    source: robot(),
    tokenUri: `${url}/sts.googleapis.com/v1/token`,
    rules: [
      {
        availableResource: '//storage.googleapis.com/projects/_/buckets/box',
        availablePermissions: ['inRole:roles/storage.objectViewer'],
        availabilityCondition: {
          expression: "resource.name.startsWith('projects/_/buckets/box/objects/open/')",
        },
      },
    ],
  })
  await using google = createClient({ endpoint: url, auth: reader, cache: false })
  const { objects, buckets } = await google.discover('storage:v1')
  expect(await objects.get.download({ bucket: 'box', object: 'open/a.txt' }).text()).toBe('content')
  await expect(objects.get({ bucket: 'box', object: 'secret/b.txt' })).rejects.toBeInstanceOf(
    PermissionDeniedError,
  )
  await expect(objects.delete({ bucket: 'box', object: 'open/a.txt' })).rejects.toBeInstanceOf(
    PermissionDeniedError,
  )
  await expect(buckets.get({ bucket: 'box' })).rejects.toBeInstanceOf(PermissionDeniedError)
})
