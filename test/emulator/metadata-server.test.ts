import { createEmulator, type Emulator } from 'discokit/emulator'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { claimsOf } from '../auth/claims.ts'
import { say, type Told } from './speak.ts'

const CLOUD = 'https://www.googleapis.com/auth/cloud-platform'
let emulator: Emulator
let email: string
let account: object

beforeEach(async () => {
  emulator = await createEmulator({ project: 'p' })
  email = (await emulator.serviceAccountKey()).client_email
  account = { aliases: ['default'], email, scopes: [CLOUD] }
})
afterEach(() => emulator.close())

const ask = (path: string): Promise<Told> =>
  say(emulator, `GET /computeMetadata/v1/${path}`, { headers: { 'metadata-flavor': 'Google' } })

describe('the metadata server', () => {
  test('tells single things as text', async () => {
    const told = await ask('project/project-id')
    expect(told).toMatchObject({ status: 200, text: 'p' })
    expect(told.headers).toMatchObject({ 'content-type': 'application/text', 'metadata-flavor': 'Google' })
    expect((await ask('project/numeric-project-id')).text).toMatch(/^\d+$/)
    expect((await ask('instance/id')).text).toMatch(/^\d{19}$/)
    expect((await ask('instance/zone')).text).toMatch(/^projects\/\d+\/zones\/[\w-]+$/)
    expect((await ask('instance/service-accounts/default/email')).text).toBe(email)
    expect((await ask(`instance/service-accounts/${encodeURIComponent(email)}/scopes`)).text).toBe(
      `${CLOUD}\n`,
    )
  })

  test('tells what a folder has', async () => {
    expect((await ask('instance/service-accounts/')).text).toBe(`default/\n${email}/\n`)
    expect((await ask('instance/service-accounts/default/')).text).toBe('aliases\nemail\nscopes\n')
    expect((await ask('project/')).text).toBe('numeric-project-id\nproject-id\n')
  })

  test('tells all that is below as JSON', async () => {
    const told = await ask('instance/service-accounts/default/?recursive=true')
    expect(told.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(told.json).toEqual(account)
    const all = await ask('instance/service-accounts/?recursive=TRUE')
    expect(all.json).toEqual({ default: account, [email]: account })
    expect((await ask('project/?recursive=true')).json).toEqual({
      numericProjectId: expect.any(Number),
      projectId: 'p',
    })
    const { text } = await ask('instance/?recursive=true')
    expect(text).toContain(`"id":${(await ask('instance/id')).text},`)
    expect((await ask('project/project-id?alt=json')).json).toBe('p')
  })

  test.each([
    'instance/service-accounts/other/email',
    'instance/service-accounts/other/token',
    'instance/service-accounts/default/nothing',
    'project/project-id/more',
    'project/constructor',
    'instance/%zz',
  ])('knows nothing of %s', async (path) => {
    const told = await ask(path)
    expect(told.status).toBe(404)
    expect(told.headers['metadata-flavor']).toBe('Google')
  })

  test('answers nobody who does not name its flavour', async () => {
    const told = await say(emulator, 'GET /computeMetadata/v1/instance/id')
    expect(told).toMatchObject({ status: 403, text: 'Missing Metadata-Flavor:Google header.' })
  })

  test('answers nobody who asks on behalf of others', async () => {
    const headers = { 'metadata-flavor': 'Google', 'x-forwarded-for': '192.0.2.1' }
    expect((await say(emulator, 'GET /computeMetadata/v1/instance/id', { headers })).status).toBe(403)
  })

  test.each([
    ['?scopes=a,b', 'a b'],
    ['?scopes=', CLOUD],
    ['', CLOUD],
  ])('gives tokens: %j', async (query, scope) => {
    const { json } = await ask(`instance/service-accounts/default/token${query}`)
    expect(json).toMatchObject({ token_type: 'Bearer', expires_in: 3599 })
    const info = await say(emulator, 'POST /tokeninfo', { query: { access_token: json.access_token } })
    expect(info.json.scope).toBe(scope)
  })

  test('gives ID tokens, in their full form with what the machine is', async () => {
    const identity = 'instance/service-accounts/default/identity'
    const short = claimsOf((await ask(`${identity}?audience=https://me.example.com`)).text)
    expect(short).toMatchObject({ aud: 'https://me.example.com', email, email_verified: true })
    expect(short).not.toHaveProperty('google')
    const full = claimsOf((await ask(`${identity}?audience=me&format=full`)).text)
    expect(full).toMatchObject({ google: { compute_engine: { project_id: 'p' } } })
    for (const query of ['', '?audience=', '?format=full'])
      expect(await ask(`${identity}${query}`)).toMatchObject({ status: 400 })
  })

  test('has no account when that is out of use', async () => {
    emulator.disableServiceAccount(email)
    expect((await ask('instance/service-accounts/default/token')).status).toBe(404)
    expect((await ask('instance/service-accounts/?recursive=true')).json).toEqual({})
  })
})
