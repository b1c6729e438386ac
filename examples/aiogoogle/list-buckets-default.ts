/**
 * Lists the buckets of a project with the credential that is found: the file that `GOOGLE_APPLICATION_CREDENTIALS` names, that
 * of gcloud, or the account of the machine.
 */
import { createClient } from 'discokit'
import { adc } from 'discokit/auth'

const [project = 'my-project'] = process.argv.slice(2)
const google = createClient({ auth: adc() })
const storage = await google.discover('storage:v1')

for await (const bucket of storage.buckets.list({ project })) console.log(bucket.name)
