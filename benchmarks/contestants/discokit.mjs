/** discokit as its users have it: the built package, an API from a document at hand. */
import { createClient } from 'discokit'
import { serviceAccount } from 'discokit/auth'
import { document } from './document.mjs'
import { repeat } from './repeat.mjs'

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

/** Also computes the CRC-32C, and renames a temporary file at the end. */
export async function download(options) {
  const { file } = await import('discokit/node')
  const storage = connect(options)
  await storage.objects.get({ bucket: 'photos', object: 'first.png' })
  return () =>
    storage.objects.get.download({ bucket: 'photos', object: 'file.bin' }).to(file(options.destination))
}
