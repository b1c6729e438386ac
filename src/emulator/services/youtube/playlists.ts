import type { HttpResponse } from '../../../protocol/http.ts'
import { emptyAnswer, jsonAnswer } from '../../answers.ts'
import { ApiFailure } from '../../api-failure.ts'
import { checkShape, pick, type Shape } from '../../fields.ts'
import { nextId } from '../../ids.ts'
import { type Call, type JsonObject, readJsonObject } from '../../service.ts'
import { listed, pageAnswer, partsOf, readFilter, readParts } from './parts.ts'
import { objectOf, readStatus } from './video-fields.ts'
import {
  findPlaylist,
  isVisible,
  ownChannelId,
  type Playlist,
  requireChannelId,
  type YoutubeState,
  youtubeNotFound,
  youtubeState,
} from './youtube-state.ts'

/** `youtube.playlists.list`: by ids, of a channel, or the caller's own. */
export function listPlaylists(call: Call): HttpResponse {
  const { parameters } = call
  const parts = readParts(call, PARTS)
  const filter = readFilter(call, ['channelId', 'id', 'mine'])
  const youtube = youtubeState(call)
  const chosen = filter === 'mine' ? [requireChannelId(call)] : listed(parameters.all(filter))
  const found =
    filter === 'id'
      ? chosen.flatMap((id) => findPlaylist(youtube, id) ?? [])
      : [...youtube.playlists.values()].filter(({ channelId }) => chosen.includes(channelId)).toReversed()
  const visible = found.filter((playlist) => isVisible(playlist, ownChannelId(call)))
  return pageAnswer(call, 'playlistListResponse', visible, [filter, chosen], (playlist) =>
    playlistResource(youtube, playlist, parts),
  )
}

/** `youtube.playlists.insert` */
export async function insertPlaylist(call: Call): Promise<HttpResponse> {
  const parts = readParts(call, PARTS)
  const body = await readJsonObject(call.body)
  checkShape(body, { snippet: SNIPPET, status: { privacyStatus: 'string' } }, 'playlist')
  const [snippet, status] = [objectOf(body.snippet), objectOf(body.status)]
  if (!snippet.title) {
    throw new ApiFailure(400, 'playlistTitleRequired', 'The request must specify a playlist title.', {
      domain: 'youtube.playlist',
    })
  }
  const youtube = youtubeState(call)
  const playlist: Playlist = {
    id: `PL${nextId(call, 32)}`,
    channelId: requireChannelId(call),
    published: call.clock.now(),
    snippet: { description: '', ...pick(snippet, Object.keys(SNIPPET)) },
    status: readStatus(status),
    items: [],
  }
  youtube.playlists.set(playlist.id, playlist)
  return jsonAnswer(playlistResource(youtube, playlist, parts))
}

/** `youtube.playlists.delete` */
export function deletePlaylist(call: Call): HttpResponse {
  youtubeState(call).playlists.delete(requireOwnPlaylist(call, call.parameters.text('id')!, 'id').id)
  return emptyAnswer()
}

/** A playlist that the caller may change: uploads come and go with their videos only. */
export function requireOwnPlaylist(call: Call, id: string, parameter: string): Playlist {
  const playlist = findPlaylist(youtubeState(call), id)
  const own = ownChannelId(call)
  if (!playlist || !isVisible(playlist, own)) throw youtubeNotFound('playlist', parameter)
  if (playlist.channelId === own && youtubeState(call).playlists.has(id)) return playlist
  throw new ApiFailure(
    403,
    'playlistForbidden',
    'This operation is forbidden or the request is not properly authorized.',
    {
      domain: 'youtube.playlist',
    },
  )
}

const PARTS = 'contentDetails localizations player snippet status'
const SNIPPET: Shape & object = {
  title: 'string',
  description: 'string',
  tags: ['string'],
  defaultLanguage: 'string',
}

function playlistResource(youtube: YoutubeState, playlist: Playlist, parts: ReadonlySet<string>): JsonObject {
  const { id, channelId, items, snippet, status } = playlist
  return partsOf('playlist', id, parts, {
    snippet: {
      publishedAt: new Date(playlist.published).toISOString(),
      channelId,
      ...snippet,
      channelTitle: youtube.channels.get(channelId)?.title,
    },
    status,
    contentDetails: { itemCount: items.length },
    player: {
      embedHtml: `<iframe width="640" height="360" src="//www.youtube.com/embed/videoseries?list=${id}"></iframe>`,
    },
  })
}
