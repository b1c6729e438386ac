/** A program of somebody who has installed the package, in plain JavaScript: up, listed, down, over a real port. */
import { AuthError, createClient, NotFoundError } from 'discokit'
import { authorizedFetch } from 'discokit/auth'
import { createEmulator } from 'discokit/emulator'
import { multipart } from 'discokit/media'
import { file } from 'discokit/node'
import { signedUrl } from 'discokit/storage'

const emulator = await createEmulator()
await emulator.listen()
const auth = emulator.serviceAccount()
const google = createClient({ ...emulator.connect(), auth })
const storage = await google.discover('storage:v1')
await storage.buckets.insert({ project: 'p', body: { name: 'photos' } })

const object = await storage.objects.insert({
  bucket: 'photos',
  name: 'main.mjs',
  media: file(import.meta.filename),
})
await storage.objects.get.download({ bucket: 'photos', object: 'main.mjs' }).to(file('copy.mjs'))

const address = `${emulator.url}/upload/storage/v1/b/photos/o?uploadType=multipart`
const parts = [
  { contentType: 'application/json', body: JSON.stringify({ name: 'hello.txt' }) },
  { contentType: 'text/plain', body: 'hello' },
]
const fetch = authorizedFetch(auth, { allowedOrigins: [emulator.url] })
const answer = await fetch(address, { method: 'POST', body: multipart({ kind: 'related', parts }) })

const place = { signer: auth, bucket: 'photos', object: 'hello.txt', endpoint: emulator.url }
const signed = await globalThis.fetch(await signedUrl({ ...place, expiresMs: 60_000 }))

const names = []
for await (const { name } of storage.objects.list({ bucket: 'photos' })) names.push(name)
const missing = await storage.buckets.get({ bucket: 'none' }).catch((error) => error)
// Without a credential it looks for one, in a part of the package that is loaded then.
process.env.GOOGLE_APPLICATION_CREDENTIALS = 'nowhere.json'
const searching = createClient(emulator.connect()).api(await storage.$load())
const unfound = await searching.buckets.list({ project: 'p' }).catch((error) => error)
await google.close()
await emulator.close()
console.log(
  JSON.stringify([
    object.contentType,
    answer.status,
    await signed.text(),
    names,
    missing instanceof NotFoundError,
    unfound instanceof AuthError,
  ]),
)
