/** The credentials of discokit without its client. */
import { serviceAccount } from 'discokit/auth'
import { loop, repeat } from './repeat.mjs'

export const start = () => () => {}

export async function exchange({ key, ...options }) {
  const account = serviceAccount({ key })
  return repeat(() => account.refresh(), options)
}

export async function header({ base, key, ...options }) {
  const account = serviceAccount({ key })
  await account.refresh()
  const target = { url: `${base}/storage/v1/b/photos/o/cat.png` }
  const call = { throwIfEnded() {}, wait: (promise) => promise }
  const context = { clock: { now: () => Date.now() }, call }
  return loop(() => account.headers(target, context), options)
}
