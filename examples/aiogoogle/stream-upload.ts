/** Uploads what a program makes while it makes it. Any async iterable of bytes or texts will do, Node's streams too. */
import { setTimeout } from 'node:timers/promises'
import { createClient } from 'discokit'
import { accessToken } from 'discokit/auth'

async function* readings(): AsyncGenerator<string> {
  for (const line of ['time,celsius\n', '08:00,11.5\n', '09:00,13.0\n']) {
    yield line
    await setTimeout(10) // the next one is not there yet
  }
}

const google = createClient({ auth: accessToken(process.env.GOOGLE_ACCESS_TOKEN ?? '') })
const drive = await google.discover('drive:v3')

const { id, size } = await drive.files.create({
  body: { name: 'readings.csv' },
  media: { content: readings(), contentType: 'text/csv' },
  fields: 'id,size',
})
console.log(`${size} bytes are stored as ${id}`)
