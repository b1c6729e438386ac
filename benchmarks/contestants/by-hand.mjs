import { readFileSync } from 'node:fs'
/** The same work written by hand on node:http, with nothing but what the task needs. */
import http from 'node:http'
import { again, loop, repeat, requests } from './repeat.mjs'

const agent = new http.Agent({ keepAlive: true, maxSockets: 256, scheduling: 'lifo' })

async function call(...request) {
  return JSON.parse((await send(...request)).text)
}

function send(base, method, path, headers, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(base + path, { agent, method, headers }, (response) => {
      const chunks = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('end', () =>
        resolve({ headers: response.headers, text: Buffer.concat(chunks).toString('utf8') }),
      )
      response.on('error', reject)
    })
    request.on('error', reject)
    request.end(body)
  })
}

async function fetchToken(options) {
  const { createPrivateKey } = await import('node:crypto')
  return exchangeToken(options, createPrivateKey(options.key.private_key))
}

async function exchangeToken({ base, key }, privateKey) {
  const { sign } = await import('node:crypto')
  const now = Math.floor(Date.now() / 1000)
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const scope = 'https://www.googleapis.com/auth/cloud-platform'
  const claims = { iss: key.client_email, scope, aud: key.token_uri, iat: now, exp: now + 3600 }
  const text = `${part({ alg: 'RS256', typ: 'JWT', kid: key.private_key_id })}.${part(claims)}`
  const signature = sign('RSA-SHA256', Buffer.from(text), privateKey).toString('base64url')
  const form = new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion: `${text}.${signature}`,
  }).toString()
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': Buffer.byteLength(form),
  }
  return (await call(base, 'POST', '/token', headers, form)).access_token
}

/** The key is parsed once, as the others do. */
export async function exchange({ base, key, ...options }) {
  const { createPrivateKey } = await import('node:crypto')
  const privateKey = createPrivateKey(key.private_key)
  return repeat(() => exchangeToken({ base, key }, privateKey), options)
}

/** Looks at the clock. */
export async function header({ base, key, ...options }) {
  const headers = { authorization: `Bearer ${await fetchToken({ base, key })}` }
  const end = Date.now() + 3_000_000
  return loop(() => (Date.now() < end ? headers : undefined), options)
}

export const cold = (options) => async () => {
  const authorization = `Bearer ${await fetchToken(options)}`
  await call(options.base, 'GET', '/storage/v1/b/photos/o/cat.png', { authorization })
}

export async function get(options) {
  const authorization = `Bearer ${await fetchToken(options)}`
  const one = (i) =>
    call(
      options.base,
      'GET',
      `/storage/v1/b/${encodeURIComponent('photos')}/o/${encodeURIComponent(`cat-${i}.png`)}`,
      {
        authorization,
      },
    )
  return repeat(one, options)
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

async function listing(options, use) {
  const authorization = `Bearer ${await fetchToken(options)}`
  return again(async () => {
    let sum = 0
    let query = '?maxResults=100'
    for (;;) {
      const page = await call(options.base, 'GET', `/storage/v1/b/photos/o${query}`, { authorization })
      sum += use(page)
      if (!page.nextPageToken) return sum
      query = `?maxResults=100&pageToken=${encodeURIComponent(page.nextPageToken)}`
    }
  })
}

export async function batch({ size, ...options }) {
  const authorization = `Bearer ${await fetchToken(options)}`
  const boundary = 'a-boundary-that-is-not-in-the-parts'
  const one = async (i) => {
    let body = ''
    for (let k = 0; k < size; k++) {
      const path = `/storage/v1/b/${encodeURIComponent('photos')}/o/${encodeURIComponent(`cat-${i}-${k}.png`)}`
      body +=
        `--${boundary}\r\ncontent-type: application/http\r\ncontent-id: <${i}+${k}>\r\n\r\n` +
        `GET ${path} HTTP/1.1\r\n\r\n\r\n`
    }
    body += `--${boundary}--\r\n`
    const headers = {
      authorization,
      'content-type': `multipart/mixed; boundary=${boundary}`,
      'content-length': Buffer.byteLength(body),
    }
    const { headers: answered, text } = await send(options.base, 'POST', '/batch/storage/v1', headers, body)
    const delimiter = `--${/boundary=(.+)$/.exec(answered['content-type'])[1]}`
    const results = Array.from({ length: size })
    for (const part of text.split(delimiter).slice(1, -1)) {
      const message = part.indexOf('\r\n\r\n') + 4
      const content = part.indexOf('\r\n\r\n', message) + 4
      const place = Number(/content-id: <response-\d+\+(\d+)>/i.exec(part.slice(0, message))[1])
      const status = Number(part.slice(message + 9, message + 12))
      if (status === 200) results[place] = JSON.parse(part.slice(content))
    }
    if (results.some((result) => result?.id !== '1')) throw new Error('an answer is missing')
  }
  return repeat(one, options)
}

export async function upload(options) {
  const { createReadStream, statSync } = await import('node:fs')
  const authorization = `Bearer ${await fetchToken(options)}`
  return () =>
    new Promise((resolve, reject) => {
      const boundary = 'a-boundary-that-is-not-in-the-file'
      const head = Buffer.from(
        `--${boundary}\r\ncontent-type: application/json; charset=UTF-8\r\n\r\n{"name":"file.bin"}\r\n` +
          `--${boundary}\r\ncontent-type: application/octet-stream\r\n\r\n`,
      )
      const tail = Buffer.from(`\r\n--${boundary}--\r\n`)
      const headers = {
        authorization,
        'content-type': `multipart/related; boundary=${boundary}`,
        'content-length': head.length + statSync(options.file).size + tail.length,
      }
      const url = `${options.base}/upload/storage/v1/b/photos/o?uploadType=multipart`
      const request = http.request(url, { agent, method: 'POST', headers }, (response) => {
        response.resume()
        response.on('end', resolve)
      })
      request.on('error', reject)
      request.write(head)
      const source = createReadStream(options.file, { highWaterMark: 1_048_576 })
      source.pipe(request, { end: false })
      source.on('end', () => request.end(tail))
    })
}

/** The bytes alone, and nothing of them is looked at. */
export async function uploadMedia(options) {
  const { createReadStream, statSync } = await import('node:fs')
  const authorization = `Bearer ${await fetchToken(options)}`
  return () =>
    new Promise((resolve, reject) => {
      const headers = { authorization, 'content-length': statSync(options.file).size }
      const url = `${options.base}/upload/storage/v1/b/photos/o?uploadType=media&name=file.bin`
      const request = http.request(url, { agent, method: 'POST', headers }, (response) => {
        response.resume()
        response.on('end', resolve)
      })
      request.on('error', reject)
      createReadStream(options.file, { highWaterMark: 1_048_576 }).pipe(request)
    })
}

export async function download(options) {
  const { createWriteStream } = await import('node:fs')
  const { pipeline } = await import('node:stream/promises')
  const authorization = `Bearer ${await fetchToken(options)}`
  return async () => {
    const url = `${options.base}/storage/v1/b/photos/o/file.bin?alt=media`
    const response = await new Promise((resolve, reject) => {
      http.get(url, { agent, headers: { authorization } }, resolve).on('error', reject)
    })
    await pipeline(response, createWriteStream(options.destination))
  }
}

/** Concatenation, and nothing checked. */
export async function build({ count }) {
  const base = 'https://compute.googleapis.com/compute/v1/projects/'
  const e = encodeURIComponent
  const one = (p) =>
    (
      `${base}${e(p.project)}/zones/${e(p.zone)}/instanceGroupManagers/${e(p.instanceGroupManager)}/listErrors` +
      `?filter=${e(p.filter)}&maxResults=${e(p.maxResults)}&orderBy=${e(p.orderBy)}` +
      `&pageToken=${e(p.pageToken)}&returnPartialSuccess=${e(p.returnPartialSuccess)}`
    ).length
  return requests(one, count)
}

/** The document from a file. */
export async function table({ document }) {
  return () => JSON.parse(readFileSync(document, 'utf8'))
}

export async function discover({ base }) {
  return () => call(base, 'GET', '/discovery/v1/apis/compute/v1/rest', {})
}
