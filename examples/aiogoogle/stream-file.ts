/** Hands a file of Drive on while it comes. Nothing is kept in memory, nothing goes to disk. */
import { createHash } from 'node:crypto'
import { createClient, type MediaDestination } from 'discokit'
import { accessToken } from 'discokit/auth'

const [fileId] = process.argv.slice(2)
const google = createClient({ auth: accessToken(process.env.GOOGLE_ACCESS_TOKEN ?? '') })
const drive = await google.discover('drive:v3')

const hash = createHash('sha256')
const writer: MediaDestination = {
  async save(chunks) {
    for await (const chunk of chunks) hash.update(chunk)
  },
}
const { length } = await drive.files.get.download({ fileId }).to(writer)
console.log(length, hash.digest('hex'))

// A download is an async iterable too.
let bytes = 0
for await (const chunk of drive.files.get.download({ fileId })) bytes += chunk.length
console.log(bytes)
