import { callerEmail } from '../../account-state.ts'
import { ApiFailure } from '../../api-failure.ts'
import { idOf } from '../../ids.ts'
import type { Call, JsonObject } from '../../service.ts'
import type { StateSlot } from '../../state.ts'

/** A video as it stands. Its bytes are counted and not kept: nothing gives them back. */
export interface Video {
  readonly id: string
  readonly channelId: string
  readonly published: number
  readonly size: number
  readonly mimeType: string
  readonly snippet: JsonObject
  readonly status: JsonObject & { readonly privacyStatus: string }
}

/** A playlist and the videos in it. */
export interface Playlist {
  readonly id: string
  readonly channelId: string
  readonly published: number
  readonly snippet: JsonObject
  readonly status: JsonObject & { readonly privacyStatus: string }
  readonly items: readonly PlaylistItem[]
}

/** One place of a playlist. */
export interface PlaylistItem {
  readonly id: string
  readonly videoId: string
  readonly added: number
}

/** The channel of an account. */
export interface Channel {
  readonly id: string
  readonly title: string
  readonly created: number
}

/** Everything YouTube remembers. */
export interface YoutubeState {
  readonly channels: Map<string, Channel>
  readonly videos: Map<string, Video>
  readonly playlists: Map<string, Playlist>
  /** By video, then by channel. */
  readonly ratings: Map<string, Map<string, string>>
}

/** The YouTube part of a call's state; the caller's channel is always there. */
export function youtubeState(
  call: Pick<Call, 'state' | 'principal' | 'clock' | 'headers' | 'parameters'>,
): YoutubeState {
  const youtube = call.state.get(slot)
  const id = ownChannelId(call)
  if (id !== undefined && !youtube.channels.has(id)) {
    const title = callerEmail(call).split('@', 1)[0]!
    youtube.channels.set(id, { id, title, created: call.clock.now() })
  }
  return youtube
}

/** The caller's channel; a call with nothing but an API key has none. */
export function ownChannelId(call: Pick<Call, 'principal' | 'headers' | 'parameters'>): string | undefined {
  const keyAlone = !call.principal && (call.headers['x-goog-api-key'] ?? call.parameters.text('key'))
  return keyAlone ? undefined : `UC${idOf(`channel of ${callerEmail(call)}`, 22)}`
}

/** The same, where a call makes sense for an account only. */
export function requireChannelId(call: Call): string {
  const id = ownChannelId(call)
  if (id !== undefined) return id
  throw new ApiFailure(
    401,
    'authorizationRequired',
    'The request uses a filter that is for signed-in callers only.',
    {
      domain: 'youtube.parameter',
      location: 'Authorization',
      locationType: 'header',
    },
  )
}

/** The playlist that holds what a channel has uploaded. */
export function uploadsOf(channelId: string): string {
  return `UU${channelId.slice(2)}`
}

/** A playlist by its id, among them those of uploads, newest first. */
export function findPlaylist(
  { channels, playlists, videos }: YoutubeState,
  id: string,
): Playlist | undefined {
  const channel = id.startsWith('UU') ? channels.get(`UC${id.slice(2)}`) : undefined
  if (!channel) return playlists.get(id)
  const uploads = [...videos.values()].filter(({ channelId }) => channelId === channel.id).toReversed()
  return {
    id,
    channelId: channel.id,
    published: channel.created,
    snippet: { title: 'Uploads', description: '' },
    status: { privacyStatus: 'public' },
    items: uploads.map((video) => ({
      id: idOf(`upload ${video.id}`, 32),
      videoId: video.id,
      added: video.published,
    })),
  }
}

/** Whether a caller may see something: its own, and what is not private. */
export function isVisible(
  { channelId, status }: Pick<Video | Playlist, 'channelId' | 'status'>,
  viewer: string | undefined,
): boolean {
  return channelId === viewer || status.privacyStatus !== 'private'
}

/** How many gave a video this rating. */
export function countRatings({ ratings }: YoutubeState, videoId: string, rating: string): number {
  return [...(ratings.get(videoId)?.values() ?? [])].filter((each) => each === rating).length
}

/** Something that is not there, or that the caller may not see. */
export function youtubeNotFound(kind: 'video' | 'playlist' | 'playlistItem', parameter: string): ApiFailure {
  return new ApiFailure(
    404,
    `${kind}NotFound`,
    `The ${kind} identified with the request's ${parameter} parameter cannot be found.`,
    {
      domain: `youtube.${kind}`,
      location: parameter,
      locationType: 'parameter',
    },
  )
}

const slot: StateSlot<YoutubeState> = {
  create: () => ({ channels: new Map(), videos: new Map(), playlists: new Map(), ratings: new Map() }),
}
