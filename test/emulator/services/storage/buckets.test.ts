import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createEmulator, type Emulator } from '../../../../src/emulator/index.ts'
import { openStorage, say, store, type Told } from '../../speak.ts'

let emulator: Emulator
beforeEach(async () => {
  emulator = await createEmulator({ anonymous: true, now: () => Date.parse('2026-01-02T03:04:05.678Z') })
})
afterEach(() => emulator.close())

function insert(body: object, project = 'p'): Promise<Told> {
  return say(emulator, 'POST /storage/v1/b', { query: { project }, body })
}

describe('storage.buckets.insert', () => {
  test('answers with the resource of the bucket', async () => {
    const told = await insert({ name: 'box', labels: { a: 'b' } })
    expect(told.status).toBe(200)
    expect(told.json).toMatchObject({
      kind: 'storage#bucket',
      id: 'box',
      name: 'box',
      selfLink: 'http://emulator.localhost/storage/v1/b/box',
      projectNumber: expect.stringMatching(/^\d{12}$/),
      metageneration: '1',
      location: 'US',
      locationType: 'multi-region',
      storageClass: 'STANDARD',
      timeCreated: '2026-01-02T03:04:05.678Z',
      updated: '2026-01-02T03:04:05.678Z',
      labels: { a: 'b' },
      etag: expect.any(String),
    })
    expect(told.headers.etag).toBe(told.json.etag)
    expect((await say(emulator, 'GET /storage/v1/b/box')).json).toEqual(told.json)
  })

  test('writes the location in capitals', async () => {
    const { json } = await insert({ name: 'box', location: 'europe-west3', storageClass: 'NEARLINE' })
    expect(json).toMatchObject({ location: 'EUROPE-WEST3', locationType: 'region', storageClass: 'NEARLINE' })
  })

  test('refuses a name that is taken with 409', async () => {
    await insert({ name: 'box' })
    const own = await insert({ name: 'box' })
    expect(own.status).toBe(409)
    expect(own.json.error).toMatchObject({
      message: 'Your previous request to create the named bucket succeeded and you already own it.',
      errors: [{ reason: 'conflict' }],
    })
    const other = await insert({ name: 'box' }, 'q')
    expect(other.json.error).toMatchObject({ code: 409, message: expect.stringContaining('not available') })
  })

  test.each([
    '',
    'ab',
    'Box',
    'box!',
    '-box',
    'box-',
    'a..b',
    '192.168.5.4',
    'google-box',
    'goog1',
    'x'.repeat(64),
    `${'x'.repeat(64)}.com`,
    'bücher',
    'a\ud800b',
    7,
    null,
    undefined,
  ])('refuses the name %j with 400 invalid', async (name) => {
    const told = await insert({ name })
    expect([told.status, told.json.error?.errors[0].reason]).toEqual([400, 'invalid'])
  })

  test.each(['box', 'a_b', '3-4', 'x'.repeat(63), 'www.example.com'])('takes the name %j', async (name) => {
    expect((await insert({ name })).status).toBe(200)
  })

  test('needs a project and a JSON object', async () => {
    const noProject = await say(emulator, 'POST /storage/v1/b', { body: { name: 'box' } })
    expect(noProject.json.error).toMatchObject({
      code: 400,
      errors: [{ reason: 'required', location: 'project' }],
    })
    for (const [body, reason] of [
      ['{', 'parseError'],
      ['[]', 'invalid'],
      ['"x"', 'invalid'],
    ] as const) {
      const told = await say(emulator, 'POST /storage/v1/b?project=p', { body })
      expect([told.status, told.json.error.errors[0].reason]).toEqual([400, reason])
    }
  })

  test('refuses to promise versions that it does not keep', async () => {
    const told = await insert({ name: 'box', versioning: { enabled: true } })
    expect([told.status, told.json.error.message]).toEqual([501, expect.stringContaining('versioning')])
    expect((await insert({ name: 'box', versioning: { enabled: false } })).status).toBe(200)
  })
})

describe('storage.buckets.list', () => {
  test('lists the buckets of a project in order, by prefix and in pages', async () => {
    for (const name of ['b-2', 'a-1', 'b-1', 'b-3']) await insert({ name })
    await insert({ name: 'b-0' }, 'q')
    const pages: string[][] = []
    for (let pageToken = '', first = true; first || pageToken; first = false) {
      const { json } = await say(emulator, 'GET /storage/v1/b', {
        query: { project: 'p', prefix: 'b', maxResults: 2, ...(pageToken && { pageToken }) },
      })
      expect(json.kind).toBe('storage#buckets')
      pages.push(json.items.map((item: { name: string }) => item.name))
      pageToken = json.nextPageToken ?? ''
    }
    expect(pages).toEqual([['b-1', 'b-2'], ['b-3']])
  })

  test('gives no page token after the last page', async () => {
    for (const name of ['b-1', 'b-2']) await insert({ name })
    const { json } = await say(emulator, 'GET /storage/v1/b?project=p&maxResults=2')
    expect(json.items).toHaveLength(2)
    expect(json).not.toHaveProperty('nextPageToken')
  })
})

describe('storage.buckets.patch and update', () => {
  test('a patch merges, a null removes', async () => {
    await insert({ name: 'box', labels: { a: '1', b: '2' }, website: { mainPageSuffix: 'i' } })
    emulator.clock.advance(1000)
    const { json } = await say(emulator, 'PATCH /storage/v1/b/box', {
      body: { labels: { a: null, c: '3' }, website: null, id: 'ignored' },
    })
    expect(json).toMatchObject({ id: 'box', metageneration: '2', labels: { b: '2', c: '3' } })
    expect(json.labels).not.toHaveProperty('a')
    expect(json).not.toHaveProperty('website')
    expect(Date.parse(json.updated)).toBe(Date.parse(json.timeCreated) + 1000)
  })

  test('an update replaces what callers set, and keeps the location', async () => {
    await insert({ name: 'box', location: 'EU', labels: { a: '1' } })
    const { json } = await say(emulator, 'PUT /storage/v1/b/box', {
      body: { website: { notFoundPage: 'n' } },
    })
    expect(json).toMatchObject({ location: 'EU', website: { notFoundPage: 'n' } })
    expect(json).not.toHaveProperty('labels')
  })

  test('both keep to preconditions and refuse wrong types', async () => {
    await insert({ name: 'box' })
    for (const http of ['PATCH', 'PUT']) {
      const unmet = await say(emulator, `${http} /storage/v1/b/box?ifMetagenerationMatch=9`, { body: {} })
      expect([unmet.status, unmet.json.error.errors[0].reason]).toEqual([412, 'conditionNotMet'])
      const wrong = await say(emulator, `${http} /storage/v1/b/box`, { body: { labels: { a: 1 } } })
      expect([wrong.status, wrong.json.error.errors[0].reason]).toEqual([400, 'invalid'])
    }
    expect((await say(emulator, 'GET /storage/v1/b/box')).json.metageneration).toBe('1')
  })
})

describe('the fields of a bucket', () => {
  const wrong = [
    { iamConfiguration: 'x' },
    { iamConfiguration: { uniformBucketLevelAccess: true } },
    { iamConfiguration: { uniformBucketLevelAccess: { enabled: 'yes' } } },
    { iamConfiguration: { publicAccessPrevention: 1 } },
    { cors: {} },
    { cors: ['x'] },
    { versioning: true },
    { versioning: { enabled: 1 } },
    { labels: [] },
    { labels: 'x' },
    { storageClass: 7 },
  ]
  test.each(wrong)('refuses %j', async (body) => {
    await insert({ name: 'box' })
    for (const told of [
      await insert({ name: 'other', ...body }),
      await say(emulator, 'PATCH /storage/v1/b/box', { body }),
      await say(emulator, 'PUT /storage/v1/b/box', { body }),
    ])
      expect([told.status, told.json.error?.errors[0].reason]).toEqual([400, 'invalid'])
  })

  test('go back to what a new bucket has where a null takes them away', async () => {
    const { json: made } = await insert({ name: 'box' })
    await say(emulator, 'PATCH /storage/v1/b/box', {
      body: {
        storageClass: 'NEARLINE',
        iamConfiguration: { publicAccessPrevention: 'enforced' },
        cors: [{ origin: ['*'] }],
      },
    })
    const { json } = await say(emulator, 'PATCH /storage/v1/b/box', {
      body: { storageClass: null, iamConfiguration: null, cors: null, rpo: null },
    })
    const { iamConfiguration, rpo } = made
    expect(json).toMatchObject({ storageClass: 'STANDARD', iamConfiguration, rpo })
    expect(json).not.toHaveProperty('cors')
  })
})

describe('storage.buckets.delete', () => {
  test('removes an empty bucket and refuses others with 409', async () => {
    await using filled = await openStorage()
    await store(filled, 'f')
    const full = await say(filled, 'DELETE /storage/v1/b/box')
    expect([full.status, full.json.error.errors[0].reason]).toEqual([409, 'conflict'])
    await say(filled, 'DELETE /storage/v1/b/box/o/f')
    const empty = await say(filled, 'DELETE /storage/v1/b/box')
    expect([empty.status, empty.text]).toEqual([204, ''])
    for (const line of ['GET /storage/v1/b/box', 'DELETE /storage/v1/b/box', 'GET /storage/v1/b/box/o']) {
      expect((await say(filled, line)).json.error).toMatchObject({
        code: 404,
        errors: [{ reason: 'notFound' }],
      })
    }
  })
})
