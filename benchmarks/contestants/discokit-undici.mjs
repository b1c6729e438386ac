/** discokit over an undici pool that the program supplies. */
import { createClient } from 'discokit'
import { serviceAccount } from 'discokit/auth'
import { undiciTransport } from 'discokit/node'
import { Pool } from 'undici'
import { document } from './document.mjs'
import { repeat } from './repeat.mjs'

export async function get({ base, key, ...options }) {
  const transport = undiciTransport(new Pool(base, { connections: 64 }))
  const storage = createClient({ endpoint: base, auth: serviceAccount({ key }), transport }).api(document)
  await storage.objects.get({ bucket: 'photos', object: 'first.png' })
  return repeat((i) => storage.objects.get({ bucket: 'photos', object: `cat-${i}.png` }), options)
}
