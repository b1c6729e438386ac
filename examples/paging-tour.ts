/** The program of docs/paging.md. */
import { createClient, nextRequest, type PreparedRequest } from 'discokit'
import { createEmulator } from 'discokit/emulator'

const emulator = await createEmulator()
const google = createClient({ ...emulator.connect(), auth: emulator.serviceAccount() })
const storage = await google.discover('storage:v1')
for (const name of ['a', 'b', 'c', 'd', 'e']) {
  await storage.buckets.insert({ project: 'test', body: { name: `bucket-${name}` } })
}
const list = { project: 'test', maxResults: 2 }

for await (const bucket of storage.buckets.list(list)) console.log(bucket.name) // all five, in three requests
for await (const bucket of storage.buckets.list(list).items({ limit: 3 })) console.log(bucket.name) // two requests

let token: string | undefined
for await (const page of storage.buckets.list(list).pages({ limit: 2, prefetch: true })) {
  console.log(page.items.length)
  token = page.nextPageToken // where to go on, another time
}
for await (const bucket of storage.buckets.list({ ...list, pageToken: token })) console.log(bucket.name)

// By hand: any request, any names of the token.
const prepared = storage.buckets.list.prepare(list)
for await (const { data } of google.pages(prepared, {
  requestToken: 'pageToken',
  responseToken: 'nextPageToken',
})) {
  console.log((data as { items: unknown[] }).items.length)
}
// One page at a time, such as one for each job of a queue.
let request: PreparedRequest | null = prepared
while (request !== null) {
  const page = await google.send(request)
  request = nextRequest(request, page)
}
console.log(emulator.journal.exchanges.filter(({ method }) => method === 'GET').length) // with the one for discovery
await emulator.close()
