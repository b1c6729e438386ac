/**
 * Uploads a file in a session, and says on its output how far it is; what is left out of the answer says whether it was
 * the end. Arguments: address of the emulator, file, `file:` and a folder or `redis:` and a port, rate.
 */
import { createClient as createRedis } from '@redis/client'
import { createClient, type UploadProgress } from 'discokit'
import { anonymous } from 'discokit/auth'
import { redisUploadStore, type UploadStore } from 'discokit/media'
import { file, fileUploadStore } from 'discokit/node'

const [endpoint = '', path = '', place = '', rate = ''] = process.argv.slice(2)
const [kind, where = ''] = place.split(/:(.*)/)
const redis = kind === 'redis' ? createRedis({ url: `redis://127.0.0.1:${where}` }) : undefined
await redis?.connect()
const store: UploadStore = redis ? redisUploadStore(redis) : fileUploadStore(where)

const google = createClient({ endpoint, auth: anonymous(), retry: { baseDelayMs: 10 } })
const storage = await google.discover('storage:v1')
const upload = { store, ...(rate !== '' && { maxBytesPerSecond: Number(rate) }) }
const onProgress = ({ sent, acknowledged }: UploadProgress): void =>
  void process.stdout.write(`${sent} ${acknowledged}\n`)
const { size, crc32c } = await storage['objects'].insert(
  { bucket: 'box', name: 'crashed', media: file(path) },
  { upload, onProgress },
)
process.stdout.write(`stored ${size} ${crc32c}\n`)
await google.close()
await redis?.close()
