import { PermissionDeniedError } from 'discokit'
import { accessToken, adc, apiKey, authorizedFetch, serviceAccount, verifyIdToken } from 'discokit/auth'
import { oauthClient } from 'discokit/login'
import { expect, vi } from 'vitest'
import { type Connected, connect, failure } from './connect.ts'
import type { RowTests } from '../examples/page-rows.ts'

/** Gets the list of buckets with a fetch that has a credential. */
async function fetched(c: Connected, credentials: Parameters<typeof authorizedFetch>[0]): Promise<any> {
  const { endpoint, transport, clock } = c.emulator.connect()
  const fetch = authorizedFetch(credentials, { transport: transport!, clock, allowedOrigins: [endpoint] })
  return (await fetch(`${endpoint}/storage/v1/b?project=p`)).json()
}

/** How calls are let in. */
export const credentialRows: RowTests = {
  async O1() {
    await using c = await connect()
    const key = c.emulator.apiKey()
    const language = await c.client({ auth: apiKey('no key of ours') }).discover('translate:v2')
    expect(await failure(() => language.languages.list())).toMatchObject({ status: 400 })
    await language.languages.list({ key })
    const { path, headers } = c.emulator.journal.exchanges.at(-1)!
    expect(path).toMatch(/[?]key=/)
    expect(headers).not.toHaveProperty('x-goog-api-key')

    const drive = await c.google.discover('drive:v3')
    const alans = c.emulator.accessToken({ email: 'alan@example.com' })
    for (const name of ['access_token', 'oauth_token']) {
      const { user } = await drive.about.get({ fields: 'user' }, { extraQuery: { [name]: alans } })
      expect(user.emailAddress).toBe('alan@example.com')
      expect(c.emulator.journal.exchanges.at(-1)!.headers).not.toHaveProperty('authorization')
    }
  },

  async O4() {
    await using c = await connect()
    const { items } = await fetched(c, accessToken(c.emulator.accessToken()))
    expect(items).toMatchObject([{ name: 'my-photos' }])
  },

  async O11() {
    await using c = await connect()
    const scopes = ['https://www.googleapis.com/auth/drive.readonly']
    const client = oauthClient({ clientId: 'my-client' })
    const token = c.emulator.accessToken({ scopes })
    const { files } = await c.client({ auth: accessToken(token) }).discover('drive:v3')
    expect(files.list.$scopes.length).toBeGreaterThan(1)
    expect(client.authorizedForMethod(files.list, { scopes })).toBe(true)
    expect(client.authorizedForMethod(files.create, { scopes })).toBe(false)
    expect(await files.list()).toMatchObject({ files: [] })
    const error = await failure(() => files.create({ body: { name: 'x' } }))
    expect(error).toBeInstanceOf(PermissionDeniedError)
    const { missingScopes } = error as PermissionDeniedError
    expect(missingScopes[0]).toBe('https://www.googleapis.com/auth/drive.file')
    expect(new Set(missingScopes)).toEqual(new Set(files.create.$scopes))
  },

  async O15() {
    await using c = await connect()
    const { transport, clock } = c.emulator.connect()
    const file = c.emulator.authorizedUser({ email: 'me@example.com', scopes: ['openid', 'email'] })
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: file.client_id,
      client_secret: file.client_secret,
      refresh_token: file.refresh_token,
    })
    const answer = await c.emulator.fetch(
      new Request('https://oauth2.googleapis.com/token', { method: 'POST', body: form }),
    )
    const { id_token: token } = (await answer.json()) as { id_token: string }
    const options = { audience: file.client_id, transport: transport!, clock }
    expect(await verifyIdToken(token, options)).toMatchObject({ email: 'me@example.com' })
    await expect(verifyIdToken(token, { ...options, nonce: 'n' })).rejects.toMatchObject({
      reason: 'wrong_nonce',
    })
    await expect(verifyIdToken(token, { ...options, hostedDomain: 'example.com' })).rejects.toMatchObject({
      reason: 'wrong_hosted_domain',
    })
  },

  async O17() {
    await using c = await connect()
    const key = await c.emulator.serviceAccountKey()
    const auth = serviceAccount({
      key,
      scopes: ['https://www.googleapis.com/auth/drive'],
      subject: 'boss@example.com',
      claims: { target: 'x' },
    })
    const drive = await c.client({ auth }).discover('drive:v3')
    expect(c.emulator.journal.exchanges.map(({ path }) => path)).not.toContain('/token')
    const { user } = await drive.about.get({ fields: 'user' })
    expect(user.emailAddress).toBe('boss@example.com')
    expect(c.emulator.journal.exchanges.filter(({ path }) => path === '/token')).toHaveLength(1)
  },

  async O18() {
    await using c = await connect()
    const { items } = await fetched(c, serviceAccount({ key: await c.emulator.serviceAccountKey() }))
    expect(items).toMatchObject([{ name: 'my-photos' }])
  },

  async O19() {
    await using c = await connect()
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', '/nowhere/key.json')
    const storage = await c.google.as(adc()).discover('storage:v1')
    const error = await failure(() => storage['buckets'].list({ project: 'p' }))
    vi.unstubAllEnvs()
    expect(String(error)).toContain(
      '/nowhere/key.json, which GOOGLE_APPLICATION_CREDENTIALS names, does not exist',
    )
  },

  async O23() {
    await using c = await connect()
    const key = { ...(await c.emulator.serviceAccountKey()), added_by_google: 'later' }
    for (const form of [key, JSON.stringify(key)]) {
      const storage = await c.client({ auth: serviceAccount({ key: form }) }).discover('storage:v1')
      expect(await storage.buckets.list({ project: 'p' })).toMatchObject({ items: [{ name: 'my-photos' }] })
    }
    const language = await c.client({ auth: apiKey(c.emulator.apiKey()) }).discover('translate:v2')
    await language.languages.list()
  },
}
