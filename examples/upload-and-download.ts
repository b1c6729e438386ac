/** Uploads a file with its metadata, and downloads it again. */
import { createClient, type UploadProgress } from 'discokit'
import { serviceAccount } from 'discokit/auth'
import { file } from 'discokit/node'

const [path = 'photo.jpg', bucket = 'my-photos'] = process.argv.slice(2)
const google = createClient({ auth: serviceAccount({ keyFile: 'key.json' }) })
const storage = await google.discover('storage:v1')

const photo = await storage.objects.insert(
  { bucket, body: { name: 'photo.jpg', cacheControl: 'no-store' }, media: file(path) },
  { onProgress: ({ sent, total }: UploadProgress) => console.log(`${sent} of ${total} bytes`) },
)
console.log(photo.name, photo.size, photo.contentType)

await storage.objects.get.download({ bucket, object: 'photo.jpg' }).to(file('copy.jpg'))
