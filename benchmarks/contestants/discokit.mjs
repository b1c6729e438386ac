/** discokit as its users have it: the built package, an API from a document at hand. */
import { createClient } from 'discokit'
import { anonymous, serviceAccount } from 'discokit/auth'
import { document } from './document.mjs'
import { again, checksums, repeat, requests } from './repeat.mjs'

const client = ({ base, key }) => createClient({ endpoint: base, auth: serviceAccount({ key }) })
const connect = (options) => client(options).api(document)

export const cold = (options) => async () => {
  await connect(options).objects.get({ bucket: 'photos', object: 'cat.png' })
}

export async function get(options) {
  const storage = connect(options)
  await storage.objects.get({ bucket: 'photos', object: 'first.png' })
  return repeat((i) => storage.objects.get({ bucket: 'photos', object: `cat-${i}.png` }), options)
}

export async function pages(options) {
  const storage = connect(options)
  return again(async () => {
    let sum = 0
    const call = storage.objects.list({ bucket: 'photos', maxResults: 100 })
    for await (const page of call.pages()) sum += page.items.length
    return sum
  })
}

export async function items(options) {
  const storage = connect(options)
  return again(async () => {
    let bytes = 0
    for await (const item of storage.objects.list({ bucket: 'photos', maxResults: 100 }))
      bytes += item.name.length
    return bytes
  })
}

export async function batch({ size, ...options }) {
  const google = client(options)
  const { objects } = google.api(document)
  const one = async (i) => {
    const requests = Array.from({ length: size }, (_, k) =>
      objects.get.prepare({ bucket: 'photos', object: `cat-${i}-${k}.png` }),
    )
    const results = await google.batch(requests)
    if (results.some((result) => result.value?.id !== '1')) throw new Error('an answer is missing')
  }
  return repeat(one, options)
}

export async function upload(options) {
  const { file } = await import('discokit/node')
  const storage = connect(options)
  await storage.objects.get({ bucket: 'photos', object: 'first.png' })
  return () =>
    storage.objects.insert({ bucket: 'photos', body: { name: 'file.bin' }, media: file(options.file) })
}

/** In a session, and compared: a CRC-32C is computed, declared with the last bytes and compared with the answer. */
export async function uploadMedia({ upload, ...options }) {
  const { file } = await import('discokit/node')
  const storage = connect(options)
  await storage.objects.get({ bucket: 'photos', object: 'first.png' })
  return () =>
    storage.objects.insert({ bucket: 'photos', name: 'file.bin', media: file(options.file) }, { upload })
}

/** Many pieces of 1 MiB. */
export async function checksum({ bytes }) {
  const { crc32c } = await import('discokit/media')
  return checksums(crc32c, bytes)
}

/** Also computes the CRC-32C, and renames a temporary file at the end. */
export async function download(options) {
  const { file } = await import('discokit/node')
  const storage = connect(options)
  await storage.objects.get({ bucket: 'photos', object: 'first.png' })
  return () =>
    storage.objects.get.download({ bucket: 'photos', object: 'file.bin' }).to(file(options.destination))
}

/** Validation is on: types, ranges and patterns are checked. */
export async function build({ count }) {
  const { listErrors } = createClient().api(document).instanceGroupManagers
  const one = (parameters) => listErrors.prepare(parameters).url.length
  return requests(one, count)
}

/** A live document of 5 MB: discovered, one method used; `retainedMb` is what then stays in memory. */
/** A generated file is read, imported, and made an API of. */
export async function table({ module }) {
  const google = createClient()
  await import('./document.mjs') // a program has imported something before
  return async () => {
    const { default: definition } = await import(module)
    return google.api(definition)
  }
}

export async function discover({ base, bodies }) {
  const google = createClient({ endpoint: base, auth: anonymous() })
  return async () => {
    const compute = await google.discover('compute:v1')
    compute.instances.list.prepare({ project: 'p', zone: 'z' })
    for (const [resource, place] of bodies) {
      compute[resource].insert.prepare({ project: 'p', ...place, body: { name: 'n' } })
    }
    return compute
  }
}
