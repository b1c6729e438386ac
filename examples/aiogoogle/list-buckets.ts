/** Lists the buckets of a project as a service account, by its key file. */
import { createClient } from 'discokit'
import { serviceAccount } from 'discokit/auth'

const [project = 'my-project', keyFile = 'key.json'] = process.argv.slice(2)
const auth = serviceAccount({
  keyFile,
  scopes: ['https://www.googleapis.com/auth/devstorage.read_only'],
})
const google = createClient({ auth })
const storage = await google.discover('storage:v1')

for await (const bucket of storage.buckets.list({ project })) console.log(bucket.name)
