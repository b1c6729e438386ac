/** The credential of an account that is kept in files, against the emulator. */
import { AuthError, type Client, createClient, ValidationError } from 'discokit'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { createSecret, oauthClient } from 'discokit/login'
import { fileLoginStore, savedAccount, type SavedAccountOptions } from 'discokit/node'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { failureOf } from '../media/connection.ts'
import { useFolder } from '../media/folder.ts'

const path = useFolder()
const redirectUri = 'http://127.0.0.1:8080/back'
const SCOPE = 'https://www.googleapis.com/auth/drive.file'

let emulator: Emulator
beforeEach(async () => {
  emulator = await createEmulator()
  emulator.user({ email: 'ada@example.com' })
})
afterEach(() => emulator.close())

/** What `discokit login` does. */
async function logIn(account: string, options: SavedAccountOptions = {}): Promise<void> {
  const { clientId, clientSecret } = emulator.oauthClient({ redirectUris: [redirectUri] })
  const { transport, clock } = emulator.connect()
  const client = oauthClient({ clientId, clientSecret, redirectUri, transport, clock })
  const { url, request } = await client.authorizationUrl({ scopes: [SCOPE], accessType: 'offline' })
  const tokens = await client.finish(emulator.consent(url, { email: 'ada@example.com' }), request)
  await fileLoginStore(options).put(account, { ...tokens, client: client.registration() }, undefined)
}

async function list(auth: ReturnType<typeof savedAccount>): Promise<unknown> {
  await using google: Client = createClient({ ...emulator.connect(), auth })
  const drive = await google.discover('drive:v3')
  return (await drive['files'].list()).files
}

test('lets in who has logged in on this machine, and renews the login there', async () => {
  vi.stubEnv('DISCOKIT_CONFIG', path('config'))
  await logIn('default')
  const before = (await fileLoginStore().get('default'))!
  expect(await list(savedAccount())).toEqual([])
  expect((await fileLoginStore().get('default'))!.version).toBe(before.version)
  emulator.clock.advance(7_200_000)
  expect(await list(savedAccount())).toEqual([])
  const after = (await fileLoginStore().get('default'))!
  expect(after.login.accessToken).not.toBe(before.login.accessToken)
  expect(after.login.client).toEqual(before.login.client)
  expect(after.login.refreshing).toBeUndefined()
  expect(await savedAccount().grantedScopes()).toEqual([SCOPE])
})

test('of two programs at once one renews', async () => {
  const options = { folder: path('logins'), key: createSecret() }
  await logIn('ada', options)
  emulator.clock.advance(7_200_000)
  emulator.journal.clear()
  await Promise.all(Array.from({ length: 5 }, () => list(savedAccount('ada', options))))
  expect(emulator.journal.exchanges.filter(({ path }) => path.includes('/token'))).toHaveLength(1)
})

test('is gone for all when it is revoked', async () => {
  const options = { folder: path('logins') }
  await logIn('ada', options)
  const { transport, clock } = emulator.connect()
  await savedAccount('ada', options).revoke({ transport, clock })
  expect(await fileLoginStore(options).accounts()).toEqual([])
  expect(await failureOf(list(savedAccount('ada', options)))).toMatchObject({ reason: 'no_such_account' })
})

test.each([
  [undefined, 'discokit login --account default'],
  ['work', 'discokit login --account work'],
  ['ada@example.com', 'discokit login --account ada@example.com'],
  ['my work', 'discokit login --account "my work"'],
])('where nobody has logged in as %s, says how to', async (name, command) => {
  vi.stubEnv('DISCOKIT_CONFIG', path('config'))
  for (const work of [
    () => list(savedAccount(name)),
    () => savedAccount(name).grantedScopes(),
    () => savedAccount(name).revoke(),
  ]) {
    const failure = await failureOf(work())
    expect(failure).toBeInstanceOf(AuthError)
    expect(failure).toMatchObject({ reason: 'no_such_account', message: expect.stringContaining(command) })
    expect(failure.message).toContain(path('config/logins'))
  }
})

test('where the login is worth nothing any more, says how to log in again', async () => {
  vi.stubEnv('DISCOKIT_CONFIG', path('config'))
  await logIn('work')
  emulator.revokeConsents()
  emulator.clock.advance(7_200_000)
  const failure = await failureOf(list(savedAccount('work')))
  expect(failure).toMatchObject({
    reason: 'invalid_grant',
    status: 400,
    cause: expect.any(AuthError) as Error,
  })
  expect(failure.message).toMatch(
    /^oauth2\.googleapis\.com refused the login of the account work: 400 invalid_grant/,
  )
  expect(failure.message).toMatch(/log in again: npx discokit login --account work$/)
})

test('where the client is gone, says that another is needed', async () => {
  vi.stubEnv('DISCOKIT_CONFIG', path('config'))
  await logIn('default')
  await emulator.close()
  emulator = await createEmulator() // as one that was started again
  emulator.clock.advance(7_200_000)
  const failure = await failureOf(list(savedAccount()))
  expect(failure).toMatchObject({ reason: 'invalid_client', status: 401 })
  expect(failure.message).toMatch(
    /together\? To log in again: npx discokit login --account default --client FILE$/,
  )
})

test('in a folder of its own the command line would not help', async () => {
  const failure = await failureOf(list(savedAccount('ada', { folder: path('logins') })))
  expect(failure).toMatchObject({ reason: 'no_such_account' })
  expect(failure.message).toContain(`in ${path('logins')}. Put one there`)
})

test('other failures are those of the store', async () => {
  const options = { folder: path('logins'), key: createSecret() }
  await logIn('ada', options)
  const failure = await failureOf(list(savedAccount('ada', { folder: path('logins'), key: createSecret() })))
  expect(failure).toMatchObject({ reason: 'unreadable_login' })
})

test('options that cannot be used are refused at once', () => {
  expect(() => savedAccount('ada', { floder: 'x' } as never)).toThrow(ValidationError)
  expect(() => savedAccount('ada', { key: 'x' })).toThrow(ValidationError)
  expect(() => savedAccount('')).toThrow(ValidationError)
})
