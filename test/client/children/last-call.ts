import { createClient } from 'discokit'
import { serviceAccount } from 'discokit/auth'

/** Makes a few calls to an emulator, prints when the last one gave its result, and leaves everything open. */
const [manner, endpoint, key] = process.argv.slice(2) as [string, string, string]
const google = createClient({ endpoint, auth: serviceAccount({ key }) })
const { buckets, objects } = await google.discover('storage:v1')

for (const name of ['box-1', 'box-2', 'box-3']) await buckets.insert({ project: 'p', body: { name } })

const manners: Record<string, () => unknown> = {
  calls: () =>
    Promise.all(['box-1', 'box-2', 'box-3'].map((bucket) => buckets.get({ bucket }, { timeoutMs: 60_000 }))),
  pages: async () => {
    for await (const _ of buckets.list({ project: 'p', maxResults: 1 })) if (_.name === 'box-2') break
  },
  forgotten: () => void buckets.get({ bucket: 'box-1' }),
  cancelled: async () => (await buckets.get({ bucket: 'box-1' }).asResponse()).body.cancel(),
  'unbegun-download': () => objects.get.download({ bucket: 'box-1', object: 'x' }, { timeoutMs: 60_000 }),
  'aborted-discovery': () =>
    google.discover('discovery:v1', { signal: AbortSignal.timeout(1) }).catch(() => {}),
}
await manners[manner]!()
process.stdout.write(String(performance.timeOrigin + performance.now()))
