import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Emulator } from '../../../../src/emulator/index.ts'
import { at, obtainToken, openStorage, say, store, type Told } from '../../speak.ts'

let emulator: Emulator
beforeEach(async () => {
  emulator = await openStorage()
  await store(emulator, 'f')
})
afterEach(() => emulator.close())

const LISTS = [
  ['bucketAccessControl', '/storage/v1/b/box/acl', 'WRITER', 'storage.bucketAccessControls'],
  [
    'objectAccessControl',
    '/storage/v1/b/box/defaultObjectAcl',
    'OWNER',
    'storage.defaultObjectAccessControls',
  ],
  ['objectAccessControl', `${at('f')}/acl`, 'OWNER', 'storage.objectAccessControls'],
] as const
const entities = (told: Told): string[] =>
  (told.json.items ?? told.json.acl).map(({ entity }: { entity: string }) => entity.replace(/\d+$/, 'N'))
const TEAM = ['project-owners-N', 'project-editors-N', 'project-viewers-N']

describe.each(LISTS)('the %ss at %s', (kind, path, role) => {
  const ada = { entity: 'user-ada@example.com', role: 'READER' }

  test('are those of the project to begin with', async () => {
    const told = await say(emulator, `GET ${path}`)
    expect(told.json.kind).toBe(`storage#${kind}s`)
    expect(entities(told)).toEqual(TEAM)
    expect(told.json.items[2]).toMatchObject({
      kind: `storage#${kind}`,
      role: 'READER',
      projectTeam: { team: 'viewers', projectNumber: expect.stringMatching(/^\d{12}$/) },
    })
  })

  test('are added, read, changed and removed', async () => {
    const added = await say(emulator, `POST ${path}`, { body: ada })
    expect(added.json).toMatchObject({ kind: `storage#${kind}`, ...ada, email: 'ada@example.com' })
    expect(added.json.id).toMatch(/^box\/.*user-ada@example\.com$/)
    const entry = `${path}/user-ada@example.com`
    expect((await say(emulator, `GET ${entry}`)).json).toEqual(added.json)
    expect((await say(emulator, `PATCH ${entry}`, { body: {} })).json.role).toBe('READER')
    expect((await say(emulator, `PATCH ${entry}`, { body: { role } })).json.role).toBe(role)
    expect((await say(emulator, `PUT ${entry}`, { body: { role: 'READER' } })).json.role).toBe('READER')
    expect((await say(emulator, `PUT ${entry}`, { body: {} })).status).toBe(400)
    expect((await say(emulator, `DELETE ${entry}`)).status).toBe(204)
    for (const method of ['GET', 'PATCH', 'DELETE'])
      expect((await say(emulator, `${method} ${entry}`, { body: {} })).status).toBe(404)
    expect(entities(await say(emulator, `GET ${path}`))).toEqual(TEAM)
  })

  test('have one entry for each entity', async () => {
    await say(emulator, `POST ${path}`, { body: ada })
    await say(emulator, `POST ${path}`, { body: { ...ada, role } })
    const { items } = (await say(emulator, `GET ${path}`)).json
    expect(items.filter(({ entity }: { entity: string }) => entity === ada.entity)).toMatchObject([{ role }])
  })

  test('are metadata: each change makes another metageneration', async () => {
    const owner = path.replace(/\/(acl|defaultObjectAcl)$/, '')
    const before = (await say(emulator, `GET ${owner}`)).json
    await say(emulator, `POST ${path}`, { body: ada })
    await say(emulator, `DELETE ${path}/allUsers`)
    await say(emulator, `DELETE ${path}/${ada.entity}`)
    const after = (await say(emulator, `GET ${owner}`)).json
    expect(Number(after.metageneration) - Number(before.metageneration)).toBe(2)
    expect(after.etag).not.toBe(before.etag)
    expect(after.generation).toBe(before.generation)
  })

  test.each([
    {},
    { entity: 'allUsers' },
    { role: 'READER' },
    { entity: 'somebody', role: 'READER' },
    { entity: 7, role: 'READER' },
    { entity: 'user-', role: 'READER' },
    { entity: 'allUsers', role: 'KING' },
    { entity: 'allUsers', role: 7 },
  ])('refuse %j', async (body) => {
    expect((await say(emulator, `POST ${path}`, { body })).status).toBe(400)
  })

  test('are not there for a bucket with uniform access', async () => {
    const uniformBucketLevelAccess = { enabled: true }
    await say(emulator, 'PATCH /storage/v1/b/box', {
      body: { iamConfiguration: { uniformBucketLevelAccess } },
    })
    const told = await say(emulator, `GET ${path}`)
    expect([told.status, told.json.error.message]).toEqual([400, expect.stringContaining('uniform')])
  })

  test('need a bucket', async () => {
    expect((await say(emulator, `GET ${path.replace('box', 'none')}`)).status).toBe(404)
  })
})

test('an object has the list that its bucket had for it, and whoever made it as owner', async () => {
  const { bucket } = { bucket: '/storage/v1/b/box' }
  await say(emulator, `POST ${bucket}/defaultObjectAcl`, { body: { entity: 'allUsers', role: 'READER' } })
  const headers = { authorization: `Bearer ${await obtainToken(emulator)}` }
  const made = await say(
    emulator,
    'POST /upload/storage/v1/b/box/o?uploadType=media&name=g&projection=full',
    {
      headers,
      body: 'x',
    },
  )
  const { client_email: email } = await emulator.serviceAccountKey()
  expect(entities(made)).toEqual([`user-${email}`, ...TEAM, 'allUsers'])
  expect(made.json.owner).toEqual({ entity: `user-${email}` })
  await say(emulator, `DELETE ${bucket}/defaultObjectAcl/allUsers`)
  expect(entities(await say(emulator, `GET ${at('g')}/acl`))).toContain('allUsers')
})

test('lists come with projection=full alone, of buckets, objects and lists of them', async () => {
  for (const path of ['/storage/v1/b/box', at('f')]) {
    expect((await say(emulator, `GET ${path}`)).json).not.toHaveProperty('acl')
    expect((await say(emulator, `GET ${path}?projection=noAcl`)).json).not.toHaveProperty('acl')
    expect(entities(await say(emulator, `GET ${path}?projection=full`))).toEqual(TEAM)
  }
  const { items } = (await say(emulator, 'GET /storage/v1/b/box/o?projection=full')).json
  expect(items[0].acl).toHaveLength(3)
})

describe('lists by name', () => {
  test.each([
    ['private', ['project-owners-N']],
    ['projectPrivate', TEAM],
    ['publicRead', ['project-owners-N', 'allUsers']],
    ['publicReadWrite', ['project-owners-N', 'allUsers']],
    ['authenticatedRead', ['project-owners-N', 'allAuthenticatedUsers']],
  ])('%s of a bucket', async (predefinedAcl, expected) => {
    const query = { predefinedAcl, project: 'p', projection: 'full' }
    expect(entities(await say(emulator, 'POST /storage/v1/b', { query, body: { name: 'new' } }))).toEqual(
      expected,
    )
    expect(entities(await say(emulator, 'PATCH /storage/v1/b/box', { query, body: { acl: null } }))).toEqual(
      expected,
    )
  })

  test.each([
    ['private', []],
    ['publicRead', ['allUsers']],
    ['authenticatedRead', ['allAuthenticatedUsers']],
    ['bucketOwnerRead', ['project-owners-N']],
    ['bucketOwnerFullControl', ['project-owners-N']],
    ['projectPrivate', TEAM],
  ])('%s of an object', async (predefinedAcl, expected) => {
    const query = { predefinedAcl, projection: 'full' }
    expect(entities(await store(emulator, 'g', 'x', query))).toEqual(expected)
    expect(entities(await say(emulator, `PATCH ${at('f')}`, { query, body: {} }))).toEqual(expected)
    const destination = { destinationPredefinedAcl: predefinedAcl, projection: 'full' }
    const copied = await say(emulator, `POST ${at('f')}/copyTo/b/box/o/h`, { query: destination })
    expect(entities(copied)).toEqual(expected)
  })

  test('a list in the body of a bucket or an object takes the place of what is there', async () => {
    const acl = [{ entity: 'domain-example.com', role: 'READER' }]
    const query = { projection: 'full' }
    const bucket = await say(emulator, 'PATCH /storage/v1/b/box', {
      query,
      body: { acl, defaultObjectAcl: acl },
    })
    expect(bucket.json).toMatchObject({ acl: [{ ...acl[0], domain: 'example.com' }], defaultObjectAcl: acl })
    const object = await say(emulator, `PATCH ${at('f')}`, { query, body: { acl } })
    expect(object.json.acl).toMatchObject(acl)
    for (const wrong of [7, [7], [{ entity: 'allUsers' }]])
      expect((await say(emulator, `PATCH ${at('f')}`, { body: { acl: wrong } })).status).toBe(400)
  })
})
