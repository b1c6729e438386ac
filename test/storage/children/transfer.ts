/**
 * Moves a folder up or down, and says on its output what becomes of each file and how far the large one is. Arguments: address of
 * the emulator, `upload` or `download`, the folder, a folder for what is kept.
 */
import { createClient } from 'discokit'
import { anonymous } from 'discokit/auth'
import { fileManifest, fileUploadStore, folder } from 'discokit/node'
import { createTransfer, type TransferProgress } from 'discokit/storage'

const [endpoint, direction, path, kept] = process.argv.slice(2) as [string, string, string, string]
const google = createClient({ endpoint, auth: anonymous(), retry: { baseDelayMs: 10 } })
const transfer = createTransfer(google, {
  manifest: fileManifest(`${kept}/manifest.jsonl`),
  store: fileUploadStore(`${kept}/uploads`),
  concurrency: 3,
  onProgress: ({ file }: TransferProgress) => {
    if (file.name === 'big') process.stdout.write(`at ${file.bytes}\n`)
  },
})
const place = { bucket: 'box', prefix: 'p/' }
const run =
  direction === 'upload' ? transfer.upload(folder(path), place) : transfer.download(place, folder(path))
for await (const { name, outcome } of run) process.stdout.write(`${name} ${outcome}\n`)
const { done, skipped, failed } = await run
process.stdout.write(`end ${done} ${skipped} ${failed}\n`)
await google.close()
