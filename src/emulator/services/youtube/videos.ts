import type { HttpResponse } from '../../../protocol/http.ts'
import { emptyAnswer, jsonAnswer } from '../../answers.ts'
import { ApiFailure } from '../../api-failure.ts'
import { nextId } from '../../ids.ts'
import type { Call } from '../../service.ts'
import { receiveUpload } from '../../upload.ts'
import { etagOf, listed, pageAnswer, readFilter, readParts } from './parts.ts'
import { readMetadata } from './video-fields.ts'
import { VIDEO_PARTS, videoResource } from './video-resource.ts'
import {
  countRatings,
  isVisible,
  ownChannelId,
  requireChannelId,
  type Video,
  youtubeNotFound,
  youtubeState,
} from './youtube-state.ts'

/** `youtube.videos.list`: by ids, the most liked, or what the caller rated. */
export function listVideos(call: Call): HttpResponse {
  const { parameters } = call
  const parts = readParts(call, VIDEO_PARTS)
  const filter = readFilter(call, ['chart', 'id', 'myRating'])
  const youtube = youtubeState(call)
  const viewer = ownChannelId(call)
  const chosen = listed(parameters.all(filter))
  const videos = [...youtube.videos.values()].filter((video) => isVisible(video, viewer))
  const likes = ({ id }: Video): number => countRatings(youtube, id, 'like')
  let found: readonly Video[]
  if (filter === 'id') {
    found = chosen.flatMap((id) => videos.find((video) => video.id === id) ?? [])
  } else if (filter === 'chart') {
    found = videos
      .filter(({ status }) => status.privacyStatus === 'public')
      .toSorted((a, b) => likes(b) - likes(a) || b.published - a.published)
  } else {
    const own = requireChannelId(call)
    found = videos.filter(({ id }) => youtube.ratings.get(id)?.get(own) === chosen[0])
  }
  return pageAnswer(call, 'videoListResponse', found, [filter, chosen], (video) =>
    videoResource(youtube, video, parts, viewer),
  )
}

/** `youtube.videos.insert`: the bytes, and in a multipart body what they show. */
export async function insertVideo(call: Call): Promise<HttpResponse> {
  const parts = readParts(call, VIDEO_PARTS)
  if (call.door !== 'upload') {
    throw new ApiFailure(400, 'mediaBodyRequired', 'The request does not include the video content.', {
      domain: 'youtube.video',
    })
  }
  const channelId = requireChannelId(call)
  const { plan, received } = await receiveUpload(call, (metadata, mediaType) => ({
    mimeType: mediaType || 'application/octet-stream',
    ...readMetadata(metadata),
  }))
  const size = received.bytes.length
  await received.bytes.delete()
  const youtube = youtubeState(call)
  const video: Video = { id: nextId(call, 11), channelId, published: call.clock.now(), size, ...plan }
  youtube.videos.set(video.id, video)
  return jsonAnswer(videoResource(youtube, video, parts, channelId))
}

/** `youtube.videos.delete` */
export function deleteVideo(call: Call): HttpResponse {
  const youtube = youtubeState(call)
  const video = requireVideo(call)
  if (video.channelId !== ownChannelId(call)) {
    throw new ApiFailure(403, 'forbidden', 'The video that you are trying to delete cannot be deleted.', {
      domain: 'youtube.video',
    })
  }
  youtube.videos.delete(video.id)
  youtube.ratings.delete(video.id)
  return emptyAnswer()
}

/** `youtube.videos.rate` */
export function rateVideo(call: Call): HttpResponse {
  const { ratings } = youtubeState(call)
  const { id } = requireVideo(call)
  const ofVideo = ratings.get(id) ?? new Map<string, string>()
  const rating = call.parameters.text('rating')!
  if (rating === 'none') ofVideo.delete(requireChannelId(call))
  else ofVideo.set(requireChannelId(call), rating)
  ratings.set(id, ofVideo)
  return emptyAnswer()
}

/** `youtube.videos.getRating` */
export function getRating(call: Call): HttpResponse {
  const { ratings } = youtubeState(call)
  const own = requireChannelId(call)
  const items = listed(call.parameters.all('id')).map((videoId) => ({
    videoId,
    rating: ratings.get(videoId)?.get(own) ?? 'none',
  }))
  return jsonAnswer({ kind: 'youtube#videoGetRatingResponse', etag: etagOf(items), items })
}

function requireVideo(call: Call): Video {
  const video = youtubeState(call).videos.get(call.parameters.text('id')!)
  if (!video || !isVisible(video, ownChannelId(call))) throw youtubeNotFound('video', 'id')
  return video
}
