/**
 * The main line as a program of somebody who has installed the package: discover, token, bucket, upload, list,
 * download, against the emulator whose address and key the environment gives. Prints how many sockets it opened.
 */
import { subscribe } from 'node:diagnostics_channel'
import { createClient } from 'discokit'
import { serviceAccount } from 'discokit/auth'

let sockets = 0
subscribe('net.client.socket', () => (sockets += 1))

const { endpoint, key } = JSON.parse(process.env.MAIN_LINE)
const google = createClient({ endpoint, auth: serviceAccount({ key }) })
const storage = await google.discover('storage:v1')
await storage.buckets.insert({ project: 'p', body: { name: 'photos' } })
const media = new Uint8Array(100_000).fill(7)
await storage.objects.insert({ bucket: 'photos', name: 'a.bin', media })
const names = []
for await (const { name } of storage.objects.list({ bucket: 'photos' })) names.push(name)
const bytes = await storage.objects.get.download({ bucket: 'photos', object: 'a.bin' }).bytes()
await google.close()

if (names.join() !== 'a.bin' || Buffer.compare(bytes, media) !== 0) throw new Error('it came back changed')
process.stdout.write(String(sockets))
