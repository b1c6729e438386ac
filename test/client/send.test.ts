import { createClient, MaybeAppliedError, type PreparedRequest, ValidationError } from 'discokit'
import { anonymous } from 'discokit/auth'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { answer, answering } from './answers.ts'
import { type Emulated, makeBuckets, openEmulated } from './emulated.ts'

let emulated: Emulated

beforeAll(async () => {
  emulated = await openEmulated()
  await makeBuckets(emulated.storage, ['photos', 'films'])
})
afterAll(() => emulated[Symbol.asyncDispose]())
beforeEach(() => emulated.emulator.journal.clear())

const get = (bucket: string): PreparedRequest<{ name: string }> =>
  emulated.storage.buckets.get.prepare({ bucket })

describe('send, of one request', () => {
  test('gives the content', async () => {
    expect((await emulated.google.send(get('photos'))).name).toBe('photos')
  })

  test('takes a request that has been through JSON, from another client', async () => {
    const { emulator } = emulated
    const stored = JSON.stringify(
      emulated.storage.buckets.patch.prepare({
        bucket: 'films',
        body: { labels: { kept: 'yes', gone: null } },
      }),
    )
    const other = createClient({ ...emulator.connect(), auth: emulator.serviceAccount() })
    expect(await other.send(JSON.parse(stored))).toMatchObject({ name: 'films', labels: { kept: 'yes' } })
  })

  test('sends the same request again each time', async () => {
    const request = get('photos')
    expect(await emulated.google.send(request)).toEqual(await emulated.google.send(request))
    expect(emulated.emulator.journal.exchanges).toHaveLength(2)
  })

  test('uploads the media of a prepared request', async () => {
    const { google, storage } = emulated
    const request = storage.objects.insert.prepare({
      bucket: 'photos',
      body: { name: 'cat.txt' },
      media: 'miaow',
    })
    expect(request.url).toBe(`${emulated.emulator.url}/upload/storage/v1/b/photos/o?uploadType=multipart`)
    expect(await google.send(request)).toMatchObject({
      name: 'cat.txt',
      size: '5',
      contentType: 'text/plain',
    })
    expect(await storage.objects.get.download({ bucket: 'photos', object: 'cat.txt' }).text()).toBe('miaow')
  })

  test('throws a typed error', async () => {
    await expect(emulated.google.send(get('no-such-bucket'))).rejects.toMatchObject({
      code: 'not_found',
      request: { id: 'storage.buckets.get' },
    })
  })

  test('takes call options', async () => {
    const options = { headers: { 'X-Trace': 'abc' }, extraQuery: { fields: 'name' }, quotaProject: 'payer' }
    await emulated.google.send(get('photos'), options)
    const [exchange] = emulated.emulator.journal.exchanges
    expect(exchange!.path).toBe('/storage/v1/b/photos?fields=name')
    expect(exchange!.headers).toMatchObject({ 'x-trace': 'abc', 'x-goog-user-project': 'payer' })
    await expect(emulated.google.send(get('photos'), { signal: AbortSignal.abort('no') })).rejects.toBe('no')
  })

  test('sends with the credential of the client, whichever prepared the request', async () => {
    const { emulator, google, storage } = emulated
    const request: PreparedRequest<{ name: string }> = storage
      .$as(anonymous())
      .buckets.get.prepare({ bucket: 'photos' })
    expect(request).toEqual(get('photos'))
    expect((await google.send(request)).name).toBe('photos')
    const stranger = createClient({ ...emulator.connect(), auth: anonymous() })
    await expect(stranger.send(get('photos'))).rejects.toMatchObject({ code: 'unauthenticated' })
  })

  test('refuses to take the credential to another place', async () => {
    const sent = answering(() => answer(200))
    const auth = { kind: 'test', headers: () => ({ authorization: 'Bearer canary' }) }
    const google = createClient({ transport: sent, auth })
    for (const url of [
      'https://evil.example/',
      'http://storage.googleapis.com/',
      'https://a@storage.googleapis.com/x',
    ]) {
      await expect(google.send({ ...get('photos'), url })).rejects.toMatchObject({
        reason: 'origin_not_allowed',
      })
    }
    expect(sent.requests).toEqual([])
  })
})

describe('send, of many requests', () => {
  test('gives what became of each, in order', async () => {
    const results = await emulated.google.send([get('photos'), get('no-such-bucket'), get('films')])
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    const [photos, missing, films] = results
    expect(photos).toMatchObject({ value: { name: 'photos' } })
    expect(missing).toMatchObject({ reason: { code: 'not_found' } })
    expect(films).toMatchObject({ value: { name: 'films' } })
  })

  test('types each result', async () => {
    const count: PreparedRequest<number> = {
      id: 'x',
      method: 'GET',
      url: 'https://x.googleapis.com/',
      headers: {},
    }
    const google = createClient({
      transport: answering(() => answer(200, '7', { 'content-type': 'application/json' })),
      auth: anonymous(),
    })
    const [first, second] = await google.send([count, get('photos')])
    if (first.status === 'fulfilled') first.value satisfies number
    if (second.status === 'fulfilled') second.value satisfies { name: string }
    expect(first).toEqual({ status: 'fulfilled', value: 7 })
  })

  test('keeps the order when answers come in another', async () => {
    const releases: (() => void)[] = []
    const transport = answering(async (request) => {
      await new Promise<void>((resolve) => releases.push(resolve))
      return answer(200, { url: request.url })
    })
    const google = createClient({ transport, auth: anonymous() })
    const sending = google.send([get('a'), get('b'), get('c')])
    await Promise.resolve()
    await Promise.resolve()
    expect(releases).toHaveLength(3)
    for (const release of releases.toReversed()) release()
    const urls = (await sending).map((result) => result.status === 'fulfilled' && (result.value as any).url)
    expect(urls).toEqual([get('a').url, get('b').url, get('c').url])
  })

  test('never rejects, whatever goes wrong', async () => {
    const transport = answering(() => {
      throw new TypeError('broken transport')
    })
    const google = createClient({ transport, auth: anonymous() })
    const results = await google.send([get('photos'), null as never, { ...get('photos'), url: '' }])
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected', 'rejected'])
    const refused = await google.send([get('photos')], { headers: { authorization: 'x' } })
    expect(refused).toMatchObject([{ status: 'rejected', reason: expect.any(ValidationError) }])
    expect(await google.send([get('photos')], { signal: AbortSignal.abort(1) })).toEqual([
      { status: 'rejected', reason: 1 },
    ])
  })

  test('gives nothing for nothing', async () => {
    expect(await emulated.google.send([])).toEqual([])
  })

  test('tells writes that may have been carried out from those that were not', async () => {
    emulated.emulator.fail('storage.buckets.patch', ['return-reset-connection'])
    const { buckets } = emulated.storage
    const requests: PreparedRequest[] = [
      buckets.patch.prepare({ bucket: 'photos', body: { labels: { a: 'b' } } }),
      buckets.insert.prepare({ project: 'p', body: { name: 'photos' } }),
    ]
    const [broken, refused] = await emulated.google.send(requests)
    expect(broken).toMatchObject({ reason: expect.any(MaybeAppliedError) })
    expect(refused).toMatchObject({ reason: { code: 'conflict' } })
  })
})
