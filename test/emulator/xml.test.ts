import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { impersonated, iamSigner } from 'discokit/auth'
import { signedUrl, type SignedUrlOptions } from 'discokit/storage'
import { say, type Told } from './speak.ts'

let emulator: Emulator
let headers: Record<string, string>
beforeEach(async () => {
  emulator = await createEmulator()
  headers = { authorization: `Bearer ${emulator.accessToken()}` }
  await say(emulator, 'POST /storage/v1/b?project=p', { headers, body: { name: 'box' } })
})
afterEach(() => emulator.close())

/** Signs an address of the bucket `box`, by the emulator's clock. */
function sign(options: Partial<SignedUrlOptions> = {}): Promise<string> {
  const { clock } = emulator
  return signedUrl({
    signer: emulator.serviceAccount(),
    bucket: 'box',
    object: 'a.txt',
    expiresMs: 60_000,
    clock,
    endpoint: emulator.url,
    ...options,
  })
}

/** Asks for an absolute address. */
async function ask(
  method: string,
  url: string,
  request: { headers?: Record<string, string>; body?: string | Uint8Array } = {},
): Promise<Told> {
  const { pathname, search, origin } = new URL(url)
  const told = { ...emulator, url: origin, handle: emulator.handle }
  return say(told, `${method} ${pathname}${search}`, request)
}

const codeOf = ({ status, text }: Told): [number, string | undefined] => [
  status,
  /<Code>(\w+)<\/Code>/.exec(text)?.[1],
]

describe('a signed address', () => {
  test('puts an object there, reads it, and takes it away', async () => {
    const put = await sign({
      method: 'PUT',
      headers: { 'Content-Type': 'text/plain', 'x-goog-meta-Who': 'ada  b' },
    })
    const sent = { 'content-type': 'text/plain', 'x-goog-meta-who': 'ada b' }
    const made = await ask('PUT', put, { headers: sent, body: 'hello' })
    const md5 = createHash('md5').update('hello').digest('hex')
    expect([made.status, made.text, made.headers['etag']]).toEqual([200, '', `"${md5}"`])
    expect(made.headers['x-goog-hash']).toContain('crc32c=mnG7TA==')

    const got = await ask('GET', await sign())
    expect([got.status, got.text, got.headers['content-type']]).toEqual([200, 'hello', 'text/plain'])
    expect([got.headers['etag'], got.headers['x-goog-meta-who']]).toEqual([`"${md5}"`, 'ada b'])
    const part = await ask('GET', await sign(), { headers: { range: 'bytes=1-3' } })
    expect([part.status, part.text, part.headers['content-range']]).toEqual([206, 'ell', 'bytes 1-3/5'])
    const head = await ask('HEAD', await sign({ method: 'HEAD' }))
    expect([head.status, head.text, head.headers['content-length']]).toEqual([200, '', '5'])

    expect((await ask('DELETE', await sign({ method: 'DELETE' }))).status).toBe(204)
    expect(codeOf(await ask('GET', await sign()))).toEqual([404, 'NoSuchKey'])
    expect(codeOf(await ask('GET', await sign({ bucket: 'nobody' })))).toEqual([404, 'NoSuchBucket'])
  })

  test.each([
    'a/b//c',
    '/led by a slash',
    'ünï cödé 日本 😀',
    "every!one'of(these)*,;:@&=+$?#[]%2F%",
    'b/box/o',
    'storage/v1/b',
  ])('names the object %j', async (object) => {
    const put = await ask('PUT', await sign({ method: 'PUT', object }), { body: 'x' })
    expect(put.status).toBe(200)
    const listed = await say(emulator, 'GET /storage/v1/b/box/o', { headers })
    expect(listed.json.items.map(({ name }: { name: string }) => name)).toEqual([object])
    expect((await ask('GET', await sign({ object }))).text).toBe('x')
  })

  test('is for Google’s host, a bucket’s own, one bound to it, or that of the emulator behind either', async () => {
    await say(emulator, 'POST /storage/v1/b?project=p', { headers, body: { name: 'cdn.example.com' } })
    await ask('PUT', await sign({ method: 'PUT' }), { body: 'hello' })
    await ask('PUT', await sign({ method: 'PUT', bucket: 'cdn.example.com' }), { body: 'bound' })
    const google = { hostname: 'storage.googleapis.com' }
    const plain = await sign(google)
    const answers = [
      await ask('GET', plain),
      await ask('GET', plain.replace('https://', `${emulator.url}/`)),
      await ask('GET', await sign({ ...google, style: 'virtual-hosted' })),
      await ask('GET', await sign({ endpoint: 'http://localhost', style: 'virtual-hosted' })),
    ]
    expect(answers.map(({ text }) => text)).toEqual(['hello', 'hello', 'hello', 'hello'])
    const { clock } = emulator
    const bound = await signedUrl({
      signer: emulator.serviceAccount(),
      bucket: 'cdn.example.com',
      object: 'a.txt',
      expiresMs: 1_000,
      boundHost: 'cdn.example.com',
      clock,
    })
    expect((await ask('GET', bound)).text).toBe('bound')
  })

  test('works over a port, whose number is not signed', async () => {
    const { url } = await emulator.listen()
    const put = await fetch(await sign({ method: 'PUT' }), { method: 'PUT', body: 'hello' })
    expect(put.status).toBe(200)
    expect(await (await fetch(await sign())).text()).toBe('hello')
    const behind = (await sign({ hostname: 'storage.googleapis.com' })).replace('https://', `${url}/`)
    expect(await (await fetch(behind)).text()).toBe('hello')
    const odd = { object: "/dir//ü '(1)*%2F+~.txt", query: { 'a b': "c'd+e&f" } }
    await fetch(await sign({ ...odd, method: 'PUT' }), { method: 'PUT', body: 'odd' })
    expect(await (await fetch(await sign(odd))).text()).toBe('odd')
    const hosted = await sign({ style: 'virtual-hosted', endpoint: url.replace('127.0.0.1', 'localhost') })
    expect(new URL(hosted).hostname).toBe('box.localhost')
  })

  test('lists a bucket', async () => {
    for (const object of ['a', 'b/1', 'b/2', 'c<&>']) {
      await ask('PUT', await sign({ method: 'PUT', object }), { body: 'x' })
    }
    const list = await ask('GET', await sign({ object: undefined, query: { delimiter: '/' } }))
    expect([list.status, list.headers['content-type']]).toEqual([200, 'application/xml; charset=UTF-8'])
    expect([...list.text.matchAll(/<(Key|Prefix)>([^<]+)</g)].map((match) => match[2])).toEqual([
      'a',
      'c&#60;&#38;&#62;',
      'b/',
    ])
  })

  test('fixes what the answer is called and how it is shown', async () => {
    await ask('PUT', await sign({ method: 'PUT' }), { body: 'hello' })
    const query = {
      'response-content-disposition': 'attachment; filename="b.txt"',
      'response-content-type': 'x/y',
    }
    const { headers: answered } = await ask('GET', await sign({ query }))
    expect([answered['content-disposition'], answered['content-type']]).toEqual(Object.values(query))
  })

  test('takes just the content whose hash it has', async () => {
    const contentSha256 = createHash('sha256').update('hello').digest('hex')
    const url = await sign({ method: 'PUT', contentSha256 })
    const declared = { 'x-goog-content-sha256': contentSha256 }
    expect(codeOf(await ask('PUT', url, { headers: declared, body: 'hallo' }))).toEqual([400, 'BadDigest'])
    expect(codeOf(await ask('GET', await sign()))).toEqual([404, 'NoSuchKey'])
    expect((await ask('PUT', url, { headers: declared, body: 'hello' })).status).toBe(200)
    const md5 = { 'content-md5': createHash('md5').update('other').digest('base64') }
    const put = await sign({ method: 'PUT' })
    expect(codeOf(await ask('PUT', put, { headers: md5, body: 'hello' }))).toEqual([400, 'BadDigest'])
  })

  test('keeps to preconditions', async () => {
    const once = { 'x-goog-if-generation-match': '0' }
    const url = await sign({ method: 'PUT', headers: once })
    expect((await ask('PUT', url, { headers: once, body: 'a' })).status).toBe(200)
    expect(codeOf(await ask('PUT', url, { headers: once, body: 'b' }))).toEqual([412, 'PreconditionFailed'])
    expect((await ask('GET', await sign())).text).toBe('a')
  })

  test('begins a session, whose bytes need no credential', async () => {
    const start = { 'x-goog-resumable': 'start', 'content-type': 'text/plain' }
    const url = await sign({ method: 'POST', headers: start })
    const begun = await ask('POST', url, { headers: start })
    expect([begun.status, begun.text]).toEqual([201, ''])
    const session = begun.headers['location']!
    const half = await ask('PUT', session, {
      headers: { 'content-range': 'bytes 0-262143/262149' },
      body: new Uint8Array(262_144),
    })
    expect([half.status, half.headers['range']]).toEqual([308, 'bytes=0-262143'])
    const rest = await ask('PUT', session, {
      headers: { 'content-range': 'bytes 262144-262148/262149' },
      body: 'hello',
    })
    expect([rest.status, rest.headers['x-goog-stored-content-length']]).toEqual([200, '262149'])
    expect((await ask('GET', await sign())).bytes).toHaveLength(262_149)
    expect(codeOf(await ask('PUT', session.replace(/upload_id=.*/, 'upload_id=x'), { body: 'x' }))).toEqual([
      404,
      'NoSuchUpload',
    ])
  })
})

describe('who signs', () => {
  beforeEach(async () => {
    await ask('PUT', await sign({ method: 'PUT' }), { body: 'hello' })
  })

  test('may be IAM, for an account of which there is no key', async () => {
    await emulator.listen()
    const serviceAccount = 'robot@emulator-project.iam.gserviceaccount.com'
    emulator.allowImpersonation({ by: 'emulator@emulator-project.iam.gserviceaccount.com', serviceAccount })
    const source = emulator.serviceAccount()
    const robot = { source, serviceAccount, iamEndpoint: `${emulator.url}/iamcredentials.googleapis.com` }
    const byRobot = await sign({ signer: impersonated(robot) })
    expect(byRobot).toContain('robot%40emulator-project')
    expect(await (await fetch(byRobot)).text()).toBe('hello')
    const bySigner = await sign({ signer: { email: serviceAccount, signer: iamSigner(robot) } })
    expect(await (await fetch(bySigner)).text()).toBe('hello')
  })

  test('may be an HMAC key', async () => {
    const key = await emulator.hmacKey()
    expect(key.accessId).toMatch(/^GOOG1E[A-Z2-7]{55}$/)
    const url = await sign({ signer: key })
    expect(url).toContain('X-Goog-Algorithm=GOOG4-HMAC-SHA256')
    expect((await ask('GET', url)).text).toBe('hello')
    const other = await sign({ signer: { ...key, secret: `${key.secret}x` } })
    expect(codeOf(await ask('GET', other))).toEqual([403, 'SignatureDoesNotMatch'])
    const unknown = await sign({ signer: { ...key, accessId: 'GOOG1ENOBODY' } })
    expect(codeOf(await ask('GET', unknown))).toEqual([403, 'InvalidSecurity'])
    emulator.disableServiceAccount('emulator@emulator-project.iam.gserviceaccount.com')
    expect(codeOf(await ask('GET', url))).toEqual([403, 'InvalidSecurity'])
  })

  test('may be an HMAC key of the API, as long as it is active', async () => {
    const path = '/storage/v1/projects/p/hmacKeys'
    const serviceAccountEmail = 'robot@p.iam.gserviceaccount.com'
    const made = await say(emulator, `POST ${path}`, { headers, query: { serviceAccountEmail } })
    const { secret, metadata } = made.json
    const url = await sign({ signer: { accessId: metadata.accessId, secret } })
    expect((await ask('GET', url)).text).toBe('hello')
    await say(emulator, `PUT ${path}/${metadata.accessId}`, { headers, body: { state: 'INACTIVE' } })
    expect(codeOf(await ask('GET', url))).toEqual([403, 'InvalidSecurity'])
  })

  test('must be known, and in use', async () => {
    const url = await sign()
    const stranger = await createEmulator()
    const foreign = await sign({
      signer: stranger.serviceAccount({ email: 'someone@x.iam.gserviceaccount.com' }),
    })
    expect(codeOf(await ask('GET', foreign))).toEqual([403, 'InvalidSecurity'])
    const impostor = await sign({ signer: stranger.serviceAccount() })
    expect(codeOf(await ask('GET', impostor))).toEqual([403, 'SignatureDoesNotMatch'])
    await stranger.close()
    emulator.disableServiceAccount('emulator@emulator-project.iam.gserviceaccount.com')
    expect(codeOf(await ask('GET', url))).toEqual([403, 'InvalidSecurity'])
  })

  test('may be nobody, with a token or where the emulator lets anybody', async () => {
    const url = `${emulator.url}/box/a.txt`
    expect((await ask('GET', url, { headers })).text).toBe('hello')
    expect(codeOf(await ask('GET', url))).toEqual([403, 'AccessDenied'])
    expect(codeOf(await ask('GET', url, { headers: { authorization: 'Bearer x' } }))).toEqual([
      401,
      'AuthenticationRequired',
    ])
  })
})

describe('an address that was signed for something else', () => {
  const changes: [what: string, change: (url: string) => string][] = [
    ['another object', (url) => url.replace('a.txt', 'b.txt')],
    ['another bucket', (url) => url.replace('/box/', '/bax/')],
    ['a longer time', (url) => url.replace('Expires=60', 'Expires=61')],
    ['another parameter', (url) => `${url}&generation=1`],
    ['another signature', (url) => url.replace(/(Signature=)../, '$1ab')],
  ]
  test.each(changes)('%s: 403, with what should have been signed', async (_, change) => {
    const url = change(await sign())
    const told = await ask('GET', url)
    expect(codeOf(told)).toEqual([403, 'SignatureDoesNotMatch'])
    expect(told.text).toMatch(/<StringToSign>GOOG4-RSA-SHA256\n.*<CanonicalRequest>GET\n/s)
  })

  test('another method, another value of a header', async () => {
    expect(codeOf(await ask('DELETE', await sign()))).toEqual([403, 'SignatureDoesNotMatch'])
    const url = await sign({ method: 'PUT', headers: { 'content-type': 'text/plain' } })
    const sent = { 'content-type': 'text/html' }
    expect(codeOf(await ask('PUT', url, { headers: sent, body: 'x' }))).toEqual([
      403,
      'SignatureDoesNotMatch',
    ])
    expect(codeOf(await ask('PUT', url, { body: 'x' }))).toEqual([400, 'MalformedSecurityHeader'])
    const more = { 'content-type': 'text/plain', 'x-goog-acl': 'public-read' }
    expect(codeOf(await ask('PUT', url, { headers: more, body: 'x' }))).toEqual([
      400,
      'MalformedSecurityHeader',
    ])
  })

  test('another time', async () => {
    const url = await sign()
    emulator.clock.advance(58_000)
    expect(codeOf(await ask('GET', url))).toEqual([404, 'NoSuchKey'])
    emulator.clock.advance(2_000)
    const told = await ask('GET', url)
    expect(codeOf(told)).toEqual([400, 'ExpiredToken'])
    const later = await sign({ clock: { now: () => emulator.clock.now() + 16 * 60_000 } })
    expect(codeOf(await ask('GET', later))).toEqual([403, 'RequestTimeTooSkewed'])
  })

  test.each([
    ['X-Goog-Date=\\w+', 'X-Goog-Date=today'],
    ['X-Goog-Expires=\\d+', 'X-Goog-Expires=604801'],
    ['X-Goog-Expires=\\d+', 'X-Goog-Expires=0'],
    ['X-Goog-Algorithm=[\\w-]+', 'X-Goog-Algorithm=AWS4-HMAC-SHA256'],
    ['X-Goog-Credential=[^&]+', 'X-Goog-Credential=ada'],
    ['X-Goog-SignedHeaders=host', 'X-Goog-SignedHeaders='],
    ['X-Goog-Signature=\\w+', 'X-Goog-Signature=zz'],
  ])('in a form that it cannot have: %s', async (from, to) => {
    const url = (await sign()).replace(new RegExp(from), to)
    expect(codeOf(await ask('GET', url))).toEqual([400, 'MalformedSecurityHeader'])
  })
})

describe('addresses of the XML API', () => {
  test('stand back behind those of the APIs, and are none where there is no such bucket', async () => {
    const api = await say(emulator, 'GET /storage/v1/b/box', { headers })
    expect(api.json.name).toBe('box')
    expect((await say(emulator, 'GET /nowhere/at-all', { headers })).json.error.code).toBe(404)
    expect(codeOf(await ask('PATCH', `${emulator.url}/box/a`, { headers }))).toEqual([
      405,
      'MethodNotAllowed',
    ])
    expect(codeOf(await ask('GET', 'https://storage.googleapis.com/nowhere/a', { headers }))).toEqual([
      404,
      'NoSuchBucket',
    ])
  })

  test('fail on demand as the methods do that they stand for, and stand in the journal without signatures', async () => {
    emulator.fail('storage.objects.get', ['return-503'])
    expect(codeOf(await ask('GET', await sign()))).toEqual([503, 'ServiceUnavailable'])
    const last = emulator.journal.exchanges.at(-1)!
    expect([last.methodId, last.status]).toEqual(['storage.objects.get', 503])
    expect(last.path).toMatch(/X-Goog-Signature=REDACTED$/)
  })
})
