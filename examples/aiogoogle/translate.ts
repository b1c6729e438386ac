/** Translates words into Latin, with an API key. */
import { createClient } from 'discokit'
import { apiKey } from 'discokit/auth'

const words = process.argv.slice(2)
const google = createClient({ auth: apiKey(process.env.GOOGLE_API_KEY ?? '') })
const language = await google.discover('translate:v2')

const { data } = await language.translations.translate({ body: { q: words, target: 'la' } })
for (const { translatedText } of data.translations) console.log(translatedText)
