/** Makes a short address for a long one, with an API key. */
import { createClient } from 'discokit'
import { apiKey } from 'discokit/auth'

const [longUrl = 'https://www.google.com'] = process.argv.slice(2)
const google = createClient({ auth: apiKey(process.env.GOOGLE_API_KEY ?? '') })
const shortener = await google.discover('urlshortener:v1')

const short = await shortener.url.insert({ body: { longUrl } })
console.log(short.longUrl, '→', short.id)
