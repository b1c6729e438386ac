import { ValidationError } from 'discokit'
import {
  accessToken,
  anonymous,
  bearerToken,
  type Credentials,
  impersonated,
  metadataCredentials,
  serviceAccount,
} from 'discokit/auth'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { failureOf } from '../transport/contexts.ts'
import { claimsOf } from './claims.ts'
import { API, endpoint } from './endpoint.ts'
import { keyFile } from './keys.ts'

let emulator: Emulator
beforeEach(async () => void (emulator = await createEmulator()))
afterEach(() => emulator.close())

test('gives the token of any credential, and the same one until it is renewed', async () => {
  const { transport, clock } = emulator.connect()
  const options = { transport: transport!, clock }
  const serviceAccount = 'robot@emulator-project.iam.gserviceaccount.com'
  emulator.allowImpersonation({ by: 'ada@example.com', serviceAccount })
  const source = accessToken(emulator.accessToken({ email: 'ada@example.com' }))
  for (const credentials of [source, impersonated({ source, serviceAccount }), metadataCredentials()]) {
    const token = await bearerToken(credentials, options)
    expect(token).toMatch(/^ya29\./)
    expect(await bearerToken(credentials, options)).toBe(token)
  }
  const idToken = await bearerToken(metadataCredentials().idToken('https://my.example'), options)
  expect(claimsOf(idToken)).toMatchObject({ aud: 'https://my.example' })
})

test('asks for the scopes and the API that are named', async () => {
  const account = serviceAccount({ key: keyFile(), alwaysUseJwtAccess: true })
  expect(claimsOf(await bearerToken(account, { url: API }))).toMatchObject({
    aud: 'https://storage.googleapis.com/',
  })
})

test('ends with its time limit and with its signal', async () => {
  const { transport } = endpoint(() => new Promise(() => {}))
  const account = serviceAccount({ key: keyFile() })
  expect(await failureOf(bearerToken(account, { transport, timeoutMs: 5 }))).toMatchObject({
    code: 'timeout',
  })
  const reason = new Error('enough')
  const ended = bearerToken(account, { transport, signal: AbortSignal.abort(reason) })
  expect(await failureOf(ended)).toBe(reason)
})

test('refuses what has none', async () => {
  expect(await failureOf(bearerToken(anonymous()))).toMatchObject({ reason: 'no_token' })
  for (const none of [undefined, 'key.json', {}])
    expect(await failureOf(bearerToken(none as unknown as Credentials))).toBeInstanceOf(ValidationError)
})
