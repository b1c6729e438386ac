import type { HttpResponse } from '../../../protocol/http.ts'
import type { Call, JsonObject } from '../../service.ts'
import { notModelled } from '../../api-failure.ts'
import { listed, pageAnswer, partsOf, readFilter, readParts } from './parts.ts'
import {
  type Channel,
  requireChannelId,
  uploadsOf,
  type YoutubeState,
  youtubeState,
} from './youtube-state.ts'

/** `youtube.channels.list`: the caller's own, or by ids. */
export function listChannels(call: Call): HttpResponse {
  const parts = readParts(call, PARTS)
  const filter = readFilter(call, [
    'categoryId',
    'forHandle',
    'forUsername',
    'id',
    'managedByMe',
    'mine',
    'mySubscribers',
  ])
  if (filter !== 'mine' && filter !== 'id') throw notModelled(`the filter ${filter} of ${call.method.id}`)
  const youtube = youtubeState(call)
  const chosen = filter === 'mine' ? [requireChannelId(call)] : listed(call.parameters.all('id'))
  const found = chosen.flatMap((id) => youtube.channels.get(id) ?? [])
  return pageAnswer(call, 'channelListResponse', found, chosen, (channel) =>
    channelResource(youtube, channel, parts),
  )
}

const PARTS =
  'auditDetails brandingSettings contentDetails contentOwnerDetails localizations snippet statistics status topicDetails'

function channelResource(youtube: YoutubeState, channel: Channel, parts: ReadonlySet<string>): JsonObject {
  const { id, title, created } = channel
  const videos = [...youtube.videos.values()].filter(({ channelId }) => channelId === id)
  return partsOf('channel', id, parts, {
    snippet: { title, description: '', publishedAt: new Date(created).toISOString(), thumbnails: {} },
    contentDetails: { relatedPlaylists: { likes: 'LL', uploads: uploadsOf(id) } },
    statistics: {
      viewCount: '0',
      subscriberCount: '0',
      hiddenSubscriberCount: false,
      videoCount: String(videos.filter(({ status }) => status.privacyStatus === 'public').length),
    },
    status: { privacyStatus: 'public', isLinked: true, longUploadsStatus: 'allowed' },
  })
}
