/**
 * Uploads a file in a session and keeps where it stands, so that it can be killed meanwhile. Says `begin` before, the
 * bytes handed to the connection while, and `stored` after it.
 * Arguments: address of the server, name of the object, file, folder of the states, bytes per second.
 */
import { createClient } from 'discokit'
import { anonymous } from 'discokit/auth'
import { file, fileUploadStore } from 'discokit/node'

const [endpoint = '', name = '', path = '', states = '', rate = ''] = process.argv.slice(2)
const google = createClient({ endpoint, auth: anonymous(), retry: { baseDelayMs: 10 } })
const storage = await google.discover('storage:v1')
process.stdout.write('begin\n')
const { size } = await storage['objects'].insert(
  { bucket: 'box', name, media: file(path) },
  {
    upload: { kind: 'resumable', store: fileUploadStore(states), maxBytesPerSecond: Number(rate) },
    onProgress: ({ sent }: { sent: number }) => void process.stdout.write(`${sent}\n`),
  },
)
process.stdout.write(`stored ${size}\n`)
await google.close()
