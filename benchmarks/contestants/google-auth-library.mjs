/** google-auth-library, Google's own. Its token address is fixed in source, so it is redirected here. */
import { JWT } from 'google-auth-library'
import { loop, repeat } from './repeat.mjs'

export const start = () => () => {}

function connect({ base, key }, options) {
  const scopes = ['https://www.googleapis.com/auth/cloud-platform']
  const account = new JWT({ email: key.client_email, key: key.private_key, scopes, ...options })
  account.transporter.interceptors.request.add({
    resolved: async (config) => {
      if (String(config.url).startsWith('https://oauth2.googleapis.com'))
        config.url = new URL(`${base}/token`)
      return config
    },
  })
  return account
}

export async function exchange({ base, key, ...options }) {
  const account = connect({ base, key }, { eagerRefreshThresholdMillis: 7_200_000 }) // so that no token is kept
  return repeat(() => account.authorize(), options)
}

export async function header({ base, key, ...options }) {
  const account = connect({ base, key })
  const url = `${base}/storage/v1/b/photos/o/cat.png`
  await account.getRequestHeaders(url)
  return loop(() => account.getRequestHeaders(url), options)
}
