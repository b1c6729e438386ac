/** Uploads a file in parts, and says on its output how far it is. Arguments: address of the emulator, the file. */
import { createClient } from 'discokit'
import { anonymous } from 'discokit/auth'
import { file } from 'discokit/node'
import { uploadInParts } from 'discokit/storage'

const [endpoint, path] = process.argv.slice(2) as [string, string]
const google = createClient({ endpoint, auth: anonymous(), retry: { baseDelayMs: 10 } })
const stored = await uploadInParts(google, {
  bucket: 'box',
  object: 'film.mp4',
  media: file(path),
  partBytes: 1_000_000,
  concurrency: 2,
  resume: true,
  onProgress: ({ acknowledged }) => void process.stdout.write(`at ${acknowledged}\n`),
})
process.stdout.write(`end ${stored.size}\n`)
await google.close()
