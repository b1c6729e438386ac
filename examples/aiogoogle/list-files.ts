/** Lists the files of a person's Drive: id and name. */
import { createClient } from 'discokit'
import { accessToken } from 'discokit/auth'

const google = createClient({ auth: accessToken(process.env.GOOGLE_ACCESS_TOKEN ?? '') })
const drive = await google.discover('drive:v3')

for await (const file of drive.files.list({ pageSize: 100, orderBy: 'name' })) {
  console.log(`${file.id}: ${file.name}`)
}
