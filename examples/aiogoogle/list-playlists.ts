/** Lists the playlists of a person on YouTube. */
import { createClient } from 'discokit'
import { accessToken } from 'discokit/auth'

const google = createClient({ auth: accessToken(process.env.GOOGLE_ACCESS_TOKEN ?? '') })
const youtube = await google.discover('youtube:v3')

for await (const playlist of youtube.playlists.list({ part: ['snippet'], mine: true })) {
  console.log(playlist.id, playlist.snippet.title)
}
