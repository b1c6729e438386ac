/** Google's own library judges the emulator: each of its credentials is let in, and calls an API. */
import { createVerify, X509Certificate } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEmulator, type Emulator } from 'discokit/emulator'
import {
  type AuthClient,
  Compute,
  DownscopedClient,
  ExternalAccountAuthorizedUserClient,
  ExternalAccountClient,
  gaxios,
  GoogleAuth,
  type GoogleAuthOptions,
  Impersonated,
  JWT,
  OAuth2Client,
  UserRefreshClient,
} from 'google-auth-library'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'

const CLOUD = 'https://www.googleapis.com/auth/cloud-platform'
const READ_ONLY = 'https://www.googleapis.com/auth/devstorage.read_only'
const ROBOT = 'robot@p.iam.gserviceaccount.com'
const OTHER = 'other@p.iam.gserviceaccount.com'
const AUDIENCE = 'https://my-service.a.run.app'
const STORAGE = 'https://storage.googleapis.com/storage/v1/b'

let emulator: Emulator
let url: string
let folder: string
let key: Awaited<ReturnType<Emulator['serviceAccountKey']>>

beforeAll(async () => {
  emulator = await createEmulator()
  url = (await emulator.listen()).url
  key = await emulator.serviceAccountKey({ email: ROBOT })
  folder = await mkdtemp(join(tmpdir(), 'discokit-peers-'))
  const owner = people()
  for (const name of ['box', 'closed-box'])
    await owner.request({ url: `${STORAGE}?project=p`, method: 'POST', data: { name } })
  for (const name of ['open/a.txt', 'secret/b.txt'])
    await upload(
      owner,
      `https://storage.googleapis.com/upload/storage/v1/b/box/o?uploadType=media&name=${name}`,
    )
})
afterAll(async () => {
  await emulator.close()
  await rm(folder, { recursive: true })
})
beforeEach(() => emulator.journal.clear())

/** Leads every request to a host of Google's to the emulator, below the name of that host. */
function transporter(): gaxios.Gaxios {
  const made = new gaxios.Gaxios()
  made.interceptors.request.add({
    resolved: async (config) => {
      if (config.url.hostname.endsWith('.googleapis.com'))
        config.url = new URL(`${url}/${config.url.hostname}${config.url.pathname}${config.url.search}`)
      return config
    },
  })
  return made
}

const account = (more: object = {}): JWT =>
  new JWT({
    email: key.client_email,
    key: key.private_key,
    keyId: key.private_key_id,
    scopes: [CLOUD],
    transporter: transporter(),
    ...more,
  })
function people(more: object = {}): UserRefreshClient {
  const { client_id, client_secret, refresh_token } = emulator.authorizedUser({ email: 'ada@example.com' })
  return new UserRefreshClient({
    clientId: client_id,
    clientSecret: client_secret,
    refreshToken: refresh_token,
    transporter: transporter(),
    ...more,
  })
}
const upload = (client: AuthClient, to: string) =>
  client.request({ url: to, method: 'POST', data: 'content', headers: { 'content-type': 'text/plain' } })

/** Calls an API, and says which buckets there are. */
async function buckets(client: Pick<AuthClient, 'request'>): Promise<string[]> {
  const { data } = await client.request<{ items: { name: string }[] }>({ url: `${STORAGE}?project=p` })
  return data.items.map(({ name }) => name)
}
/** The claims of an ID token that the library itself has verified, by the certificates of the emulator. */
async function verified(idToken: string, audience = AUDIENCE): Promise<object> {
  const client = new OAuth2Client({ transporter: transporter() })
  return (await client.verifyIdToken({ idToken, audience })).getPayload()!
}
const asked = (): string[] => emulator.journal.exchanges.map(({ path }) => path.split('?', 1)[0]!)
const refusal = (status: number, message: unknown = expect.anything()): object => ({ status, message })

describe('JWT', () => {
  test('signs an assertion, exchanges it, and calls an API', async () => {
    expect(await buckets(account())).toEqual(['box', 'closed-box'])
    expect(asked()).toEqual(['/oauth2.googleapis.com/token', '/storage.googleapis.com/storage/v1/b'])
  })

  test('is kept to its scopes', async () => {
    const client = account({ scopes: [READ_ONLY] })
    expect(await buckets(client)).toEqual(['box', 'closed-box'])
    const insert = client.request({ url: `${STORAGE}?project=p`, method: 'POST', data: { name: 'more' } })
    await expect(insert).rejects.toMatchObject(refusal(403))
  })

  test('is refused with another key than its own', async () => {
    const { private_key } = await emulator.serviceAccountKey({ email: OTHER })
    await expect(buckets(account({ key: private_key }))).rejects.toMatchObject(
      refusal(400, expect.stringContaining('Invalid JWT Signature.')),
    )
  })

  test('gets an ID token', async () => {
    expect(await verified(await account().fetchIdToken(AUDIENCE))).toMatchObject({
      iss: 'https://accounts.google.com',
      email: ROBOT,
      email_verified: true,
      sub: key.client_id,
    })
  })

  test.each([
    { by: 'audience', more: { scopes: [], defaultServicePath: 'storage.googleapis.com' } },
    { by: 'scope', more: { useJWTAccessWithScope: true } },
  ])('calls with what it has signed itself, limited by $by, and asks nobody', async ({ more }) => {
    const client = account()
    Object.assign(client, more)
    expect(await buckets(client)).toEqual(['box', 'closed-box'])
    expect(asked()).toEqual(['/storage.googleapis.com/storage/v1/b'])
  })
})

describe('UserRefreshClient', () => {
  test('exchanges a refresh token and calls an API', async () => {
    expect(await buckets(people())).toEqual(['box', 'closed-box'])
    expect(asked()).toEqual(['/oauth2.googleapis.com/token', '/storage.googleapis.com/storage/v1/b'])
  })

  test('asks what its token stands for', async () => {
    const client = people()
    const { token } = await client.getAccessToken()
    const info = await client.getTokenInfo(token!)
    expect(info).toMatchObject({ email: 'ada@example.com', email_verified: 'true' })
    expect(info.scopes).toContain(CLOUD)
    expect(info.expiry_date).toBeGreaterThan(Date.now())
  })

  test('gets an ID token, which is for its client', async () => {
    const client = people()
    const idToken = await client.fetchIdToken(AUDIENCE)
    expect(await verified(idToken, client._clientId)).toMatchObject({ email: 'ada@example.com' })
  })

  test('takes its consent back', async () => {
    const client = people()
    const { token } = await client.getAccessToken()
    await client.revokeToken(token!)
    await expect(client.getTokenInfo(token!)).rejects.toMatchObject(refusal(400))
    await expect(client.refreshAccessToken()).rejects.toMatchObject(refusal(400, 'invalid_grant'))
  })
})

describe('Impersonated', () => {
  const target = 'target@p.iam.gserviceaccount.com'
  const speaking = (more: object = {}): Impersonated =>
    new Impersonated({
      sourceClient: account(),
      targetPrincipal: target,
      targetScopes: [CLOUD],
      transporter: transporter(),
      ...more,
    })
  beforeAll(() => emulator.allowImpersonation({ by: ROBOT, serviceAccount: target }))

  test('gets an access token and calls an API as the other', async () => {
    const client = speaking({ targetScopes: [CLOUD, 'email'], lifetime: 600 })
    expect(await buckets(client)).toEqual(['box', 'closed-box'])
    const { token } = await client.getAccessToken()
    const info = await new OAuth2Client({ transporter: transporter() }).getTokenInfo(token!)
    expect(info.email).toBe(target)
    expect(info.expiry_date - Date.now()).toBeLessThanOrEqual(600_000)
  })

  test('goes through delegates, each of whom must have been let', async () => {
    const client = (): Impersonated =>
      speaking({
        targetPrincipal: 'last@p.iam.gserviceaccount.com',
        delegates: [`projects/-/serviceAccounts/${target}`],
      })
    await expect(buckets(client())).rejects.toMatchObject(
      refusal(
        403,
        expect.stringContaining("Permission 'iam.serviceAccounts.getAccessToken' denied on resource"),
      ),
    )
    emulator.allowImpersonation({ by: target, serviceAccount: 'last@p.iam.gserviceaccount.com' })
    expect(await buckets(client())).toEqual(['box', 'closed-box'])
  })

  test('gets an ID token', async () => {
    const facts = await verified(await speaking().fetchIdToken(AUDIENCE))
    expect(facts).toMatchObject({ aud: AUDIENCE, email: target })
    const without = await speaking().fetchIdToken(AUDIENCE, { includeEmail: false })
    expect(await verified(without)).not.toHaveProperty('email')
  })

  test('signs, and the certificates of the account prove it', async () => {
    const { keyId, signedBlob } = await speaking().sign('content')
    const certificates = await transporter().request<Record<string, string>>({
      url: `https://www.googleapis.com/robot/v1/metadata/x509/${target}`,
    })
    const { publicKey } = new X509Certificate(certificates.data[keyId]!)
    const proof = createVerify('RSA-SHA256').update('content')
    expect(proof.verify(publicKey, signedBlob, 'base64')).toBe(true)
  })
})

describe('ExternalAccountClient', () => {
  /** A credential configuration file's content, its subject token in a file of its own. */
  async function configured(serviceAccount?: string) {
    const { file, subjectToken, principal } = emulator.externalAccount({
      subject: 'build-7',
      ...(serviceAccount !== undefined && { serviceAccount }),
    })
    const path = join(folder, 'subject-token')
    await writeFile(path, await subjectToken())
    return { path, principal, json: { ...file, credential_source: { file: path } } }
  }
  function client(json: object): NonNullable<ReturnType<typeof ExternalAccountClient.fromJSON>> {
    const options = { ...json, scopes: [CLOUD], transporter: transporter() }
    return ExternalAccountClient.fromJSON(options as Parameters<typeof ExternalAccountClient.fromJSON>[0])!
  }

  test('exchanges what its provider says and calls an API as the program', async () => {
    const { json, principal } = await configured()
    const federated = client(json)
    expect(await buckets(federated)).toEqual(['box', 'closed-box'])
    const { token } = await federated.getAccessToken()
    const body = new URLSearchParams({ token: token! })
    const told = await fetch(json.token_info_url, { method: 'POST', body })
    expect(await told.json()).toMatchObject({ active: true, sub: principal })
  })

  test('goes on to a service account', async () => {
    const { json } = await configured(ROBOT)
    expect(await buckets(client(json))).toEqual(['box', 'closed-box'])
    expect(asked()).toEqual([
      '/sts.googleapis.com/v1/token',
      `/iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${ROBOT}:generateAccessToken`,
      '/storage.googleapis.com/storage/v1/b',
    ])
  })

  test('is told when its subject token does not hold', async () => {
    const { json, path } = await configured()
    await writeFile(path, await emulator.externalAccount().subjectToken({ exp: 1 }))
    await expect(buckets(client(json))).rejects.toThrow('Error code invalid_grant: The subject token')
  })

  test('lets people in whom another provider vouches for', async () => {
    const options = {
      ...emulator.externalAuthorizedUser({ email: 'grace@example.com' }),
      transporter: transporter(),
    }
    expect(await buckets(new ExternalAccountAuthorizedUserClient(options))).toEqual(['box', 'closed-box'])
  })
})

describe('DownscopedClient', () => {
  const objects = `${STORAGE}/box/o`
  function downscoped(role: string, expression?: string): DownscopedClient {
    const rule = {
      availableResource: '//storage.googleapis.com/projects/_/buckets/box',
      availablePermissions: [`inRole:roles/storage.${role}`],
      ...(expression !== undefined && { availabilityCondition: { expression } }),
    }
    const client = new DownscopedClient({
      authClient: account(),
      credentialAccessBoundary: { accessBoundary: { accessBoundaryRules: [rule] } },
      transporter: transporter(),
    })
    // It makes the part that exchanges by itself, and hands its transporter on to nobody.
    Object.assign(client['stsCredential'], { transporter: transporter() })
    return client
  }

  test('reads what it is left with and nothing besides', async () => {
    const client = downscoped(
      'objectViewer',
      "resource.name.startsWith('projects/_/buckets/box/objects/open/')",
    )
    const read = (name: string) =>
      client.request<string>({
        url: `${objects}/${encodeURIComponent(name)}?alt=media`,
        responseType: 'text',
      })
    expect((await read('open/a.txt')).data).toBe('content')
    await expect(read('secret/b.txt')).rejects.toMatchObject(refusal(403))
    await expect(client.request({ url: `${STORAGE}/closed-box/o` })).rejects.toMatchObject(refusal(403))
    await expect(buckets(client)).rejects.toMatchObject(refusal(403))
    const to = 'https://storage.googleapis.com/upload/storage/v1/b/box/o?uploadType=media&name=open/c.txt'
    await expect(upload(client, to)).rejects.toMatchObject(refusal(403))
  })

  test('writes where it may write only', async () => {
    const client = downscoped('objectCreator')
    const to = 'https://storage.googleapis.com/upload/storage/v1/b/box/o?uploadType=media&name=new.txt'
    expect((await upload(client, to)).data).toMatchObject({ name: 'new.txt' })
    await expect(client.request({ url: `${objects}/new.txt?alt=media` })).rejects.toMatchObject(refusal(403))
  })
})

describe('Compute', () => {
  beforeEach(() => {
    vi.stubEnv('GCE_METADATA_HOST', url.replace('http://', ''))
  })

  test('gets its token from the metadata server and calls an API', async () => {
    expect(await buckets(new Compute({ transporter: transporter() }))).toEqual(['box', 'closed-box'])
    expect(asked()[0]).toBe('/computeMetadata/v1/instance/service-accounts/default/token')
  })

  test('names scopes, and is kept to them', async () => {
    const client = new Compute({ scopes: [READ_ONLY], transporter: transporter() })
    expect(await buckets(client)).toEqual(['box', 'closed-box'])
    const insert = client.request({ url: `${STORAGE}?project=p`, method: 'POST', data: { name: 'more' } })
    await expect(insert).rejects.toMatchObject({ status: 403 })
  })

  test('gets an ID token', async () => {
    const { client_email } = await emulator.serviceAccountKey()
    expect(await verified(await new Compute().fetchIdToken(AUDIENCE))).toMatchObject({
      email: client_email,
      google: { compute_engine: { project_id: 'emulator-project' } },
    })
  })

  test('is what application default credentials come to on such a machine', async () => {
    vi.stubEnv('METADATA_SERVER_DETECTION', 'assume-present')
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', '')
    vi.stubEnv('CLOUDSDK_CONFIG', folder)
    const auth = new GoogleAuth({ scopes: CLOUD, clientOptions: { transporter: transporter() } })
    expect(await auth.getProjectId()).toBe('emulator-project')
    expect(await buckets(auth)).toEqual(['box', 'closed-box'])
  })
})

describe('GoogleAuth', () => {
  async function found(json: object): Promise<GoogleAuth> {
    const path = join(folder, 'default.json')
    await writeFile(path, JSON.stringify(json))
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', path)
    const clientOptions = { transporter: transporter() } as GoogleAuthOptions['clientOptions'] & object
    return new GoogleAuth({ scopes: CLOUD, projectId: 'emulator-project', clientOptions })
  }

  test('finds the key of a service account', async () => {
    expect(await buckets(await found(key))).toEqual(['box', 'closed-box'])
  })

  test('finds what a person has consented to', async () => {
    expect(await buckets(await found(emulator.authorizedUser()))).toEqual(['box', 'closed-box'])
  })

  test('finds the configuration of an external account', async () => {
    const { file, subjectToken } = emulator.externalAccount({ serviceAccount: ROBOT })
    const source = join(folder, 'subject')
    await writeFile(source, await subjectToken())
    const auth = await found({ ...file, credential_source: { file: source } })
    expect(await buckets(auth)).toEqual(['box', 'closed-box'])
  })

  test('signs with the key it has found, as the certificates prove', async () => {
    const signature = await (await found(key)).sign('content')
    const answer = await fetch(`${url}/robot/v1/metadata/x509/${ROBOT}`)
    const certificates = (await answer.json()) as Record<string, string>
    const { publicKey } = new X509Certificate(certificates[key.private_key_id]!)
    expect(createVerify('RSA-SHA256').update('content').verify(publicKey, signature, 'base64')).toBe(true)
  })
})

describe('OAuth2Client.verifyIdToken', () => {
  test('keeps the certificates, as the answer lets it', async () => {
    const client = new OAuth2Client({ transporter: transporter() })
    const idToken = await account().fetchIdToken(AUDIENCE)
    emulator.journal.clear()
    for (let i = 0; i < 2; i++) await client.verifyIdToken({ idToken, audience: AUDIENCE })
    expect(asked()).toEqual(['/www.googleapis.com/oauth2/v1/certs'])
  })

  test('refuses what was meant for another, and what was changed', async () => {
    const idToken = await account().fetchIdToken(AUDIENCE)
    await expect(verified(idToken, 'https://another.example.com')).rejects.toThrow('Wrong recipient')
    const [header, claims, signature] = idToken.split('.')
    const changed = Buffer.from(claims!, 'base64url').toString().replace(ROBOT, OTHER)
    const forged = [header, Buffer.from(changed).toString('base64url'), signature].join('.')
    await expect(verified(forged)).rejects.toThrow('Invalid token signature')
  })
})
