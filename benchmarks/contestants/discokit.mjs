/** discokit as its users have it: the built package, an API from a document at hand. */
import { createClient } from 'discokit'
import { serviceAccount } from 'discokit/auth'
import { document } from './document.mjs'
import { repeat, again } from './repeat.mjs'

const connect = ({ base, key }, more = {}) =>
  createClient({ endpoint: base, auth: serviceAccount({ key }), ...more }).api(document)

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
