import type { JsonObject } from '../../service.ts'
import { partsOf } from './parts.ts'
import { countRatings, type Video, type YoutubeState } from './youtube-state.ts'

/** What a video can be asked for. */
export const VIDEO_PARTS =
  'contentDetails fileDetails liveStreamingDetails localizations paidProductPlacementDetails player processingDetails recordingDetails snippet statistics status suggestions topicDetails'

/** A video as the API shows it. Nothing looks into its bytes, so it has no length. */
export function videoResource(
  youtube: YoutubeState,
  video: Video,
  parts: ReadonlySet<string>,
  viewer: string | undefined,
): JsonObject {
  const { id, channelId, status } = video
  const channelTitle = youtube.channels.get(channelId)?.title
  const own = channelId === viewer
  return partsOf('video', id, parts, {
    snippet: {
      publishedAt: new Date(video.published).toISOString(),
      channelId,
      ...video.snippet,
      thumbnails: thumbnails(id),
      channelTitle,
      liveBroadcastContent: 'none',
    },
    status: { uploadStatus: 'processed', ...status },
    statistics: {
      viewCount: '0',
      likeCount: String(countRatings(youtube, id, 'like')),
      ...(own && { dislikeCount: String(countRatings(youtube, id, 'dislike')) }),
      favoriteCount: '0',
      commentCount: '0',
    },
    contentDetails: {
      duration: 'PT0S',
      dimension: '2d',
      definition: 'sd',
      caption: 'false',
      projection: 'rectangular',
    },
    player: {
      embedHtml: `<iframe width="480" height="270" src="//www.youtube.com/embed/${id}"></iframe>`,
    },
    ...(own && {
      fileDetails: {
        fileSize: String(video.size),
        fileType: video.mimeType.startsWith('video/') ? 'video' : 'other',
      },
      processingDetails: { processingStatus: 'succeeded' },
    }),
  })
}

/** The pictures of a video. The emulator has only their addresses. */
export function thumbnails(videoId: string): JsonObject {
  const url = (name: string): string => `https://i.ytimg.com/vi/${videoId}/${name}.jpg`
  return {
    default: { url: url('default'), width: 120, height: 90 },
    medium: { url: url('mqdefault'), width: 320, height: 180 },
    high: { url: url('hqdefault'), width: 480, height: 360 },
  }
}
