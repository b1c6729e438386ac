import { PermissionDeniedError } from 'discokit'
import {
  accessToken,
  adc,
  apiKey,
  authorizedFetch,
  authorizedUser,
  serviceAccount,
  userCredentials,
  verifyIdToken,
} from 'discokit/auth'
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

  async O8() {
    await using c = await connect()
    const kept: string[] = []
    const options = authorizedUser(c.emulator.authorizedUser({ email: 'ada@example.com', rotating: true }))
    const ada = c.google.as(userCredentials({ ...options, onRefreshToken: (token) => void kept.push(token) }))
    const drive = await ada.discover('drive:v3')
    expect((await drive['about'].get({ fields: 'user' })).user.emailAddress).toBe('ada@example.com')
    expect(kept).toHaveLength(1)
  },

  async O10() {
    await using c = await connect()
    const drive = await c.google
      .as(userCredentials(authorizedUser(c.emulator.authorizedUser())))
      .discover('drive:v3')
    await drive['about'].get({ fields: 'user' })
    c.emulator.clock.advance(3_600_000)
    await drive['about'].get({ fields: 'user' })
    const asked = c.emulator.journal.exchanges.filter(({ methodId }) => methodId === 'oauth2.token')
    expect(asked).toHaveLength(2)
  },

  async O11() {
    await using c = await connect()
    const held = ['https://www.googleapis.com/auth/drive.readonly']
    const token = c.emulator.accessToken({ scopes: held })
    const { files } = await c.client({ auth: accessToken(token) }).discover('drive:v3')
    const suffices = (method: { $scopes: string[] }): boolean =>
      method.$scopes.some((scope) => held.includes(scope))
    expect([suffices(files.list), suffices(files.create)]).toEqual([true, false])
    expect(await files.list()).toMatchObject({ files: [] })
    const error = await failure(() => files.create({ body: { name: 'x' } }))
    expect(error).toBeInstanceOf(PermissionDeniedError)
    const { missingScopes } = error as PermissionDeniedError
    expect(missingScopes[0]).toBe('https://www.googleapis.com/auth/drive.file')
    expect(new Set(missingScopes)).toEqual(new Set(files.create.$scopes))
  },

  async O12() {
    await using c = await connect()
    const token = c.emulator.accessToken({ email: 'me@example.com' })
    const oauth2 = await c.client({ auth: accessToken(token) }).discover('oauth2:v2')
    expect(await oauth2.tokeninfo({ access_token: token })).toMatchObject({ email: 'me@example.com' })
    expect(await oauth2.userinfo.v2.me.get()).toMatchObject({ email: 'me@example.com' })
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

  O20() {
    expect(crypto.randomUUID()).not.toBe(crypto.randomUUID())
  },
}
