/** A person consents to more while a program holds a token that does for less. */
import { createClient } from 'discokit'
import { type LoginStore, type UserCredentials, userCredentials } from 'discokit/auth'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { memoryLoginStore, type OAuthClient, oauthClient } from 'discokit/login'
import { afterEach, beforeEach, expect, test } from 'vitest'

const AUTH = 'https://www.googleapis.com/auth/'
const METADATA = `${AUTH}drive.metadata.readonly`
const FILE = `${AUTH}drive.file`
const BACK = 'https://app.example.com/back'
const ada = { email: 'ada@example.com' }

let emulator: Emulator
let client: OAuthClient
let store: LoginStore
beforeEach(async () => {
  store = memoryLoginStore()
  emulator = await createEmulator()
  emulator.user(ada)
  const { transport, clock } = emulator.connect()
  const { clientId, clientSecret } = emulator.oauthClient({ redirectUris: [BACK] })
  client = oauthClient({ clientId, clientSecret, redirectUri: BACK, transport, clock })
})
afterEach(() => emulator.close())

/** Puts a login there in place of what there is, as `webLogin` and `discokit login` do in another program. */
async function logIn(scopes: readonly string[], keep = (tokens: object): object => tokens): Promise<void> {
  const { url, request } = await client.authorizationUrl({
    scopes,
    accessType: 'offline',
    prompt: 'consent',
    includeGrantedScopes: true,
  })
  const tokens = await client.finish(emulator.consent(url, ada), request)
  const version = (await store.get('ada'))?.version
  expect(await store.put('ada', keep(tokens), version)).toBe(true)
}

const person = (): UserCredentials => userCredentials({ client, store, account: 'ada' })
const driveOf = (auth: UserCredentials) => createClient({ ...emulator.connect(), auth }).discover('drive:v3')
const tokenRequests = (): number =>
  emulator.journal.exchanges.filter(({ path }) => path.includes('/token')).length

test.each([
  ['with an access token', (tokens: object) => tokens],
  ['with a refresh token alone', ({ accessToken: _, ...tokens }: { accessToken?: string }) => tokens],
])('what $can() says of a login that took the place of another %s is so', async (_, keep) => {
  await logIn([METADATA])
  const drive = await driveOf(person())
  await drive.files.list()
  expect(await drive.files.create.$can()).toMatchObject({ ok: false, missingScope: FILE })

  await logIn([FILE], keep)
  expect(await drive.files.create.$can()).toEqual({ ok: true })
  expect(await drive.files.create({ body: { name: 'notes' } })).toMatchObject({ name: 'notes' })
  expect(await drive.files.list()).toMatchObject({ files: [{ name: 'notes' }] })
})

test('what holds for others that share the login is used, too', async () => {
  await logIn([METADATA])
  const drive = await driveOf(person())
  await drive.files.list()
  emulator.journal.clear()
  for (let i = 0; i < 3; i++) {
    await drive.files.create.$can()
    await drive.files.list()
  }
  expect(tokenRequests()).toBe(0)
})
