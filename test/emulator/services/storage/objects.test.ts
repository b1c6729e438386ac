import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Emulator } from '../../../../src/emulator/index.ts'
import { at, openStorage, say, store } from '../../speak.ts'

let emulator: Emulator
let now: number
beforeEach(async () => {
  now = Date.parse('2026-01-02T03:04:05.678Z')
  emulator = await openStorage({ now: () => now })
})
afterEach(() => emulator.close())

describe('storage.objects.get', () => {
  test('gives the resource of an object', async () => {
    const told = await store(emulator, 'a b/ä', 'hello')
    const generation = String(now * 1000)
    expect(told.json).toEqual({
      kind: 'storage#object',
      id: `box/a b/ä/${generation}`,
      selfLink: 'http://emulator.localhost/storage/v1/b/box/o/a%20b%2F%C3%A4',
      mediaLink: `http://emulator.localhost/download/storage/v1/b/box/o/a%20b%2F%C3%A4?generation=${generation}&alt=media`,
      name: 'a b/ä',
      bucket: 'box',
      generation,
      metageneration: '1',
      contentType: 'text/plain',
      storageClass: 'STANDARD',
      size: '5',
      md5Hash: 'XUFAKrxLKna5cZ2REBfFkg==',
      crc32c: 'mnG7TA==',
      etag: expect.any(String),
      timeCreated: '2026-01-02T03:04:05.678Z',
      updated: '2026-01-02T03:04:05.678Z',
      timeStorageClassUpdated: '2026-01-02T03:04:05.678Z',
      timeFinalized: '2026-01-02T03:04:05.678Z',
    })
    expect((await say(emulator, `GET ${at('a b/ä')}`)).json).toEqual(told.json)
  })

  test('gives every object a generation of its own, newer than all before', async () => {
    const generations: bigint[] = []
    for (const name of ['a', 'a', 'b'])
      generations.push(BigInt((await store(emulator, name)).json.generation))
    expect(generations).toEqual([...new Set(generations)].sort((a, b) => (a < b ? -1 : 1)))
    expect(generations).toHaveLength(3)
  })

  test('answers 404 for an object or a generation that is not there', async () => {
    const { generation } = (await store(emulator, 'f')).json
    expect((await say(emulator, `GET ${at('f')}?generation=${generation}`)).status).toBe(200)
    for (const line of [`${at('f')}?generation=1`, at('g'), '/storage/v1/b/none/o/f']) {
      expect((await say(emulator, `GET ${line}`)).json.error.errors[0].reason).toBe('notFound')
    }
    await store(emulator, 'f')
    expect((await say(emulator, `GET ${at('f')}?generation=${generation}`)).status).toBe(404)
  })
})

describe('preconditions', () => {
  let generation: string
  beforeEach(async () => {
    ;({ generation } = (await store(emulator, 'f')).json)
  })

  const table: [query: (generation: string) => string, status: number, reading: number][] = [
    [(g) => `ifGenerationMatch=${g}`, 200, 200],
    [() => 'ifGenerationMatch=1', 412, 412],
    [() => 'ifGenerationMatch=0', 412, 412],
    [() => 'ifGenerationNotMatch=1', 200, 200],
    [() => 'ifGenerationNotMatch=0', 200, 200],
    [(g) => `ifGenerationNotMatch=${g}`, 412, 304],
    [() => 'ifMetagenerationMatch=1', 200, 200],
    [() => 'ifMetagenerationMatch=2', 412, 412],
    [() => 'ifMetagenerationNotMatch=2', 200, 200],
    [() => 'ifMetagenerationNotMatch=1', 412, 304],
    [(g) => `ifGenerationMatch=${g}&ifMetagenerationMatch=2`, 412, 412],
  ]
  test.each(table)('%s: a change answers %i and a read %i', async (query, changing, reading) => {
    const of = (line: string): string => `${line}?${query(generation)}`
    for (const line of [`GET ${of(at('f'))}`, `GET ${of(at('f'))}&alt=media`]) {
      const told = await say(emulator, line)
      expect([line, told.status]).toEqual([line, reading])
      if (told.status === 304) expect(told.text).toBe('')
      if (told.status === 412 && !line.endsWith('alt=media'))
        expect(told.json.error.errors[0].reason).toBe('conditionNotMet')
    }
    const overwritten = `POST /upload/storage/v1/b/box/o?uploadType=media&name=f&${query(generation)}`
    for (const [line, done] of [
      [`PATCH ${of(at('f'))}`, 200],
      [`PUT ${of(at('f'))}`, 200],
      [`DELETE ${of(at('f'))}`, 204],
      [overwritten, 200],
    ] as const) {
      // Each on its own object: a success would change what the next one looks at.
      await emulator.handle({ method: 'DELETE', url: `${emulator.url}${at('f')}`, headers: {} })
      now += 1
      generation = (await store(emulator, 'f', 'original')).json.generation
      const current = line.replace(/(ifGeneration(?:Not)?Match=)\d{10,}/, `$1${generation}`)
      const told = await say(emulator, current, { body: line === overwritten ? 'new' : '{}' })
      expect([current, told.status]).toEqual([current, changing === 200 ? done : changing])
      if (changing === 412) {
        expect((await say(emulator, `GET ${at('f')}?alt=media`)).text).toBe('original')
      }
    }
  })

  test('an upload where nothing is succeeds with ifGenerationMatch=0 only', async () => {
    const attempt = async (query: Record<string, string>): Promise<number> => {
      const { status } = await store(emulator, 'new', 'x', query)
      if (status === 200) await say(emulator, `DELETE ${at('new')}`)
      return status
    }
    expect(await attempt({ ifGenerationMatch: '0' })).toBe(200)
    expect(await attempt({ ifGenerationMatch: '1' })).toBe(412)
    expect(await attempt({ ifGenerationNotMatch: '0' })).toBe(412)
    expect(await attempt({ ifGenerationNotMatch: '1' })).toBe(412)
    expect(await attempt({ ifMetagenerationMatch: '1' })).toBe(412)
    expect(await attempt({})).toBe(200)
  })

  test('must be integers', async () => {
    const told = await say(emulator, `GET ${at('f')}?ifGenerationMatch=x`)
    expect(told.json.error).toMatchObject({
      code: 400,
      errors: [{ reason: 'invalidParameter', location: 'ifGenerationMatch' }],
    })
  })
})

describe('storage.objects.patch and update', () => {
  const settable = {
    cacheControl: 'no-store',
    contentType: 'text/html',
    contentDisposition: 'inline',
    contentEncoding: 'identity',
    contentLanguage: 'de',
    customTime: '2026-05-06T07:08:09Z',
    metadata: { a: '1', b: '2' },
  }

  test('a patch merges, a null removes, and the bytes stay', async () => {
    const before = (await store(emulator, 'f', 'hello')).json
    now += 1000
    const set = await say(emulator, `PATCH ${at('f')}`, { body: { ...settable, size: '9', bucket: 'x' } })
    expect(set.json).toEqual({
      ...before,
      ...settable,
      metageneration: '2',
      etag: expect.not.stringMatching(before.etag),
      updated: '2026-01-02T03:04:06.678Z',
    })
    const patch = { metadata: { a: null, c: '3' }, cacheControl: null }
    const { json } = await say(emulator, `PATCH ${at('f')}`, { body: patch })
    expect(json.metadata).toEqual({ b: '2', c: '3' })
    expect(json).not.toHaveProperty('cacheControl')
    expect(json).toMatchObject({ contentType: 'text/html', metageneration: '3' })
    const cleared = await say(emulator, `PATCH ${at('f')}`, { body: { metadata: null } })
    expect(cleared.json).not.toHaveProperty('metadata')
    expect((await say(emulator, `GET ${at('f')}?alt=media`)).text).toBe('hello')
  })

  test('an update replaces all that callers set', async () => {
    await store(emulator, 'f')
    const { customTime: _, ...fields } = settable
    await say(emulator, `PATCH ${at('f')}`, { body: fields })
    const { json } = await say(emulator, `PUT ${at('f')}`, { body: { metadata: { z: '1' } } })
    expect(json).toMatchObject({ metadata: { z: '1' }, metageneration: '3' })
    for (const name of ['cacheControl', 'contentType', 'contentLanguage'])
      expect(json).not.toHaveProperty(name)
  })

  test.each([
    [{ metadata: { a: 1 } }],
    [{ metadata: 'x' }],
    [{ contentType: 7 }],
    [{ cacheControl: { a: 1 } }],
    [{ customTime: 'tomorrow' }],
  ])('refuses %j with 400 and changes nothing', async (body) => {
    await store(emulator, 'f')
    const told = await say(emulator, `PATCH ${at('f')}`, { body })
    expect([told.status, told.json.error.errors[0].reason]).toEqual([400, 'invalid'])
    expect((await say(emulator, `GET ${at('f')}`)).json.metageneration).toBe('1')
  })

  test('a custom time moves forward only', async () => {
    await store(emulator, 'f')
    const set = async (customTime: string | null, http = 'PATCH'): Promise<number> =>
      (await say(emulator, `${http} ${at('f')}`, { body: { customTime } })).status
    expect(await set('2026-01-01T00:00:00Z')).toBe(200)
    expect(await set('2026-01-02T00:00:00Z')).toBe(200)
    expect(await set('2026-01-01T00:00:00Z')).toBe(400)
    expect(await set(null)).toBe(400)
    expect((await say(emulator, `PUT ${at('f')}`, { body: {} })).status).toBe(400)
  })

  test('refuses holds, which it would not keep', async () => {
    await store(emulator, 'f')
    const told = await say(emulator, `PATCH ${at('f')}`, { body: { temporaryHold: true } })
    expect(told.json.error).toMatchObject({ code: 501, message: expect.stringContaining('temporaryHold') })
  })
})

describe('storage.objects.delete', () => {
  test('removes the object, of the given generation only', async () => {
    await store(emulator, 'f')
    expect((await say(emulator, `DELETE ${at('f')}?generation=1`)).status).toBe(404)
    const told = await say(emulator, `DELETE ${at('f')}`)
    expect([told.status, told.text, told.headers['content-length']]).toEqual([204, '', undefined])
    expect((await say(emulator, `DELETE ${at('f')}`)).status).toBe(404)
  })
})

test('names that address parsers would resolve stay what they are', async () => {
  for (const name of ['a/../b', 'x/.', '%2e%2e', 'a//b', '?', '#', ' ']) {
    expect((await store(emulator, name, name)).status).toBe(200)
    expect((await say(emulator, `GET ${at(name)}?alt=media`)).text).toBe(name)
  }
})
