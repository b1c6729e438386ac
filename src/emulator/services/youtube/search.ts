import type { HttpResponse } from '../../../protocol/http.ts'
import { invalidParameter, notModelled } from '../../api-failure.ts'
import type { Call, JsonObject } from '../../service.ts'
import { etagOf, listed, pageAnswer, parameterFailure, readParts } from './parts.ts'
import { thumbnails } from './video-resource.ts'
import {
  countRatings,
  ownChannelId,
  type Playlist,
  requireChannelId,
  type Video,
  type YoutubeState,
  youtubeState,
} from './youtube-state.ts'

/** `youtube.search.list`: what is public and has every word of `q` in its title or description. */
export function search(call: Call): HttpResponse {
  const { parameters } = call
  const parts = readParts(call, 'snippet')
  const unmodelled = Object.keys(call.method.parameters ?? {}).find(
    (name) => !HEEDED.has(name) && parameters.all(name).some(Boolean),
  )
  if (unmodelled !== undefined) throw notModelled(`the parameter ${unmodelled} of ${call.method.id}`)
  const youtube = youtubeState(call)
  const types = readTypes(call)
  const forMine = parameters.flag('forMine')
  const channelId = forMine ? requireChannelId(call) : parameters.text('channelId')
  const words = (parameters.text('q') ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  const [after, before] = [readTime(call, 'publishedAfter'), readTime(call, 'publishedBefore')]
  const order = parameters.text('order') ?? 'relevance'
  const compare = ORDERS[order]
  if (!compare) throw invalidParameter('order')
  const found = everything(youtube)
    .filter((hit) => types.includes(hit.type))
    .filter((hit) => hit.public || (forMine && hit.channelId === ownChannelId(call)))
    .filter((hit) => channelId === undefined || hit.channelId === channelId)
    .filter((hit) => (after ?? -Infinity) <= hit.published && hit.published <= (before ?? Infinity))
    .filter((hit) => words.every((word) => `${hit.title} ${hit.description}`.toLowerCase().includes(word)))
    .toSorted(compare)
  const key = [types, channelId, words, after, before, order]
  return pageAnswer(call, 'searchListResponse', found, key, (hit) => searchResult(hit, parts))
}

/** Something that can be found. */
interface Hit {
  readonly type: string
  readonly id: string
  readonly channelId: string
  readonly channelTitle: string | undefined
  readonly title: string
  readonly description: string
  readonly published: number
  readonly public: boolean
  readonly likes: number
}

/** Those that choose what is found, and those that change nothing about data without regions or judgements. */
const HEEDED = new Set(
  'part q type forMine channelId publishedAfter publishedBefore order maxResults pageToken safeSearch regionCode relevanceLanguage'.split(
    ' ',
  ),
)
const TYPES = ['video', 'channel', 'playlist']
const ORDERS: Readonly<Record<string, (a: Hit, b: Hit) => number>> = {
  relevance: (a, b) => TYPES.indexOf(a.type) - TYPES.indexOf(b.type),
  date: (a, b) => b.published - a.published,
  title: (a, b) => a.title.localeCompare(b.title, 'en'),
  rating: (a, b) => b.likes - a.likes,
  viewCount: () => 0,
}

function readTypes({ parameters }: Call): readonly string[] {
  const types = listed(parameters.all('type'))
  if (!types.every((type) => TYPES.includes(type))) throw invalidParameter('type')
  if (parameters.flag('forMine') && types.join() !== 'video') {
    throw parameterFailure('invalidSearchFilter', 'The filter forMine needs the type video.', 'type')
  }
  return types.length > 0 ? types : TYPES
}

function readTime({ parameters }: Call, name: string): number | undefined {
  const text = parameters.text(name)
  if (text === undefined) return undefined
  const time = Date.parse(text)
  if (Number.isNaN(time)) throw invalidParameter(name)
  return time
}

function everything(youtube: YoutubeState): Hit[] {
  const titleOf = (channelId: string): string | undefined => youtube.channels.get(channelId)?.title
  const shown = (type: string, each: Iterable<Video | Playlist>): Hit[] =>
    Array.from(each, ({ id, channelId, published, snippet, status }) => ({
      type,
      id,
      channelId,
      channelTitle: titleOf(channelId),
      title: textOf(snippet.title),
      description: textOf(snippet.description),
      published,
      public: status.privacyStatus === 'public',
      likes: countRatings(youtube, id, 'like'),
    }))
  const channels = Array.from(youtube.channels.values(), ({ id, title, created }) => ({
    type: 'channel',
    id,
    channelId: id,
    channelTitle: title,
    title,
    description: '',
    published: created,
    public: true,
    likes: 0,
  }))
  return [
    ...shown('video', youtube.videos.values()),
    ...channels,
    ...shown('playlist', youtube.playlists.values()),
  ]
}

function searchResult(hit: Hit, parts: ReadonlySet<string>): JsonObject {
  const { type, id, channelId, channelTitle, title, description } = hit
  return {
    kind: 'youtube#searchResult',
    etag: etagOf([type, id, title, description]),
    id: { kind: `youtube#${type}`, [`${type}Id`]: id },
    ...(parts.has('snippet') && {
      snippet: {
        publishedAt: new Date(hit.published).toISOString(),
        channelId,
        title,
        description,
        ...(type === 'video' && { thumbnails: thumbnails(id) }),
        channelTitle,
        liveBroadcastContent: 'none',
      },
    }),
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
