/** Makes short addresses for several at the same time. What becomes of one does not touch the others. */
import { createClient, type PreparedRequest } from 'discokit'
import { apiKey } from 'discokit/auth'

const longUrls = process.argv.slice(2)
const google = createClient({ auth: apiKey(process.env.GOOGLE_API_KEY ?? '') })
const shortener = await google.discover('urlshortener:v1')

const requests = longUrls.map((longUrl): PreparedRequest<{ id: string }> =>
  shortener.url.insert.prepare({ body: { longUrl } }),
)
const results = await google.send(requests)
results.forEach((result, i) => {
  if (result.status === 'fulfilled') console.log(longUrls[i], '→', result.value.id)
  else console.log(longUrls[i], 'has no short address:', String(result.reason))
})
