/** Uploads a file to Drive under another name. */
import { createClient } from 'discokit'
import { accessToken } from 'discokit/auth'
import { file } from 'discokit/node'

const [path = 'photo.jpg', name = path] = process.argv.slice(2)
const google = createClient({ auth: accessToken(process.env.GOOGLE_ACCESS_TOKEN ?? '') })
const drive = await google.discover('drive:v3')

const { id } = await drive.files.create({ body: { name }, media: file(path), fields: 'id' })
console.log(`${path} is stored as ${name}, with the id ${id}`)
