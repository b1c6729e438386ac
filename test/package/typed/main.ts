import { createClient } from 'discokit'
import { serviceAccount } from 'discokit/auth'
import storageV1, { type Bucket } from './google/storage.v1.js'

const google = createClient({ auth: serviceAccount({ keyFile: 'key.json' }) })
const storage = google.api(storageV1)

await storage.buckets.insert({ project: 'test', body: { name: 'photos', location: 'EU' } })
const print = ({ name, location }: Bucket): void => console.log(name, location)
for await (const bucket of storage.buckets.list({ project: 'test' })) print(bucket)

// Also without the import, for the file registers itself.
const same: typeof storage = await google.discover('storage:v1')
const { name, size, contentType } = await same.objects.insert({
  bucket: 'photos',
  body: { name: 'a.txt' },
  media: 'all is well',
})
console.log(name, size, contentType)

const [object] = await google.batch([storage.objects.get.prepare({ bucket: 'photos', object: 'a.txt' })])
if (object.status === 'rejected') throw object.reason
const { bucket = '', name: found = '' } = object.value
console.log(await storage.objects.get.download({ bucket, object: found }).text())

declare const console: { log(...values: unknown[]): void }
