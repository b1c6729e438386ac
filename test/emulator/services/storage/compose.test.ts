import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Emulator } from '../../../../src/emulator/index.ts'
import { at, bytesOf, openStorage, say, store, type Told } from '../../speak.ts'

let emulator: Emulator
let generations: Record<string, string>
beforeEach(async () => {
  emulator = await openStorage()
  generations = {}
  for (const name of ['hel', 'lo', ' world'])
    generations[name] = (await store(emulator, name)).json.generation
})
afterEach(() => emulator.close())

function compose(sources: readonly object[], more: object = {}, query = {}): Promise<Told> {
  return say(emulator, `POST ${at('whole')}/compose`, { query, body: { sourceObjects: sources, ...more } })
}
const named = (...names: string[]): object[] => names.map((name) => ({ name }))
const text = async (name: string): Promise<string> => (await say(emulator, `GET ${at(name)}?alt=media`)).text

describe('storage.objects.compose', () => {
  test('makes one object of several, in order, with the checksum of the whole and no MD5', async () => {
    const destination = { contentType: 'text/x-test', metadata: { a: 'b' } }
    const told = await compose(named('hel', 'lo', ' world'), { destination })
    expect(told.json).toMatchObject({
      name: 'whole',
      size: '11',
      crc32c: 'yZRlqg==',
      componentCount: 3,
      ...destination,
    })
    expect(told.json).not.toHaveProperty('md5Hash')
    const media = await say(emulator, `GET ${at('whole')}?alt=media`)
    expect(media.text).toBe('hello world')
    expect(media.headers).toMatchObject({ 'x-goog-hash': 'crc32c=yZRlqg==', 'x-goog-component-count': '3' })
    expect(await text('hel')).toBe('hel')
  })

  test('appends to its own destination, and counts all components', async () => {
    await compose(named('hel', 'lo'))
    expect((await compose(named('whole', ' world'))).json.componentCount).toBe(3)
    expect(await text('whole')).toBe('hello world')
  })

  test('takes an object twice, and bytes beyond what is held in memory', async () => {
    const large = bytesOf(1_500_000)
    await store(emulator, 'large', large)
    await compose(named('large', 'hel', 'large'))
    const { bytes } = await say(emulator, `GET ${at('whole')}?alt=media`)
    expect(Buffer.compare(bytes, Buffer.concat([large, Buffer.from('hel'), large]))).toBe(0)
  })

  test('removes its sources when asked to', async () => {
    await compose(named('hel', 'lo'), { deleteSourceObjects: true })
    const { json } = await say(emulator, 'GET /storage/v1/b/box/o')
    expect(json.items.map(({ name }: { name: string }) => name)).toEqual([' world', 'whole'])
    expect(await text('whole')).toBe('hello')
  })

  test('holds to the generations of sources and destination', async () => {
    const generation = generations['hel']
    const status = async (source: object, query = {}): Promise<number> =>
      (await compose([{ name: 'hel', ...source }], {}, query)).status
    expect(await status({ generation })).toBe(200)
    expect(await status({ generation: '1' })).toBe(404)
    expect(await status({ objectPreconditions: { ifGenerationMatch: generation } })).toBe(200)
    expect(await status({ objectPreconditions: { ifGenerationMatch: '1' } })).toBe(412)
    expect(await status({}, { ifGenerationMatch: 0 })).toBe(412)
    await say(emulator, `DELETE ${at('whole')}`)
    expect(await status({}, { ifGenerationMatch: 0 })).toBe(200)
  })

  test.each([
    ['no sources', [], 400],
    ['a source without a name', [{}], 400],
    ['a source that is none', [null], 400],
    ['a generation that is none', [{ name: 'hel', generation: 'x' }], 400],
    ['a source that does not exist', named('none'), 404],
    ['33 sources', named(...Array<string>(33).fill('hel')), 400],
  ] as const)('refuses %s', async (_, sources, status) => {
    expect((await compose(sources as object[])).status).toBe(status)
    expect((await say(emulator, `GET ${at('whole')}`)).status).toBe(404)
  })

  test('takes 32 sources', async () => {
    expect((await compose(named(...Array<string>(32).fill('hel')))).json.size).toBe('96')
  })

  describe('of many bytes', () => {
    const large = bytesOf(1_500_000)
    const sources = named(...Array<string>(32).fill('large'))
    beforeEach(() => store(emulator, 'large', large))

    test('does not replace what came there meanwhile, under a precondition', async () => {
      const composing = compose(sources, {}, { ifGenerationMatch: 0 })
      expect((await store(emulator, 'whole', 'first')).status).toBe(200)
      expect((await composing).status).toBe(412)
      expect(await text('whole')).toBe('first')
    })

    test('is nowhere when its bucket went meanwhile', async () => {
      const composing = compose(sources)
      for (const name of ['large', 'hel', 'lo', ' world']) await say(emulator, `DELETE ${at(name)}`)
      expect((await say(emulator, 'DELETE /storage/v1/b/box')).status).toBe(204)
      expect((await composing).status).toBe(404)
    })

    test('has the bytes that its sources had', async () => {
      const composing = compose(sources, { deleteSourceObjects: true })
      // Let it begin: what it is made of is read from the body first.
      for (let turn = 0; turn < 10; turn++) await Promise.resolve()
      await store(emulator, 'large', 'replaced')
      expect((await composing).json.size).toBe(String(32 * large.length))
      expect(await text('large')).toBe('replaced')
    })
  })
})
