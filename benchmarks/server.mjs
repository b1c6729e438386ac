/** The other side of every benchmark: answers at once, keeps nothing. Run in a process of its own. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

const item = { kind: 'bench#item', id: '1', text: 'x'.repeat(900), list: [1, 2, 3], ok: true }
const answer = JSON.stringify(item)
const token = JSON.stringify({ access_token: 'ya29.benchmark-token', expires_in: 3599, token_type: 'Bearer' })

/** A page of a list: 100 items, and a token until the thousandth. */
function pageOf(url) {
  const number = Number(new URL(url, 'http://127.0.0.1').searchParams.get('pageToken') ?? 1)
  const token = number < PAGES ? `"nextPageToken":"${number + 1}",` : ''
  return `{"kind":"bench#list",${token}"items":${items}}`
}
const PAGES = 1_000
const items = JSON.stringify(
  Array.from({ length: 100 }, (_, i) => ({
    kind: 'bench#item',
    id: String(i),
    name: `cat-${i}.png`,
    size: '1000',
  })),
)

const server = createServer((request, response) => {
  const send = (text) => {
    response.writeHead(200, {
      'content-type': 'application/json; charset=UTF-8',
      'content-length': Buffer.byteLength(text),
    })
    response.end(text)
  }
  if (request.url === '/hashes') return takeHashes(request, response)
  if (request.url.startsWith('/discovery/v1/apis/compute/')) return send(readFileSync(COMPUTE, 'utf8'))
  if (request.method === 'GET' && LIST.test(request.url.split('?')[0])) return send(pageOf(request.url))
  if (request.method === 'GET') return isMedia(request.url) ? void sendLarge(response) : send(answer)
  if (request.url === '/batch/storage/v1') return answerBatch(request, response)
  if (/[?&]uploadType=resumable/.test(request.url)) return answerSession(request, response)
  let bytes = 0
  request.on('data', (chunk) => (bytes += chunk.length))
  request.on('end', () =>
    send(request.url === '/token' ? token : JSON.stringify({ id: '1', size: String(bytes) })),
  )
})

/** Google's largest document; not part of the repository. */
const COMPUTE = '../shared/discovery/compute-v1.json'
/** Where both APIs that are measured list: objects of a bucket, files of a drive. */
const LIST = /(\/o|\/files)$/

const GIBIBYTE = 1_073_741_824
const piece = Buffer.alloc(1_048_576, 'x')

function isMedia(url) {
  return new URL(url, 'http://127.0.0.1').searchParams.get('alt') === 'media'
}

/** A gibibyte. */
async function sendLarge(response) {
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-length': GIBIBYTE,
    'x-goog-generation': '1',
    ...(hashes.download && { 'x-goog-hash': `crc32c=${hashes.download}` }),
  })
  const pieces = (function* () {
    for (let sent = 0; sent < GIBIBYTE; sent += piece.length) yield piece
  })()
  await pipeline(Readable.from(pieces), response).catch(() => response.destroy())
}

/** CRC-32C of what is uploaded and what is downloaded, in base64, so that those who check have something to. */
let hashes = {}

function takeHashes(request, response) {
  let text = ''
  request.setEncoding('utf8').on('data', (chunk) => (text += chunk))
  request.on('end', () => {
    hashes = JSON.parse(text)
    response.writeHead(204).end()
  })
}

/** A resumable upload whose bytes are counted and dropped. The session stands in its address: how many bytes it has. */
function answerSession(request, response) {
  const url = new URL(request.url, `http://${request.headers.host}`)
  const id = url.searchParams.get('upload_id')
  if (id === null) {
    url.searchParams.set('upload_id', String(++lastSession))
    request.resume()
    response.writeHead(200, { location: url.href, 'content-length': 0 }).end()
    return
  }
  const range = request.headers['content-range'] ?? ''
  let bytes = 0
  request.on('data', (chunk) => (bytes += chunk.length))
  request.on('end', () => {
    const stored = (stores.get(id) ?? 0) + bytes
    stores.set(id, stored)
    const [, last, total] = /^bytes (?:\d+-)?(\d+|\*)\/(\d+|\*)$/.exec(range) ?? []
    if (total !== undefined && Number(last) + 1 !== Number(total) && last !== '*') {
      response.writeHead(308, { range: `bytes=0-${stored - 1}`, 'content-length': 0 }).end()
      return
    }
    // What a client declares is said to be stored, as by a server that compares.
    const crc32c = /crc32c=([\w+/]{6}==)/.exec(request.headers['x-goog-hash'] ?? '')?.[1] ?? hashes.upload
    const text = JSON.stringify({
      id: '1',
      name: 'file.bin',
      size: String(stored),
      ...(crc32c && { crc32c }),
    })
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
      .end(text)
  })
}

let lastSession = 0
const stores = new Map()

/** The same item for each part. */
function answerBatch(request, response) {
  let text = ''
  request.setEncoding('utf8').on('data', (chunk) => (text += chunk))
  request.on('end', () => {
    const ids = [...text.matchAll(/^content-id: <(.*)>\r$/gim)]
    const parts = ids.map(
      ([, id]) =>
        `--batch_benchmark\r\nContent-Type: application/http\r\nContent-ID: <response-${id}>\r\n\r\n` +
        'HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=UTF-8\r\nVary: Origin\r\nVary: X-Origin\r\n' +
        `Vary: Referer\r\nETag: "1"\r\nContent-Length: ${Buffer.byteLength(answer)}\r\n\r\n${answer}\r\n`,
    )
    const body = `${parts.join('')}--batch_benchmark--\r\n`
    response.writeHead(200, {
      'content-type': 'multipart/mixed; boundary=batch_benchmark',
      'content-length': Buffer.byteLength(body),
    })
    response.end(body)
  })
}

server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
