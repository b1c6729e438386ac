import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Emulator } from '../../../../src/emulator/index.ts'
import { at, bytesOf, openStorage, say, store, type Told } from '../../speak.ts'

let emulator: Emulator
beforeEach(async () => {
  emulator = await openStorage()
  await say(emulator, 'POST /storage/v1/b?project=p', { body: { name: 'far', location: 'EU' } })
})
afterEach(() => emulator.close())

const MEBIBYTE = 1024 * 1024
const bytesAt = async (path: string): Promise<Told> => say(emulator, `GET ${path}?alt=media`)

type Query = Record<string, string | number | boolean>
const verbs = {
  copy: (to: string, query: Query = {}, body?: object, bucket = 'box') =>
    say(emulator, `POST ${at('f')}/copyTo/b/${bucket}/o/${to}`, { query, ...(body && { body }) }),
  rewrite: (to: string, query: Query = {}, body?: object, bucket = 'box') =>
    say(emulator, `POST ${at('f')}/rewriteTo/b/${bucket}/o/${to}`, { query, ...(body && { body }) }),
  move: (to: string, query: Query = {}) => say(emulator, `POST ${at('f')}/moveTo/o/${to}`, { query }),
}
const resourceOf = (verb: string, told: Told): any => (verb === 'rewrite' ? told.json.resource : told.json)

describe.each(['copy', 'rewrite', 'move'] as const)('storage.objects.%s', (verb) => {
  let source: any
  beforeEach(async () => {
    await store(emulator, 'f', 'hello')
    source = (await say(emulator, `PATCH ${at('f')}`, { body: { metadata: { a: 'b' } } })).json
  })

  test('makes an object of its own, with the same bytes and what was set on them', async () => {
    const made = resourceOf(verb, await verbs[verb]('a%2Fg'))
    expect(made).toMatchObject({
      name: 'a/g',
      metageneration: '1',
      size: '5',
      contentType: 'text/plain',
      metadata: { a: 'b' },
      crc32c: source.crc32c,
      md5Hash: source.md5Hash,
    })
    expect(BigInt(made.generation)).toBeGreaterThan(BigInt(source.generation))
    expect((await bytesAt(at('a/g'))).text).toBe('hello')
    expect((await bytesAt(at('f'))).status).toBe(verb === 'move' ? 404 : 200)
  })

  test('leaves the bytes to each: one goes, the other stays', async () => {
    await verbs[verb]('g')
    await store(emulator, 'f', 'other')
    await say(emulator, `DELETE ${at('f')}`)
    expect((await bytesAt(at('g'))).text).toBe('hello')
    await say(emulator, `DELETE ${at('g')}`)
    expect((await bytesAt(at('g'))).status).toBe(404)
  })

  test('replaces what is there', async () => {
    await store(emulator, 'g', 'before')
    await verbs[verb]('g')
    expect((await bytesAt(at('g'))).text).toBe('hello')
  })

  test.each([
    ['ifGenerationMatch', 0, 412],
    ['ifGenerationNotMatch', 0, 200],
    ['ifMetagenerationMatch', 1, 200],
    ['ifSourceGenerationMatch', 1, 412],
    ['ifSourceGenerationNotMatch', 1, 200],
    ['ifSourceMetagenerationMatch', 1, 412],
    ['ifSourceMetagenerationMatch', 2, 200],
    ['ifSourceMetagenerationNotMatch', 2, 412],
  ])('holds to %s=%i: %i', async (condition, value, status) => {
    await store(emulator, 'g', 'before')
    const told = await verbs[verb]('g', { [condition]: value })
    expect(told.status).toBe(status)
    expect((await bytesAt(at('g'))).text).toBe(status === 200 ? 'hello' : 'before')
    expect((await bytesAt(at('f'))).status).toBe(status === 200 && verb === 'move' ? 404 : 200)
  })

  test('needs a source, and a name that an object may have', async () => {
    expect((await verbs[verb](encodeURIComponent('a\nb'))).status).toBe(400)
    await say(emulator, `DELETE ${at('f')}`)
    expect((await verbs[verb]('g')).status).toBe(404)
  })
})

describe.each(['copy', 'rewrite'] as const)('storage.objects.%s', (verb) => {
  beforeEach(() => store(emulator, 'f', 'hello'))

  test('goes to another bucket, whose storage class the copy gets', async () => {
    await say(emulator, 'PATCH /storage/v1/b/far', { body: { storageClass: 'NEARLINE' } })
    const made = resourceOf(verb, await verbs[verb]('g', {}, undefined, 'far'))
    expect(made).toMatchObject({ bucket: 'far', storageClass: 'NEARLINE', contentType: 'text/plain' })
    expect((await verbs[verb]('g', {}, undefined, 'none')).status).toBe(404)
  })

  test('takes nothing over when its body sets anything', async () => {
    const made = resourceOf(verb, await verbs[verb]('g', {}, { metadata: { c: 'd' } }))
    expect(made).toMatchObject({ metadata: { c: 'd' } })
    expect(made).not.toHaveProperty('contentType')
  })

  test('copies onto itself, as a change of the storage class does', async () => {
    const body = { storageClass: 'COLDLINE', contentType: 'text/plain' }
    expect(resourceOf(verb, await verbs[verb]('f', {}, body))).toMatchObject({ storageClass: 'COLDLINE' })
    expect((await bytesAt(at('f'))).text).toBe('hello')
  })

  test('copies the generation that it is told', async () => {
    const { generation } = (await say(emulator, `GET ${at('f')}`)).json
    expect((await verbs[verb]('g', { sourceGeneration: generation })).status).toBe(200)
    expect((await verbs[verb]('g', { sourceGeneration: 1 })).status).toBe(404)
  })
})

test('storage.objects.move refuses to move an object to where it is', async () => {
  await store(emulator, 'f')
  expect((await verbs.move('f')).status).toBe(400)
  expect((await bytesAt(at('f'))).status).toBe(200)
})

describe('a rewrite to another location', () => {
  const content = bytesOf(2.5 * MEBIBYTE)
  const step = (query: Query = {}): Promise<Told> =>
    verbs.rewrite('g', { maxBytesRewrittenPerCall: MEBIBYTE, ...query }, undefined, 'far')
  beforeEach(() => store(emulator, 'f', content))

  test('takes as many calls as its bytes need', async () => {
    const first = (await step()).json
    expect(first).toEqual({
      kind: 'storage#rewriteResponse',
      totalBytesRewritten: String(MEBIBYTE),
      objectSize: String(content.length),
      done: false,
      rewriteToken: expect.any(String),
    })
    expect((await bytesAt('/storage/v1/b/far/o/g')).status).toBe(404)
    const { rewriteToken } = first
    expect((await step({ rewriteToken })).json).toMatchObject({
      totalBytesRewritten: String(2 * MEBIBYTE),
      done: false,
      rewriteToken,
    })
    const last = (await step({ rewriteToken })).json
    expect(last).toMatchObject({ done: true, resource: { bucket: 'far', name: 'g' } })
    expect(last).not.toHaveProperty('rewriteToken')
    expect(Buffer.compare((await bytesAt('/storage/v1/b/far/o/g')).bytes, content)).toBe(0)
    expect((await step({ rewriteToken })).status).toBe(400)
  })

  test('makes what its first call said', async () => {
    const body = { contentType: 'image/x-test' }
    const query = { maxBytesRewrittenPerCall: 2 * MEBIBYTE }
    const { rewriteToken } = (await verbs.rewrite('g', query, body, 'far')).json
    const told = await verbs.rewrite('g', { ...query, rewriteToken }, undefined, 'far')
    expect(told.json.resource).toMatchObject(body)
  })

  test('ends in the bucket that has the name by then', async () => {
    const query = { maxBytesRewrittenPerCall: 2 * MEBIBYTE }
    const { rewriteToken } = (await verbs.rewrite('g', query, undefined, 'far')).json
    await say(emulator, 'DELETE /storage/v1/b/far')
    expect((await verbs.rewrite('g', { ...query, rewriteToken }, undefined, 'far')).status).toBe(404)
    await say(emulator, 'POST /storage/v1/b?project=p', { body: { name: 'far', location: 'EU' } })
    expect((await verbs.rewrite('g', { ...query, rewriteToken }, undefined, 'far')).json.done).toBe(true)
    expect(Buffer.compare((await bytesAt('/storage/v1/b/far/o/g')).bytes, content)).toBe(0)
  })

  test('refuses a token for another destination, size or source, or after a week', async () => {
    const { rewriteToken } = (await step()).json
    expect((await verbs.rewrite('h', { rewriteToken, maxBytesRewrittenPerCall: MEBIBYTE })).status).toBe(400)
    expect((await step({ rewriteToken, maxBytesRewrittenPerCall: 2 * MEBIBYTE })).status).toBe(400)
    await store(emulator, 'f', content)
    expect((await step({ rewriteToken })).status).toBe(400)
    emulator.clock.advance(7 * 24 * 3_600_000)
    expect((await step({ rewriteToken })).status).toBe(410)
    expect((await step({ rewriteToken })).status).toBe(400)
  })

  test.each([0, 1, MEBIBYTE + 1, -MEBIBYTE])('refuses %i bytes for each call', async (bytes) => {
    expect((await step({ maxBytesRewrittenPerCall: bytes })).status).toBe(400)
  })

  test('is done at once within a location, without a limit, and for few bytes', async () => {
    expect((await verbs.rewrite('g', { maxBytesRewrittenPerCall: MEBIBYTE })).json.done).toBe(true)
    expect((await verbs.rewrite('g', {}, undefined, 'far')).json.done).toBe(true)
    expect((await step({ maxBytesRewrittenPerCall: 3 * MEBIBYTE })).json.done).toBe(true)
  })
})
