/** @googleapis/drive, the official client of one API. Its token address is fixed in source, so it is redirected here. */
import { auth as googleAuth, drive } from '@googleapis/drive'
import { repeat, again } from './repeat.mjs'

function connect({ base, key }) {
  const auth = new googleAuth.JWT({
    email: key.client_email,
    key: key.private_key,
    scopes: ['https://www.googleapis.com/auth/drive'],
  })
  auth.transporter.interceptors.request.add({
    resolved: async (config) => {
      if (String(config.url).startsWith('https://oauth2.googleapis.com'))
        config.url = new URL(`${base}/token`)
      return config
    },
  })
  return drive({ version: 'v3', rootUrl: `${base}/`, auth })
}

/** Without a checksum; it has no sessions. */
export async function uploadMedia(options) {
  const { createReadStream } = await import('node:fs')
  const client = connect(options)
  await client.files.get({ fileId: 'first.png' })
  return () =>
    client.files.create(
      {
        requestBody: { name: 'file.bin' },
        media: { body: createReadStream(options.file, { highWaterMark: 1_048_576 }) },
      },
      { rootUrl: `${options.base}/` }, // of the client it is not taken for uploads
    )
}

export const cold = (options) => async () => {
  await connect(options).files.get({ fileId: 'cat.png' })
}

export async function get(options) {
  const client = connect(options)
  await client.files.get({ fileId: 'first.png' })
  return repeat((i) => client.files.get({ fileId: `cat-${i}.png` }), options)
}

export async function pages(options) {
  return listing(options, (page) => page.items.length)
}

export async function items(options) {
  return listing(options, (page) => {
    let bytes = 0
    for (const item of page.items) bytes += item.name.length
    return bytes
  })
}

/** Its files are called `items` here, as the server has it. */
async function listing(options, use) {
  const client = connect(options)
  return again(async () => {
    let sum = 0
    let pageToken
    do {
      const { data } = await client.files.list({ pageSize: 100, pageToken })
      sum += use(data)
      pageToken = data.nextPageToken
    } while (pageToken)
    return sum
  })
}
