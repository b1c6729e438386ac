/** Lists everything in a bucket, page after page, and tells what went wrong when something did. */
import { createClient, NotFoundError, PermissionDeniedError } from 'discokit'
import { serviceAccount } from 'discokit/auth'

const [bucket = 'my-photos'] = process.argv.slice(2)
const google = createClient({ auth: serviceAccount({ keyFile: 'key.json' }) })
const storage = await google.discover('storage:v1')

try {
  for await (const object of storage.objects.list({ bucket, maxResults: 100 })) {
    console.log(object.name, object.size, object.updated)
  }
} catch (error) {
  if (error instanceof NotFoundError) console.log(`There is no bucket ${bucket}.`)
  else if (error instanceof PermissionDeniedError) console.log('This account may not list it:', error.reason)
  else throw error
}
