import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createEmulator, type Emulator } from '../../../src/emulator/index.ts'
import { bytesOf } from '../speak.ts'
import { apiByKey, apiOf, pagesOf, refusal } from './speak-api.ts'

let emulator: Emulator
let youtube: any
beforeEach(async () => {
  emulator = await createEmulator({ now: () => Date.parse('2026-01-02T03:04:05.678Z') })
  youtube = await apiOf(emulator, 'youtube:v3', { email: 'ann@example.com' })
})
afterEach(() => emulator.close())

const part = ['snippet', 'status']
async function upload(title: string, more: { snippet?: object; status?: object } = {}): Promise<any> {
  emulator.clock.advance(1000)
  return youtube.videos.insert({
    part,
    body: { ...more, snippet: { title, ...more.snippet } },
    media: { content: bytesOf(5000), contentType: 'video/mp4' },
  })
}
const titles = ({ items }: any): string[] => items.map((each: any) => each.snippet.title)

describe('videos', () => {
  test('are uploaded with what they show, and give the parts asked for', async () => {
    const made = await upload('Sea', { snippet: { description: 'waves', tags: ['blue'] } })
    expect(made).toMatchObject({
      kind: 'youtube#video',
      id: expect.stringMatching(/^[\w-]{11}$/),
      snippet: { title: 'Sea', description: 'waves', tags: ['blue'], channelTitle: 'ann', categoryId: '22' },
      status: { privacyStatus: 'public', uploadStatus: 'processed' },
    })
    const { items, pageInfo } = await youtube.videos.list({ part: ['statistics,fileDetails'], id: [made.id] })
    expect(pageInfo).toEqual({ totalResults: 1, resultsPerPage: 5 })
    expect(items[0]).toMatchObject({ statistics: { likeCount: '0' }, fileDetails: { fileSize: '5000' } })
    expect(items[0]).not.toHaveProperty('snippet')
    await youtube.videos.delete({ id: made.id })
    expect((await youtube.videos.list({ part, id: [made.id] })).items).toEqual([])
    expect(await refusal(youtube.videos.delete({ id: made.id }))).toEqual([404, 'videoNotFound'])
  })

  test('need content, a title that is none, and a part that there is', async () => {
    const media = { content: 'x', contentType: 'video/mp4' }
    const insert = (parameters: object): Promise<any> => youtube.videos.insert({ part, media, ...parameters })
    expect((await insert({})).snippet.title).toBe('unknown')
    expect(await refusal(insert({ body: { snippet: { title: ' ' } } }))).toEqual([400, 'invalidTitle'])
    expect(await refusal(insert({ body: { snippet: { title: 'a<b' } } }))).toEqual([400, 'invalidTitle'])
    expect(await refusal(insert({ part: ['colour'] }))).toEqual([400, 'unknownPart'])
    expect(await refusal(youtube.videos.insert({ part, body: { snippet: { title: 'a' } } }))).toEqual([
      400,
      'mediaBodyRequired',
    ])
  })

  test('are rated by each account, and the most liked come first', async () => {
    const [a, b, c] = [await upload('a'), await upload('b'), await upload('c')]
    const bob = await apiOf(emulator, 'youtube:v3', { email: 'bob@example.com' })
    await youtube.videos.rate({ id: a.id, rating: 'like' })
    await bob.videos.rate({ id: a.id, rating: 'like' })
    await bob.videos.rate({ id: b.id, rating: 'dislike' })
    expect((await bob.videos.getRating({ id: [a.id, b.id, c.id] })).items).toEqual([
      { videoId: a.id, rating: 'like' },
      { videoId: b.id, rating: 'dislike' },
      { videoId: c.id, rating: 'none' },
    ])
    expect(titles(await bob.videos.list({ part, myRating: 'dislike' }))).toEqual(['b'])
    expect(titles(await bob.videos.list({ part, chart: 'mostPopular' }))).toEqual(['a', 'c', 'b'])
    await bob.videos.rate({ id: a.id, rating: 'none' })
    const { items } = await youtube.videos.list({ part: ['statistics'], id: [a.id, b.id] })
    expect(items.map((each: any) => each.statistics)).toMatchObject([
      { likeCount: '1', dislikeCount: '0' },
      { likeCount: '0', dislikeCount: '1' },
    ])
    expect(await refusal(bob.videos.delete({ id: a.id }))).toEqual([403, 'forbidden'])
  })

  test('that are private are for their owner only', async () => {
    const { id } = await upload('secret', { status: { privacyStatus: 'private' } })
    const bob = await apiOf(emulator, 'youtube:v3', { email: 'bob@example.com' })
    expect((await bob.videos.list({ part, id: [id] })).items).toEqual([])
    expect(await refusal(bob.videos.rate({ id, rating: 'like' }))).toEqual([404, 'videoNotFound'])
    expect(titles(await youtube.videos.list({ part, id: [id] }))).toEqual(['secret'])
    expect(titles(await youtube.search.list({ part: ['snippet'], q: 'secret' }))).toEqual([])
    expect(titles(await youtube.search.list({ part: ['snippet'], forMine: true, type: ['video'] }))).toEqual([
      'secret',
    ])
  })

  test('are listed by one filter, in pages', async () => {
    for (const title of ['a', 'b', 'c']) await upload(title)
    const pages = await pagesOf<any>(
      youtube.videos.list({ part, chart: 'mostPopular', maxResults: 2 }),
      (page) => page.items,
    )
    expect(pages.map((items) => titles({ items }))).toEqual([['c', 'b'], ['a']])
    expect(await refusal(youtube.videos.list({ part }))).toEqual([400, 'missingRequiredParameter'])
    expect(await refusal(youtube.videos.list({ part, id: ['x'], chart: 'mostPopular' }))).toEqual([
      400,
      'incompatibleParameters',
    ])
  })
})

describe('an API key', () => {
  test('shows what is public, and nothing of an account', async () => {
    const { id } = await upload('Sea')
    const open = await apiByKey(emulator, 'youtube:v3')
    expect(titles(await open.videos.list({ part, id: [id] }))).toEqual(['Sea'])
    expect(titles(await open.search.list({ part: ['snippet'], q: 'sea' }))).toEqual(['Sea'])
    expect((await refusal(open.channels.list({ part: ['id'], mine: true })))[0]).toBe(401)
    expect((await refusal(open.videos.rate({ id, rating: 'like' })))[0]).toBe(401)
  })
})

describe('playlists', () => {
  const make = (title: string, status?: object): Promise<any> =>
    youtube.playlists.insert({ part, body: { snippet: { title }, ...(status && { status }) } })
  const add = (playlistId: string, videoId: string, position?: number): Promise<any> =>
    youtube.playlistItems.insert({
      part,
      body: { snippet: { playlistId, position, resourceId: { kind: 'youtube#video', videoId } } },
    })
  const itemsOf = (playlistId: string): any =>
    youtube.playlistItems.list({ part, playlistId, maxResults: 50 })

  test('are made, listed and deleted', async () => {
    const made = await make('Favourites')
    expect(made).toMatchObject({ kind: 'youtube#playlist', status: { privacyStatus: 'public' } })
    expect(titles(await youtube.playlists.list({ part, mine: true }))).toEqual(['Favourites'])
    expect(titles(await youtube.playlists.list({ part, channelId: made.snippet.channelId }))).toEqual([
      'Favourites',
    ])
    expect(await refusal(make(''))).toEqual([400, 'playlistTitleRequired'])
    await youtube.playlists.delete({ id: made.id })
    expect(await refusal(youtube.playlists.delete({ id: made.id }))).toEqual([404, 'playlistNotFound'])
  })

  test('hold videos in an order', async () => {
    const [a, b] = [await upload('a'), await upload('b')]
    const { id } = await make('Favourites')
    await add(id, a.id)
    const first = await add(id, b.id, 0)
    expect(first.snippet).toMatchObject({ title: 'b', position: 0, resourceId: { videoId: b.id } })
    expect(titles(await itemsOf(id))).toEqual(['b', 'a'])
    expect(
      (await youtube.playlists.list({ part: ['contentDetails'], id: [id] })).items[0].contentDetails,
    ).toEqual({
      itemCount: 2,
    })
    await youtube.playlistItems.delete({ id: first.id })
    expect(titles(await itemsOf(id))).toEqual(['a'])
    expect(await refusal(add(id, 'nothing'))).toEqual([404, 'videoNotFound'])
    expect(await refusal(add('PLnothing', a.id))).toEqual([404, 'playlistNotFound'])
    expect(await refusal(add(id, a.id, 9))).toEqual([400, 'invalidSnippet'])
    expect(await refusal(youtube.playlistItems.insert({ part, body: {} }))).toEqual([
      400,
      'playlistIdRequired',
    ])
  })

  test('of uploads come with the channel', async () => {
    await upload('a')
    await upload('b')
    const { items } = await youtube.channels.list({ part: ['contentDetails', 'statistics'], mine: true })
    expect(items[0]).toMatchObject({ kind: 'youtube#channel', statistics: { videoCount: '2' } })
    const { uploads } = items[0].contentDetails.relatedPlaylists
    expect(titles(await itemsOf(uploads))).toEqual(['b', 'a'])
    expect(await refusal(youtube.playlists.delete({ id: uploads }))).toEqual([403, 'playlistForbidden'])
  })

  test('of others can be seen unless they are private', async () => {
    const [open, closed] = [await make('open'), await make('closed', { privacyStatus: 'private' })]
    const bob = await apiOf(emulator, 'youtube:v3', { email: 'bob@example.com' })
    expect(titles(await bob.playlists.list({ part, id: [open.id, closed.id] }))).toEqual(['open'])
    expect(await refusal(bob.playlists.delete({ id: open.id }))).toEqual([403, 'playlistForbidden'])
    expect(await refusal(bob.playlistItems.list({ part, playlistId: closed.id }))).toEqual([
      404,
      'playlistNotFound',
    ])
  })
})

describe('youtube.search.list', () => {
  const find = async (parameters: object): Promise<string[]> =>
    titles(await youtube.search.list({ part: ['snippet'], ...parameters }))

  beforeEach(async () => {
    await upload('Blue sea', { snippet: { description: 'much water' } })
    await upload('Green hills')
    await youtube.playlists.insert({ part, body: { snippet: { title: 'All the sea' } } })
  })

  test.each([
    [{ q: 'SEA' }, ['Blue sea', 'All the sea']],
    [{ q: 'sea water' }, ['Blue sea']],
    [{ q: 'sea', type: ['playlist'] }, ['All the sea']],
    [{ type: ['video'], order: 'date' }, ['Green hills', 'Blue sea']],
    [{ type: ['video,channel'], order: 'title' }, ['ann', 'Blue sea', 'Green hills']],
    [{ type: ['video'], publishedAfter: '2026-01-02T03:04:07Z' }, ['Green hills']],
    [{ channelId: 'UCother' }, []],
  ])('finds by %j', async (parameters, expected) => expect(await find(parameters)).toEqual(expected))

  test('names what it found', async () => {
    const { items } = await youtube.search.list({ part: ['id'], q: 'hills' })
    expect(items).toEqual([
      {
        kind: 'youtube#searchResult',
        etag: expect.any(String),
        id: { kind: 'youtube#video', videoId: expect.any(String) },
      },
    ])
  })

  test('refuses what it cannot look for', async () => {
    expect(await refusal(find({ type: ['song'] }))).toEqual([400, 'invalid'])
    expect(await refusal(find({ forMine: true }))).toEqual([400, 'invalidSearchFilter'])
    expect((await refusal(find({ videoDuration: 'long' })))[0]).toBe(501)
  })
})

test('a reset forgets videos and playlists', async () => {
  const { id } = await upload('a')
  emulator.reset()
  expect((await youtube.videos.list({ part, id: [id] })).items).toEqual([])
})
