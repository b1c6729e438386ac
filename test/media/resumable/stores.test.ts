import { chmod, mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Keyv } from 'keyv'
import {
  keyvUploadStore,
  memoryUploadStore,
  redisUploadStore,
  type UploadState,
  type UploadStore,
} from 'discokit/media'
import { fileUploadStore } from 'discokit/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { useFolder } from '../folder.ts'
import { type RedisServer, startRedis } from '../../servers/redis.ts'

const path = useFolder()

const state: UploadState = {
  version: 1,
  methodId: 'storage.objects.insert',
  request: 'abc',
  sessionUrl: 'https://storage.googleapis.com/x?upload_id=1',
  dialect: 'content-range',
  total: 10,
  contentType: 'a/b',
  fingerprint: null,
  offset: 3,
  crc32c: 4_000_000_000,
  hashed: 3,
  granularity: 262_144,
  createdAt: 5,
}

let redis: RedisServer | undefined
beforeAll(async () => void (redis = await startRedis()))
afterAll(() => redis?.stop())

const STORES: readonly (readonly [string, () => UploadStore | Promise<UploadStore | undefined>])[] = [
  ['memory', memoryUploadStore],
  ['a keyv', () => keyvUploadStore(new Keyv())],
  ['files', () => fileUploadStore(path('states'))],
  [
    'Redis',
    async () => {
      if (redis === undefined) return undefined
      return redisUploadStore(await redis.connect(), { prefix: 'test:' })
    },
  ],
]

describe.each(STORES)('%s', (_, make) => {
  test('keeps states by key, until they are deleted', async (context) => {
    const store = await make()
    if (store === undefined) throw context.skip('redis-server is not installed')
    const keys = ['a', 'b', 'ä/../../x\u0000', 'x'.repeat(5_000)]
    for (const key of keys) expect(await store.get(key)).toBeUndefined()
    await store.delete('a')
    for (const [i, key] of keys.entries()) await store.set(key, { ...state, offset: i })
    for (const [i, key] of keys.entries()) expect(await store.get(key)).toEqual({ ...state, offset: i })
    await store.set('a', { ...state, offset: 9 })
    expect((await store.get('a'))!.offset).toBe(9)
    await store.delete('a')
    expect(await store.get('a')).toBeUndefined()
    expect((await store.get('b'))!.offset).toBe(1)
  })
})

test('a keyv that keeps nothing is an error', async () => {
  const adapter = { get: async () => undefined, delete: async () => true, clear: async () => {} }
  const set = async (): Promise<never> => {
    throw new Error('down')
  }
  const keyv = new Keyv({ store: { ...adapter, set } })
  keyv.on('error', () => {})
  await expect(keyvUploadStore(keyv).set('a', state)).rejects.toThrow(/was not kept/)
  const refusing = keyvUploadStore({ ...adapter, set: async () => false })
  await expect(refusing.set('a', state)).rejects.toThrow(/was not kept/)
})

describe('a state that is none', () => {
  test.each<[string, unknown]>([
    ['text', 'hello'],
    ['nothing', null],
    ['a list', []],
    ['another version', { ...state, version: 2 }],
    ['a negative offset', { ...state, offset: -1 }],
    ['a fraction', { ...state, hashed: 1.5 }],
    ['no granularity', { ...state, granularity: 0 }],
    ['another dialect', { ...state, dialect: 'tus' }],
    ['no address', { ...state, sessionUrl: undefined }],
    ['a total that is text', { ...state, total: '10' }],
  ])('%s counts as missing', async (_, kept) => {
    const keyv = new Keyv()
    await keyv.set('a', kept)
    expect(await keyvUploadStore(keyv).get('a')).toBeUndefined()
    const client = { get: async () => JSON.stringify(kept), set: async () => {}, del: async () => {} }
    expect(await redisUploadStore(client).get('a')).toBeUndefined()
  })
})

describe('files', () => {
  test('are only for this user, and are never half written', async () => {
    const store = fileUploadStore(path('states'))
    await store.set('secret key', state)
    const names = await readdir(path('states'))
    expect(names).toHaveLength(1)
    expect(names[0]).toMatch(/^[0-9a-f]{64}\.upload$/)
    if (process.platform !== 'win32') {
      expect((await stat(path('states'))).mode & 0o777).toBe(0o700)
      expect((await stat(join(path('states'), names[0]!))).mode & 0o777).toBe(0o600)
    }
    await Promise.all(Array.from({ length: 20 }, (_, i) => store.set('secret key', { ...state, offset: i })))
    expect(await readdir(path('states'))).toEqual(names)
    expect(JSON.parse(await readFile(join(path('states'), names[0]!), 'utf8'))).toMatchObject({ version: 1 })
  })

  test('that no call came back for are removed when Google has forgotten their sessions', async () => {
    const old = join(path('forgotten'), `${'a'.repeat(64)}.upload`)
    await fileUploadStore(path('forgotten')).set('kept', state)
    await writeFile(old, '{}')
    await writeFile(path('forgotten/mine.txt'), 'not one of them')
    const longAgo = new Date(Date.now() - 9 * 86_400_000)
    await utimes(old, longAgo, longAgo)
    await utimes(path('forgotten/mine.txt'), longAgo, longAgo)
    const store = fileUploadStore(path('forgotten'))
    await store.set('other', state)
    expect(await store.get('kept')).toEqual(state)
    const names = await readdir(path('forgotten'))
    expect(names).toHaveLength(3)
    expect(names).toContain('mine.txt')
  })

  test('of somebody else, links and large ones count as missing', async () => {
    const store = fileUploadStore(path('states'))
    await store.set('a', state)
    const [name] = await readdir(path('states'))
    const place = join(path('states'), name!)
    await writeFile(place, JSON.stringify({ ...state, contentType: 'x'.repeat(70_000) }))
    expect(await store.get('a')).toBeUndefined()
    await writeFile(place, '{"version":1')
    expect(await store.get('a')).toBeUndefined()
    await store.set('a', state)
    await chmod(place, 0o666)
    expect(await store.get('a')).toBeUndefined()
    await store.delete('a')
    await writeFile(path('elsewhere'), JSON.stringify(state))
    await symlink(path('elsewhere'), place)
    expect(await store.get('a')).toBeUndefined()
    await store.set('a', state) // takes the place of the link
    expect(await store.get('a')).toEqual(state)
    expect((await stat(path('elsewhere'))).size).toBeGreaterThan(0)
  })

  test('that a killed process had begun to write are taken away at the end', async () => {
    const store = fileUploadStore(path('states'))
    await store.set('a', state)
    await store.set('b', state)
    const [name] = await readdir(path('states'))
    const left = name!.replace('.upload', '.1.unfinished')
    await writeFile(join(path('states'), left), '{', { mode: 0o600 })
    await store.delete('a')
    await store.delete('b')
    expect(await readdir(path('states'))).toEqual([])
  })

  test('are not written to a folder that others can write to', async () => {
    await mkdir(path('open'))
    await chmod(path('open'), 0o777)
    const store = fileUploadStore(path('open'))
    await expect(store.set('a', state)).rejects.toThrow('only this user')
    expect(await store.get('a')).toBeUndefined()
    expect(await readdir(path('open'))).toEqual([])
  })
})
