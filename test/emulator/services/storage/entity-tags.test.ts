import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Emulator } from '../../../../src/emulator/index.ts'
import { at, openStorage, say, store } from '../../speak.ts'

let emulator: Emulator
let etags: Record<string, string>
beforeEach(async () => {
  emulator = await openStorage()
  await store(emulator, 'f', 'hello')
  etags = {}
  for (const path of PATHS) etags[path] = (await say(emulator, `GET ${path}`)).headers['etag']!
})
afterEach(() => emulator.close())

const PATHS = ['/storage/v1/b/box', at('f'), `${at('f')}?alt=media`]

describe.each(PATHS)('the entity tag of %s', (path) => {
  const status = async (method: string, headers: Record<string, string>): Promise<number> =>
    (await say(emulator, `${method} ${path}`, { headers, ...(method !== 'GET' && { body: {} }) })).status

  test.each([
    [(tag: string) => tag, true],
    [(tag: string) => `"${tag}"`, true],
    [(tag: string) => `W/"${tag}"`, true],
    [(tag: string) => `"other", "${tag}"`, true],
    [() => '*', true],
    [() => '"other"', false],
    [() => '', false],
  ])('is named, or is not, by what %s makes of it: %s', async (write, named) => {
    const header = write(etags[path]!)
    expect(await status('GET', { 'if-match': header })).toBe(named ? 200 : 412)
    expect(await status('GET', { 'if-none-match': header })).toBe(named ? 304 : 200)
    if (path.endsWith('media')) return
    expect(await status('PATCH', { 'if-none-match': header })).toBe(named ? 412 : 200)
    expect(await status('PATCH', { 'if-match': write((await say(emulator, `GET ${path}`)).json.etag) })).toBe(
      named ? 200 : 412,
    )
  })

  test('is another after a change', async () => {
    if (path.endsWith('media')) return
    expect(await status('PATCH', { 'if-match': etags[path]! })).toBe(200)
    expect(await status('PATCH', { 'if-match': etags[path]! })).toBe(412)
  })
})

test('an object is removed by its tag, and made where there is none', async () => {
  const insert = (headers: Record<string, string>): Promise<{ status: number }> =>
    say(emulator, 'POST /upload/storage/v1/b/box/o?uploadType=media&name=g', { headers, body: 'x' })
  expect((await insert({ 'if-match': '*' })).status).toBe(412)
  expect((await insert({ 'if-none-match': '*' })).status).toBe(200)
  expect((await insert({ 'if-none-match': '*' })).status).toBe(412)
  const remove = (tag: string) => say(emulator, `DELETE ${at('f')}`, { headers: { 'if-match': tag } })
  expect((await remove('other')).status).toBe(412)
  expect((await remove(etags[at('f')]!)).status).toBe(204)
})

describe('a range that is meant for one version', () => {
  const part = async (ifRange: string): Promise<[number, string]> => {
    const headers = { range: 'bytes=1-2', 'if-range': ifRange }
    const { status, text } = await say(emulator, `GET ${at('f')}?alt=media`, { headers })
    return [status, text]
  }
  test('comes of that version, and else the whole comes', async () => {
    const { headers } = await say(emulator, `GET ${at('f')}?alt=media`)
    expect(await part(headers['etag']!)).toEqual([206, 'el'])
    expect(await part(headers['last-modified']!)).toEqual([206, 'el'])
    expect(await part('"other"')).toEqual([200, 'hello'])
    expect(await part('Thu, 01 Jan 1970 00:00:00 GMT')).toEqual([200, 'hello'])
  })
})
