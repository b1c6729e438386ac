import { defineService, type Service } from '../../service.ts'
import { listChannels } from './channels.ts'
import { deletePlaylistItem, insertPlaylistItem, listPlaylistItems } from './playlist-items.ts'
import { deletePlaylist, insertPlaylist, listPlaylists } from './playlists.ts'
import { search } from './search.ts'
import { deleteVideo, getRating, insertVideo, listVideos, rateVideo } from './videos.ts'

/** YouTube: a channel for each account, its videos and playlists, and ratings. */
export const youtubeService: Service = defineService(
  'youtube:v3',
  {
    'youtube.channels.list': listChannels,
    'youtube.playlistItems.delete': deletePlaylistItem,
    'youtube.playlistItems.insert': insertPlaylistItem,
    'youtube.playlistItems.list': listPlaylistItems,
    'youtube.playlists.delete': deletePlaylist,
    'youtube.playlists.insert': insertPlaylist,
    'youtube.playlists.list': listPlaylists,
    'youtube.search.list': search,
    'youtube.videos.delete': deleteVideo,
    'youtube.videos.getRating': getRating,
    'youtube.videos.insert': insertVideo,
    'youtube.videos.list': listVideos,
    'youtube.videos.rate': rateVideo,
  },
  {
    errors: 'older',
    apiKey: [
      'youtube.channels.list',
      'youtube.playlistItems.list',
      'youtube.playlists.list',
      'youtube.search.list',
      'youtube.videos.list',
    ],
  },
)
