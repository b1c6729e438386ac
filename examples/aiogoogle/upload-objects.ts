/** Uploads several files to a bucket at the same time. */
import { basename } from 'node:path'
import { createClient, type PreparedRequest } from 'discokit'
import { serviceAccount } from 'discokit/auth'
import { file } from 'discokit/node'

const [bucket = 'my-photos', ...paths] = process.argv.slice(2)
const google = createClient({ auth: serviceAccount({ keyFile: 'key.json' }) })
const storage = await google.discover('storage:v1')

const uploads = paths.map((path): PreparedRequest<{ size: string; contentType: string }> => {
  const object = { bucket, name: basename(path), ifGenerationMatch: 0 } // never in place of another
  return storage.objects.insert.prepare({ ...object, media: file(path) })
})
const results = await google.send(uploads)
results.forEach((result, i) => {
  if (result.status === 'fulfilled') console.log(paths[i], result.value.size, result.value.contentType)
  else console.log(paths[i], 'was not stored:', String(result.reason))
})
