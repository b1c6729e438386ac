import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Emulator } from '../../../../src/emulator/index.ts'
import { at, openStorage, say, store, type Told } from '../../speak.ts'

let emulator: Emulator
beforeEach(async () => {
  emulator = await openStorage()
})
afterEach(() => emulator.close())

describe('notification configurations', () => {
  const PATH = '/storage/v1/b/box/notificationConfigs'
  const config = {
    topic: '//pubsub.googleapis.com/projects/p/topics/t',
    payload_format: 'JSON_API_V1',
    event_types: ['OBJECT_FINALIZE'],
    custom_attributes: { a: 'b' },
    object_name_prefix: 'photos/',
  }

  test('are made, read, listed and removed', async () => {
    const first = (await say(emulator, `POST ${PATH}`, { body: config })).json
    expect(first).toMatchObject({ kind: 'storage#notification', id: '1', etag: '1', ...config })
    const second = (await say(emulator, `POST ${PATH}`, { body: { ...config, payload_format: 'NONE' } })).json
    expect((await say(emulator, `GET ${PATH}/1`)).json).toEqual(first)
    expect((await say(emulator, `GET ${PATH}`)).json.items).toEqual([first, second])
    expect((await say(emulator, `DELETE ${PATH}/1`)).status).toBe(204)
    for (const method of ['GET', 'DELETE'])
      expect((await say(emulator, `${method} ${PATH}/1`)).status).toBe(404)
    expect((await say(emulator, `POST ${PATH}`, { body: config })).json.id).toBe('3')
  })

  test.each([
    { topic: undefined },
    { payload_format: undefined },
    { topic: 't' },
    { topic: 7 },
    { payload_format: 'XML' },
    { event_types: ['OBJECT_LOST'] },
    { event_types: 'OBJECT_FINALIZE' },
    { custom_attributes: { a: 1 } },
  ])('refuse %j', async (wrong) => {
    expect((await say(emulator, `POST ${PATH}`, { body: { ...config, ...wrong } })).status).toBe(400)
  })
})

describe('HMAC keys', () => {
  const PATH = '/storage/v1/projects/p/hmacKeys'
  const EMAIL = 'robot@p.iam.gserviceaccount.com'
  const create = (serviceAccountEmail = EMAIL): Promise<Told> =>
    say(emulator, `POST ${PATH}`, { query: { serviceAccountEmail } })

  test('are made with a secret that is told once', async () => {
    const { kind, secret, metadata } = (await create()).json
    expect([kind, secret]).toEqual(['storage#hmacKey', expect.stringMatching(/^[\w+/]{40}$/)])
    expect(metadata).toMatchObject({
      kind: 'storage#hmacKeyMetadata',
      accessId: expect.stringMatching(/^GOOG1E[A-Z2-7]{55}$/),
      projectId: 'p',
      serviceAccountEmail: EMAIL,
      state: 'ACTIVE',
    })
    const told = await say(emulator, `GET ${PATH}/${metadata.accessId}`)
    expect(told.json).toEqual(metadata)
    expect(told.text).not.toContain(secret)
    expect((await create()).json.secret).not.toBe(secret)
    expect((await say(emulator, `GET ${PATH.replace('/p/', '/q/')}/${metadata.accessId}`)).status).toBe(404)
  })

  test('are removed once they are out of use, and shown as such on demand', async () => {
    const { accessId } = (await create()).json.metadata
    const path = `${PATH}/${accessId}`
    expect((await say(emulator, `DELETE ${path}`)).status).toBe(400)
    expect((await say(emulator, `PUT ${path}`, { body: { state: 'INACTIVE' } })).json.state).toBe('INACTIVE')
    expect((await say(emulator, `DELETE ${path}`)).status).toBe(204)
    expect((await say(emulator, `GET ${PATH}`)).json).not.toHaveProperty('items')
    const shown = (await say(emulator, `GET ${PATH}?showDeletedKeys=true`)).json.items
    expect(shown).toMatchObject([{ accessId, state: 'DELETED' }])
    expect((await say(emulator, `PUT ${path}`, { body: { state: 'ACTIVE' } })).status).toBe(400)
  })

  test('change only from the version that a change names', async () => {
    const { accessId, etag } = (await create()).json.metadata
    const put = (body: object): Promise<Told> => say(emulator, `PUT ${PATH}/${accessId}`, { body })
    expect((await put({ state: 'INACTIVE', etag })).status).toBe(200)
    expect((await put({ state: 'ACTIVE', etag })).status).toBe(412)
    expect((await put({ state: 'LOST' })).status).toBe(400)
    expect((await say(emulator, `GET ${PATH}/${accessId}`)).json.state).toBe('INACTIVE')
  })

  test('are listed in pages, and by account', async () => {
    const ids: string[] = []
    for (const email of [EMAIL, 'b@p.example', EMAIL]) ids.push((await create(email)).json.metadata.accessId)
    const idsOf = (told: Told): string[] =>
      told.json.items.map(({ accessId }: { accessId: string }) => accessId)
    const first = await say(emulator, `GET ${PATH}?maxResults=2`)
    expect(idsOf(first)).toEqual(ids.slice(0, 2))
    const pageToken = first.json.nextPageToken
    expect(idsOf(await say(emulator, `GET ${PATH}`, { query: { maxResults: 2, pageToken } }))).toEqual([
      ids[2],
    ])
    const own = await say(emulator, `GET ${PATH}`, { query: { serviceAccountEmail: EMAIL } })
    expect(idsOf(own)).toEqual([ids[0], ids[2]])
    expect((await create('nobody')).status).toBe(400)
  })
})

test('the service account of a project has an address of its own', async () => {
  const { json } = await say(emulator, 'GET /storage/v1/projects/p/serviceAccount')
  expect(json).toEqual({
    kind: 'storage#serviceAccount',
    email_address: expect.stringMatching(/^service-\d{12}@gs-project-accounts\.iam\.gserviceaccount\.com$/),
  })
  const { projectNumber } = (await say(emulator, 'GET /storage/v1/b/box')).json
  expect(json.email_address).toContain(projectNumber)
})

describe('the policy of a bucket', () => {
  const PATH = '/storage/v1/b/box/iam'
  const bindings = [{ role: 'roles/storage.objectViewer', members: ['user:ada@example.com', 'allUsers'] }]
  const put = (body: object): Promise<Told> => say(emulator, `PUT ${PATH}`, { body })

  test('is read and replaced', async () => {
    const { json } = await say(emulator, `GET ${PATH}`)
    expect(json).toMatchObject({
      kind: 'storage#policy',
      resourceId: 'projects/_/buckets/box',
      version: 1,
      bindings: [{ role: 'roles/storage.legacyBucketOwner' }, { role: 'roles/storage.legacyBucketReader' }],
    })
    const changed = await put({ ...json, bindings })
    expect(changed.json).toEqual({ ...json, bindings, etag: expect.any(String) })
    expect((await say(emulator, `GET ${PATH}`)).json).toEqual(changed.json)
    expect((await put({ bindings: [], etag: json.etag })).status).toBe(412)
    expect((await put({ bindings: [] })).json.bindings).toEqual([])
  })

  test('has conditions in version 3, and tells those alone who ask for it', async () => {
    const conditional = [{ ...bindings[0], condition: { title: 't', expression: 'true' } }]
    expect((await put({ bindings: conditional })).status).toBe(400)
    expect((await put({ bindings: conditional, version: 3 })).status).toBe(200)
    expect((await say(emulator, `GET ${PATH}`)).status).toBe(412)
    const told = await say(emulator, `GET ${PATH}?optionsRequestedPolicyVersion=3`)
    expect(told.json).toMatchObject({ version: 3, bindings: conditional })
  })

  test.each([
    { bindings: {} },
    { bindings: [{ members: ['allUsers'] }] },
    { bindings: [{ role: 'viewer', members: [] }] },
    { bindings: [{ role: 'roles/viewer', members: ['ada'] }] },
    { bindings: [], version: 2 },
  ])('is not replaced by %j', async (body) => {
    expect((await put(body)).status).toBe(400)
  })

  test('lets whoever is let in do everything', async () => {
    const path = `${PATH}/testPermissions?permissions=storage.buckets.get&permissions=storage.objects.list`
    expect((await say(emulator, `GET ${path}`)).json).toEqual({
      kind: 'storage#testIamPermissionsResponse',
      permissions: ['storage.buckets.get', 'storage.objects.list'],
    })
    expect((await say(emulator, `GET ${PATH}/testPermissions?permissions=dance`)).status).toBe(400)
  })
})

describe('a retention policy', () => {
  const BUCKET = '/storage/v1/b/box'
  const retain = (retentionPolicy: object | null): Promise<Told> =>
    say(emulator, `PATCH ${BUCKET}`, { body: { retentionPolicy } })
  const lock = (ifMetagenerationMatch: string): Promise<Told> =>
    say(emulator, `POST ${BUCKET}/lockRetentionPolicy`, { query: { ifMetagenerationMatch } })

  test('keeps objects from being removed or replaced for a while', async () => {
    const { json } = await retain({ retentionPeriod: '60' })
    expect(json.retentionPolicy).toEqual({ retentionPeriod: '60', effectiveTime: expect.any(String) })
    const object = (await store(emulator, 'f', 'kept')).json
    const until = Date.parse(object.timeCreated) + 60_000
    expect(Date.parse(object.retentionExpirationTime)).toBe(until)
    await store(emulator, 'g', 'x')
    const attempts = [
      () => store(emulator, 'f', 'new'),
      () => say(emulator, `DELETE ${at('f')}`),
      () => say(emulator, `POST ${at('g')}/copyTo/b/box/o/f`),
      () => say(emulator, `POST ${at('g')}/rewriteTo/b/box/o/f`),
      () => say(emulator, `POST ${at('f')}/moveTo/o/h`),
      () => say(emulator, `POST ${at('f')}/compose`, { body: { sourceObjects: [{ name: 'g' }] } }),
    ]
    for (const attempt of attempts) {
      const told = await attempt()
      expect([told.status, told.json.error.errors[0].reason]).toEqual([403, 'retentionPolicyNotMet'])
    }
    expect((await say(emulator, `GET ${at('f')}?alt=media`)).text).toBe('kept')
    expect((await say(emulator, `PATCH ${at('f')}`, { body: { metadata: { a: 'b' } } })).status).toBe(200)
    emulator.clock.advance(60_000)
    expect((await say(emulator, `DELETE ${at('f')}`)).status).toBe(204)
  })

  test('is changed and taken away until it is locked, and then prolonged only', async () => {
    await retain({ retentionPeriod: '60' })
    expect((await retain({ retentionPeriod: 30 })).json.retentionPolicy.retentionPeriod).toBe('30')
    const { metageneration } = (await say(emulator, `GET ${BUCKET}`)).json
    expect((await lock('1')).status).toBe(412)
    expect((await lock(metageneration)).json.retentionPolicy).toMatchObject({ isLocked: true })
    for (const shorter of [null, { retentionPeriod: '29' }]) expect((await retain(shorter)).status).toBe(403)
    expect((await retain({ retentionPeriod: '31' })).json.retentionPolicy).toMatchObject({
      isLocked: true,
      retentionPeriod: '31',
    })
    const updated = await say(emulator, `PUT ${BUCKET}`, { body: { labels: { a: 'b' } } })
    expect(updated.json.retentionPolicy).toMatchObject({ isLocked: true })
  })

  test('is taken away by null', async () => {
    await retain({ retentionPeriod: '60' })
    expect((await retain(null)).json).not.toHaveProperty('retentionPolicy')
    expect((await lock('3')).status).toBe(400)
  })

  test.each([{}, { retentionPeriod: '0' }, { retentionPeriod: 'x' }, { retentionPeriod: '1.5' }, 7])(
    'is not %j',
    async (retentionPolicy) => {
      expect((await say(emulator, `PATCH ${BUCKET}`, { body: { retentionPolicy } })).status).toBe(400)
    },
  )
})
