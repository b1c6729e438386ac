/**
 * One POST with metadata and an image: what people do in Python with an assertion session and a streaming multipart
 * encoder. The session here is a `fetch` that gets and renews its own tokens; neither part is ever held in memory.
 */
import { authorizedFetch, serviceAccount } from 'discokit/auth'
import { multipart } from 'discokit/media'
import { file } from 'discokit/node'

const [image = 'photo.jpg', bucket = 'my-photos'] = process.argv.slice(2)
const origin = process.env['DISCOKIT_EMULATOR'] ?? 'https://storage.googleapis.com'

const fetch = authorizedFetch(
  serviceAccount({
    keyFile: 'key.json',
    scopes: ['https://www.googleapis.com/auth/devstorage.read_write'],
  }),
  { allowedOrigins: [origin] },
)

const metadata = { name: 'photo.jpg', cacheControl: 'no-store' }
const body = multipart({
  kind: 'related',
  parts: [
    { contentType: 'application/json; charset=UTF-8', body: JSON.stringify(metadata) },
    { contentType: 'image/jpeg', body: file(image) },
  ],
  onProgress: ({ sent, total }) => console.log(`${sent} of ${total} bytes`),
})

const answer = await fetch(`${origin}/upload/storage/v1/b/${bucket}/o?uploadType=multipart`, {
  method: 'POST',
  body,
})
console.log(answer.status, await answer.json())
