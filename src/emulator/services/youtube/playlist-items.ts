import type { HttpResponse } from '../../../protocol/http.ts'
import { emptyAnswer, jsonAnswer } from '../../answers.ts'
import { ApiFailure } from '../../api-failure.ts'
import { checkShape } from '../../fields.ts'
import { nextId } from '../../ids.ts'
import { type Call, type JsonObject, readJsonObject } from '../../service.ts'
import { listed, pageAnswer, partsOf, readFilter, readParts } from './parts.ts'
import { requireOwnPlaylist } from './playlists.ts'
import { objectOf } from './video-fields.ts'
import { thumbnails } from './video-resource.ts'
import {
  findPlaylist,
  isVisible,
  ownChannelId,
  type Playlist,
  type PlaylistItem,
  type YoutubeState,
  youtubeNotFound,
  youtubeState,
} from './youtube-state.ts'

/** `youtube.playlistItems.list`: of a playlist, or by ids. */
export function listPlaylistItems(call: Call): HttpResponse {
  const { parameters } = call
  const parts = readParts(call, PARTS)
  const filter = readFilter(call, ['id', 'playlistId'])
  const youtube = youtubeState(call)
  const viewer = ownChannelId(call)
  const chosen = listed(parameters.all(filter))
  const videoId = parameters.text('videoId')
  const places = (filter === 'id' ? placesById(youtube, chosen) : placesOf(call, chosen[0]!)).filter(
    ({ playlist, item }) => {
      const video = youtube.videos.get(item.videoId)
      const shown = isVisible(playlist, viewer) && video !== undefined && isVisible(video, viewer)
      return shown && (videoId === undefined || videoId === item.videoId)
    },
  )
  return pageAnswer(call, 'playlistItemListResponse', places, [filter, chosen, videoId], (place) =>
    itemResource(youtube, place, parts),
  )
}

/** `youtube.playlistItems.insert`: at the end, or at `snippet.position`. */
export async function insertPlaylistItem(call: Call): Promise<HttpResponse> {
  const parts = readParts(call, PARTS)
  const body = await readJsonObject(call.body)
  checkShape(body, SHAPE, 'playlistItem')
  const { playlistId, resourceId, position } = objectOf(body.snippet) as {
    playlistId?: string
    resourceId?: { videoId?: string }
    position?: number
  }
  if (!playlistId) throw incomplete('playlistIdRequired', 'playlist ID')
  if (!resourceId?.videoId) throw incomplete('resourceIdRequired', 'resource ID')
  const youtube = youtubeState(call)
  const playlist = requireOwnPlaylist(call, playlistId, 'snippet.playlistId')
  const video = youtube.videos.get(resourceId.videoId)
  if (!video || !isVisible(video, ownChannelId(call)))
    throw youtubeNotFound('video', 'snippet.resourceId.videoId')
  const at = position ?? playlist.items.length
  if (!Number.isInteger(at) || at < 0 || at > playlist.items.length) {
    throw new ApiFailure(400, 'invalidSnippet', 'The request specifies an invalid position.', {
      domain: 'youtube.playlistItem',
    })
  }
  const item: PlaylistItem = { id: nextId(call, 32), videoId: video.id, added: call.clock.now() }
  const changed = { ...playlist, items: playlist.items.toSpliced(at, 0, item) }
  youtube.playlists.set(playlist.id, changed)
  return jsonAnswer(itemResource(youtube, { playlist: changed, item }, parts))
}

/** `youtube.playlistItems.delete` */
export function deletePlaylistItem(call: Call): HttpResponse {
  const youtube = youtubeState(call)
  const [place] = placesById(youtube, [call.parameters.text('id')!])
  if (!place) throw youtubeNotFound('playlistItem', 'id')
  const playlist = requireOwnPlaylist(call, place.playlist.id, 'id')
  const items = playlist.items.filter(({ id }) => id !== place.item.id)
  youtube.playlists.set(playlist.id, { ...playlist, items })
  return emptyAnswer()
}

const PARTS = 'contentDetails snippet status'
const SHAPE = {
  snippet: { playlistId: 'string', position: 'number', resourceId: { kind: 'string', videoId: 'string' } },
} as const

/** An item and the playlist it is in. */
interface Place {
  readonly playlist: Playlist
  readonly item: PlaylistItem
}

function placesOf(call: Call, playlistId: string): Place[] {
  const playlist = findPlaylist(youtubeState(call), playlistId)
  if (!playlist || !isVisible(playlist, ownChannelId(call))) throw youtubeNotFound('playlist', 'playlistId')
  return playlist.items.map((item) => ({ playlist, item }))
}

function placesById({ playlists }: YoutubeState, ids: readonly string[]): Place[] {
  return [...playlists.values()].flatMap((playlist) =>
    playlist.items.filter(({ id }) => ids.includes(id)).map((item) => ({ playlist, item })),
  )
}

function itemResource(
  youtube: YoutubeState,
  { playlist, item }: Place,
  parts: ReadonlySet<string>,
): JsonObject {
  const video = youtube.videos.get(item.videoId)!
  const { title, description } = video.snippet
  return partsOf('playlistItem', item.id, parts, {
    snippet: {
      publishedAt: new Date(item.added).toISOString(),
      channelId: playlist.channelId,
      title,
      description,
      thumbnails: thumbnails(video.id),
      channelTitle: youtube.channels.get(playlist.channelId)?.title,
      playlistId: playlist.id,
      position: playlist.items.findIndex(({ id }) => id === item.id),
      resourceId: { kind: 'youtube#video', videoId: video.id },
      videoOwnerChannelId: video.channelId,
      videoOwnerChannelTitle: youtube.channels.get(video.channelId)?.title,
    },
    contentDetails: { videoId: video.id, videoPublishedAt: new Date(video.published).toISOString() },
    status: { privacyStatus: video.status.privacyStatus },
  })
}

function incomplete(reason: string, what: string): ApiFailure {
  return new ApiFailure(400, reason, `The request does not specify a value for the ${what} property.`, {
    domain: 'youtube.playlistItem',
  })
}
