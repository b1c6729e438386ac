import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createEmulator, type Emulator } from '../../../src/emulator/index.ts'
import { apiByKey, apiOf, refusal } from './speak-api.ts'

let emulator: Emulator
let open: any
beforeEach(async () => {
  emulator = await createEmulator()
  open = await apiByKey(emulator, 'books:v1')
})
afterEach(() => emulator.close())

const titles = ({ items = [] }: any): string[] => items.map((each: any) => each.volumeInfo.title)

describe('books.volumes', () => {
  test.each([
    [{ q: 'garden' }, ['The Small Garden', 'Der kleine Garten']],
    [{ q: 'intitle:garden' }, ['The Small Garden']],
    [{ q: 'subject:gardening -beans' }, ['Der kleine Garten']],
    [{ q: '"history of paper"' }, ['A Short History of Paper']],
    [{ q: 'inauthor:"editors of" subject:nature' }, ['A Field Guide to Clouds', 'Notes on Tides']],
    [{ q: 'subject:nature', orderBy: 'newest' }, ['Notes on Tides', 'A Field Guide to Clouds']],
    [{ q: 'gardening', langRestrict: 'de' }, ['Der kleine Garten']],
    [{ q: 'gardening', printType: 'MAGAZINES' }, []],
    [{ q: 'isbn:1' }, []],
    [{ q: 'note:x' }, []],
    [{ q: 'press', startIndex: 6, maxResults: 1 }, ['Maps of Imaginary Rivers']],
  ])('are found by %j', async (parameters, expected) => {
    expect(titles(await open.volumes.list(parameters))).toEqual(expected)
  })

  test('tell how many there are, and each by its id', async () => {
    const list = await open.volumes.list({ q: 'press', maxResults: 2 })
    expect(list).toMatchObject({ kind: 'books#volumes', totalItems: 8 })
    expect(list.items).toHaveLength(2)
    const [volume] = list.items
    expect(await open.volumes.get({ volumeId: volume.id })).toEqual(volume)
    const lite = await open.volumes.get({ volumeId: volume.id, projection: 'LITE' })
    expect(lite.volumeInfo).not.toHaveProperty('description')
    expect(await refusal(open.volumes.get({ volumeId: 'nothing' }))).toEqual([404, 'notFound'])
  })

  test.each([
    [{ q: ' ' }, 'queryRequired'],
    [{ q: 'a', maxResults: 41 }, 'invalidParameter'],
  ])('are not listed for %j', async (parameters, reason) => {
    expect(await refusal(open.volumes.list(parameters))).toEqual([400, reason])
  })
})

describe('bookshelves', () => {
  test('hold the volumes that an account puts on them', async () => {
    const { mylibrary } = await apiOf(emulator, 'books:v1', { email: 'ann@example.com' })
    const [tides] = (await open.volumes.list({ q: 'tides' })).items
    const [bread] = (await open.volumes.list({ q: 'bread' })).items
    const shelf = '0'
    for (const { id: volumeId } of [tides, bread]) await mylibrary.bookshelves.addVolume({ shelf, volumeId })
    expect(titles(await mylibrary.bookshelves.volumes.list({ shelf }))).toEqual([
      'Bread in Ten Steps',
      'Notes on Tides',
    ])
    const { items } = await mylibrary.bookshelves.list()
    expect(items.map((each: any) => each.id)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(items[0]).toMatchObject({ kind: 'books#bookshelf', title: 'Favorites', volumeCount: 2 })
    const userId = /users\/(\d+)\//.exec(items[0].selfLink)![1]
    expect((await open.bookshelves.list({ userId })).items.map((each: any) => each.id)).toEqual([
      0, 2, 3, 4, 5,
    ])
    expect((await open.bookshelves.get({ userId, shelf })).volumeCount).toBe(2)
    expect(titles(await open.bookshelves.volumes.list({ userId, shelf, maxResults: 1 }))).toEqual([
      'Bread in Ten Steps',
    ])
    await mylibrary.bookshelves.removeVolume({ shelf, volumeId: bread.id })
    expect(await refusal(mylibrary.bookshelves.removeVolume({ shelf, volumeId: bread.id }))).toEqual([
      404,
      'notFound',
    ])
    expect(titles(await mylibrary.bookshelves.volumes.list({ shelf }))).toEqual(['Notes on Tides'])
    await mylibrary.bookshelves.clearVolumes({ shelf })
    expect((await mylibrary.bookshelves.get({ shelf })).volumeCount).toBe(0)
    expect(await refusal(open.bookshelves.get({ userId, shelf: '7' }))).toEqual([403, 'forbidden'])
    emulator.reset()
    expect(await refusal(open.bookshelves.list({ userId }))).toEqual([404, 'notFound'])
  })

  test('that Google fills are not changed by hand, and others do not exist', async () => {
    const { mylibrary } = await apiOf(emulator, 'books:v1')
    const [{ id: volumeId }] = (await open.volumes.list({ q: 'tides' })).items
    const add = (shelf: string, id: string): Promise<any> =>
      mylibrary.bookshelves.addVolume({ shelf, volumeId: id })
    expect(await refusal(add('7', volumeId))).toEqual([403, 'forbidden'])
    expect(await refusal(add('99', volumeId))).toEqual([404, 'notFound'])
    expect(await refusal(add('0', 'nothing'))).toEqual([404, 'notFound'])
  })

  test('are nothing that a key opens', async () => {
    expect((await refusal(open.mylibrary.bookshelves.list()))[0]).toBe(401)
  })
})
