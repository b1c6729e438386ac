/** Asks for many things in one request, and changes some in another. */
import { createClient, NotFoundError } from 'discokit'
import { serviceAccount } from 'discokit/auth'

const google = createClient({ auth: serviceAccount({ keyFile: 'key.json' }) })
const storage = await google.discover('storage:v1')

const names = ['my-photos', 'no-such-bucket']
const buckets = await google.batch(
  names.map((bucket) => storage.buckets.get.prepare({ bucket, fields: 'location' })),
)
for (const [i, result] of buckets.entries()) {
  if (result.status === 'fulfilled') console.log(names[i], result.value)
  else if (result.reason instanceof NotFoundError) console.log(names[i], 'does not exist')
  else throw result.reason
}

const [labelled, made] = await google.batch([
  storage.buckets.patch.prepare({ bucket: 'my-photos', body: { labels: { kind: 'private' } } }),
  storage.buckets.insert.prepare({ project: 'p', body: { name: 'my-films' } }),
])
console.log(labelled.status, made.status)
