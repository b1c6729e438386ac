/** Uploads a file to a bucket of Cloud Storage as a service account. Its ending says what type it has. */
import { createClient } from 'discokit'
import { serviceAccount } from 'discokit/auth'
import { file } from 'discokit/node'

const [bucket = 'my-photos', path = 'one.csv', name = 'one.csv'] = process.argv.slice(2)
const google = createClient({ auth: serviceAccount({ keyFile: 'key.json' }) })
const storage = await google.discover('storage:v1')

const object = await storage.objects.insert({ bucket, name, media: file(path) })
console.log(object.name, object.size, object.contentType)
