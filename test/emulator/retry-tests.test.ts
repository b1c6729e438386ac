import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Emulator } from '../../src/emulator/index.ts'
import { openStorage, say, type Told } from './speak.ts'

let emulator: Emulator
beforeEach(async () => {
  emulator = await openStorage()
})
afterEach(() => emulator.close())

const LIST = 'GET /storage/v1/b?project=p'
const create = (body: object): Promise<Told> => say(emulator, 'POST /retry_test', { body })
const list = (id: string): Promise<Told> => say(emulator, LIST, { headers: { 'x-retry-test-id': id } })

describe('retry tests', () => {
  test('go wrong for the calls that name them, and tell what is left', async () => {
    const made = await create({
      instructions: { 'storage.buckets.list': ['return-503', 'return-429'], 'storage.buckets.get': [] },
      transport: 'HTTP',
    })
    expect([made.status, made.json]).toEqual([
      200,
      {
        id: expect.stringMatching(/^[\da-f]{32}$/),
        instructions: { 'storage.buckets.list': ['return-503', 'return-429'], 'storage.buckets.get': [] },
        transport: 'HTTP',
        completed: false,
      },
    ])
    const { id } = made.json
    expect((await say(emulator, LIST)).status).toBe(200)
    expect((await list(id)).status).toBe(503)
    const half = (await say(emulator, `GET /retry_test/${id}`)).json
    expect([half.instructions['storage.buckets.list'], half.completed]).toEqual([['return-429'], false])
    expect([(await list(id)).status, (await list(id)).status]).toEqual([429, 200])
    const done = (await say(emulator, `GET /retry_test/${id}`)).json
    expect([done.instructions['storage.buckets.list'], done.completed]).toEqual([[], true])
    expect((await say(emulator, 'GET /retry_tests')).json).toEqual({ retry_test: [done] })
  })

  test('are apart from one another, and from what emulator.fail asked for', async () => {
    const instructions = { 'storage.buckets.list': ['return-503'] }
    const ids = [await create({ instructions }), await create({ instructions })].map(({ json }) => json.id)
    emulator.fail('storage.buckets.list', ['return-429'])
    expect((await list(ids[0])).status).toBe(503)
    expect((await list(ids[0])).status).toBe(429)
    expect((await list(ids[1])).status).toBe(503)
  })

  test('are deleted, and forgotten by a reset', async () => {
    const instructions = { 'storage.buckets.list': ['return-503'] }
    const { id } = (await create({ instructions })).json
    expect((await say(emulator, `DELETE /retry_test/${id}`)).status).toBe(200)
    for (const told of [
      await say(emulator, `GET /retry_test/${id}`),
      await say(emulator, `DELETE /retry_test/${id}`),
      await list(id),
    ]) {
      expect([told.status, told.json.error.errors[0].reason]).toEqual([404, 'notFound'])
    }
    const other = (await create({ instructions })).json
    emulator.reset()
    expect((await say(emulator, `GET /retry_test/${other.id}`)).status).toBe(404)
  })

  test('know the names that the test bench has for some methods', async () => {
    const methods = [
      'storage.bucket_acl.get',
      'storage.default_object_acl.list',
      'storage.object_acl.insert',
      'storage.hmacKey.create',
      'storage.serviceaccount.get',
      'storage.notifications.insert',
      'storage.buckets.testIamPermissions',
    ]
    const instructions = Object.fromEntries(methods.map((name) => [name, ['return-503']]))
    const made = await create({ instructions })
    expect([made.status, made.json.instructions]).toEqual([200, instructions])
    const told = await say(emulator, 'GET /storage/v1/b/box/acl/allUsers', {
      headers: { 'x-retry-test-id': made.json.id },
    })
    expect(told.status).toBe(503)
  })

  test.each([
    [{}, 400],
    [{ instructions: [] }, 400],
    [{ instructions: { 'storage.buckets.list': 'return-503' } }, 400],
    [{ instructions: { 'storage.buckets.list': ['explode'] } }, 400],
    [{ instructions: { 'storage.buckets.burn': ['return-503'] } }, 400],
    [{ instructions: { 'storage.buckets.list': ['return-missing-part'] } }, 400],
    [{ instructions: { 'storage.buckets.list': ['return-503'] }, transport: 'GRPC' }, 501],
  ])('refuse %j', async (body, status) => {
    expect((await create(body)).status).toBe(status)
    expect((await say(emulator, 'GET /retry_tests')).json).toEqual({ retry_test: [] })
  })

  test('have no other addresses', async () => {
    for (const line of ['GET /retry_test', 'POST /retry_tests', 'PUT /retry_test/1', 'GET /retry_test/a/b']) {
      expect((await say(emulator, line)).status).toBe(404)
    }
  })
})
