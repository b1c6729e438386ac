/** Downloads a file from Drive into this folder, under the name that it has there. */
import { basename } from 'node:path'
import { createClient } from 'discokit'
import { accessToken } from 'discokit/auth'
import { file } from 'discokit/node'

const [fileId] = process.argv.slice(2)
const google = createClient({ auth: accessToken(process.env.GOOGLE_ACCESS_TOKEN ?? '') })
const drive = await google.discover('drive:v3')

const { name } = await drive.files.get({ fileId })
const { length } = await drive.files.get.download({ fileId }).to(file(basename(name)))
console.log(`${name}: ${length} bytes`)
