/** Asks for a part of an answer: `fields` says which. */
import { createClient } from 'discokit'
import { accessToken } from 'discokit/auth'

const google = createClient({ auth: accessToken(process.env.GOOGLE_ACCESS_TOKEN ?? '') })
const { items } = await google.listApis({ name: 'drive', preferred: true, fields: 'items(id)' })
console.log(items)

const drive = await google.discover('drive:v3')
console.log(await drive.files.list({ pageSize: 1, fields: 'files(name,mimeType)' }))
