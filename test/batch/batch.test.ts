import {
  createClient,
  type GoogleApiError,
  MaybeAppliedError,
  NotFoundError,
  PermissionDeniedError,
  type PreparedRequest,
  ValidationError,
} from 'discokit'
import { anonymous } from 'discokit/auth'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Emulated, makeBuckets, openEmulated } from '../client/emulated.ts'
import { answer, answering } from '../client/answers.ts'

let emulated: Emulated
beforeEach(async () => {
  emulated = await openEmulated()
  await makeBuckets(emulated.storage, ['photos', 'films', 'notes'])
  emulated.emulator.journal.clear()
})
afterEach(() => emulated[Symbol.asyncDispose]())

const get = (bucket: string): PreparedRequest<{ name: string }> =>
  emulated.storage.buckets.get.prepare({ bucket, fields: 'name' })
const insert = (name: string): PreparedRequest =>
  emulated.storage.buckets.insert.prepare({ project: 'p', body: { name }, fields: 'name' })
const patch = (bucket: string): PreparedRequest =>
  emulated.storage.buckets.patch.prepare({ bucket, body: { labels: { a: 'b' } }, fields: 'name' })
const named = (name: string): object => ({ status: 'fulfilled', value: { name } })
const calls = (methodId: string): number =>
  emulated.emulator.journal.exchanges.filter((exchange) => exchange.methodId === methodId).length
const fast = { retry: { baseDelayMs: 1 } }

describe('a batch', () => {
  test('gives what became of each, in order and of its own type', async () => {
    const results = await emulated.google.batch([get('photos'), get('no-such-bucket'), insert('new-one')])
    const [photos, missing, made] = results
    if (photos.status === 'fulfilled') photos.value satisfies { name: string }
    expect(photos).toEqual(named('photos'))
    expect(missing).toMatchObject({
      reason: { code: 'not_found', status: 404, request: { id: 'storage.buckets.get', method: 'GET' } },
    })
    expect((missing as PromiseRejectedResult).reason).toBeInstanceOf(NotFoundError)
    expect(made).toEqual(named('new-one'))
    expect(calls('batch')).toBe(1)
  })

  test('gives the errors that sending alone gives', async () => {
    const { google } = emulated
    const requests = [get('no-such-bucket'), insert('photos'), insert('UPPER'), get('photos')]
    const [alone, together] = [await google.send(requests), await google.batch(requests)]
    for (const [i, result] of together.entries()) {
      const other = alone[i]!
      if (result.status === 'fulfilled') expect(result).toEqual(other)
      else expect(plain(result.reason)).toEqual(plain((other as PromiseRejectedResult).reason))
    }
  })

  test('writes into each part what would be sent alone, and the credential once around them', async () => {
    const seen: string[] = []
    const { emulator } = emulated
    const { transport, ...connection } = emulator.connect()
    const google = createClient({
      ...connection,
      auth: emulator.serviceAccount(),
      transport: async (request, context) => {
        if (request.body instanceof Uint8Array) {
          seen.push(`${request.url}\n${JSON.stringify(Object.keys(request.headers))}`)
          seen.push(new TextDecoder().decode(request.body))
        }
        return transport!(request, context)
      },
    })
    await google.batch([get('photos'), insert('añb')], {
      headers: { 'X-Trace': 'abc' },
      quotaProject: 'payer',
    })
    expect(seen[0]).toBe(
      `${emulator.url}/batch/storage/v1\n["user-agent","x-goog-user-project","content-type","authorization"]`,
    )
    const [, uuid] = /content-id: <([0-9a-f-]{36})\+0>/.exec(seen[1]!)!
    const [, boundary] = /^--(batch_[0-9a-f-]{36})\r\n/.exec(seen[1]!)!
    const body = JSON.stringify({ name: 'añb' })
    expect(seen[1]).toBe(
      [
        `--${boundary}`,
        'content-type: application/http',
        `content-id: <${uuid}+0>`,
        '',
        'GET /storage/v1/b/photos?fields=name HTTP/1.1',
        'x-trace: abc',
        '',
        '',
        `--${boundary}`,
        'content-type: application/http',
        `content-id: <${uuid}+1>`,
        '',
        'POST /storage/v1/b?project=p&fields=name HTTP/1.1',
        'content-type: application/json',
        'x-trace: abc',
        `content-length: ${Buffer.byteLength(body)}`,
        '',
        body,
        `--${boundary}--`,
        '',
      ].join('\r\n'),
    )
  })

  test('of none is none, and asks nobody', async () => {
    expect(await emulated.google.batch([])).toEqual([])
    expect(emulated.emulator.journal.exchanges).toEqual([])
  })

  test('takes requests that have been through JSON, from another client', async () => {
    const { emulator } = emulated
    const stored = JSON.parse(JSON.stringify([get('photos'), get('films')])) as PreparedRequest[]
    const other = createClient({ ...emulator.connect(), auth: emulator.serviceAccount() })
    expect(await other.batch(stored)).toEqual([named('photos'), named('films')])
  })

  test('takes the options of a call', async () => {
    const options = {
      extraQuery: { prettyPrint: 'false' },
      headers: { 'X-Trace': 'abc' },
      quotaProject: 'payer',
    }
    await emulated.google.batch([get('photos')], options)
    const inner = emulated.emulator.journal.exchanges.find(({ method }) => method === 'GET')!
    expect(inner.path).toBe('/storage/v1/b/photos?fields=name&prettyPrint=false')
    expect(inner.headers).toMatchObject({ 'x-trace': 'abc', 'x-goog-user-project': 'payer' })
  })

  test('goes out in as many requests as it takes, and keeps the order', async () => {
    const names = Array.from({ length: 250 }, (_, i) => ['photos', 'films', 'notes'][i % 3]!)
    const results = await emulated.google.batch(names.map(get))
    expect(results).toEqual(names.map(named))
    expect(calls('batch')).toBe(3)
    emulated.emulator.journal.clear()
    expect(await emulated.google.batch(names.slice(0, 7).map(get), { maxSize: 2 })).toEqual(
      names.slice(0, 7).map(named),
    )
    expect(calls('batch')).toBe(4)
  })

  test('works over a port, and for an API whose host leads the path', async () => {
    const { emulator } = emulated
    await emulator.listen()
    await using google = createClient({ ...emulator.connect(), auth: emulator.serviceAccount() })
    const storage = await google.discover('storage:v1')
    const request = storage['buckets'].get.prepare({ bucket: 'photos', fields: 'name' })
    expect(request.batchUrl).toBe(`${emulator.url}/batch/storage/v1`)
    expect(await google.batch([request])).toEqual([named('photos')])
    const hosted = JSON.parse(
      JSON.stringify(request).replaceAll(emulator.url, `${emulator.url}/storage.googleapis.com`),
    ) as PreparedRequest
    // The origin is the emulator's; the host is part of the paths on both sides.
    expect(await google.batch([{ ...hosted, url: request.url }])).toEqual([named('photos')])
  })
})

describe('a batch, of answers in a strange form', () => {
  test('is put together by id when the parts come in another order', async () => {
    emulated.emulator.fail('batch', ['return-shuffled-parts'])
    const names = ['photos', 'films', 'notes']
    expect(await emulated.google.batch(names.map(get))).toEqual(names.map(named))
  })

  test('has an error for the part that is missing, and for the one that comes twice', async () => {
    emulated.emulator.fail('batch', ['return-missing-part', 'return-repeated-part'])
    for (const why of [/no part with the id/, /two answers/]) {
      const [first, second] = await emulated.google.batch([get('photos'), get('films')])
      expect(first).toMatchObject({
        reason: { code: 'unreadable_answer', message: expect.stringMatching(why) },
      })
      expect(second).toEqual(named('films'))
    }
    expect(calls('batch')).toBe(2)
  })

  test('may have written what it says nothing of', async () => {
    emulated.emulator.fail('batch', ['return-missing-part'])
    const [first] = await emulated.google.batch([patch('photos')])
    expect(first).toMatchObject({
      reason: {
        code: 'maybe_applied',
        request: { id: 'storage.buckets.patch' },
        cause: { code: 'unreadable_answer' },
      },
    })
    expect(calls('storage.buckets.patch')).toBe(1)
  })
})

describe('a part that failed', () => {
  test('goes in a new batch, alone, when it may', async () => {
    emulated.emulator.fail('storage.buckets.get', ['return-503', 'return-429'])
    const names = ['photos', 'films', 'notes']
    expect(await emulated.google.batch(names.map(get), fast)).toEqual(names.map(named))
    expect(calls('storage.buckets.get')).toBe(5)
  })

  test('does not when it writes, unless the server refused it before it acted', async () => {
    emulated.emulator.fail('storage.buckets.patch', ['return-503', 'return-429'])
    const results = await emulated.google.batch([patch('photos'), patch('films')], fast)
    expect(results).toMatchObject([{ reason: { status: 503 } }, named('films')])
    expect(calls('storage.buckets.patch')).toBe(3)
  })

  test('is given up after the tries of the policy', async () => {
    emulated.emulator.fail('storage.buckets.get', Array(9).fill('return-503'))
    const [result] = await emulated.google.batch([get('photos')], {
      retry: { baseDelayMs: 1, maxAttempts: 3 },
    })
    expect(result).toMatchObject({ reason: { status: 503 } })
    expect(calls('storage.buckets.get')).toBe(3)
    await emulated.google.batch([get('photos')], { retry: false })
    expect(calls('storage.buckets.get')).toBe(4)
  })

  test('for its credential goes once more with a new one', async () => {
    const { emulator, google } = emulated
    await google.batch([get('photos')])
    emulator.revokeTokens()
    emulator.journal.clear()
    const names = ['photos', 'films']
    expect(await google.batch(names.map(get))).toEqual(names.map(named))
    expect(calls('oauth2.token')).toBe(1)
    expect(calls('batch')).toBe(2)
    emulator.fail('storage.buckets.get', ['return-401', 'return-401'])
    const [refused] = await google.batch([get('photos')])
    expect(refused).toMatchObject({ reason: { code: 'unauthenticated' } })
  })

  test('says which scopes it lacked', async () => {
    const { emulator } = emulated
    const scopes = ['https://www.googleapis.com/auth/devstorage.read_only']
    const google = createClient({ ...emulator.connect(), auth: emulator.serviceAccount({ scopes }) })
    const [read, write] = await google.batch([get('photos'), insert('one-1')])
    expect(read).toEqual(named('photos'))
    expect((write as PromiseRejectedResult).reason).toBeInstanceOf(PermissionDeniedError)
    expect((write as PromiseRejectedResult).reason.missingScopes).toContain(
      'https://www.googleapis.com/auth/devstorage.read_write',
    )
  })
})

describe('a batch that failed as a whole', () => {
  test('gives each part the error, or sends those again that may', async () => {
    emulated.emulator.fail('batch', ['return-503', 'return-404'])
    const results = await emulated.google.batch([get('photos'), patch('films')], fast)
    expect(results).toMatchObject([
      { reason: { code: 'not_found', request: { id: 'storage.buckets.get' } } },
      { reason: { status: 503, request: { id: 'storage.buckets.patch' } } },
    ])
    emulated.emulator.fail('batch', ['return-429'])
    expect(await emulated.google.batch([get('photos'), patch('films')], fast)).toEqual([
      named('photos'),
      named('films'),
    ])
  })

  test.each(['return-reset-connection', 'return-broken-stream'])(
    'by %s is sent again for what reads, and may have written the rest',
    async (instruction) => {
      emulated.emulator.fail('batch', [instruction])
      const [read, write] = await emulated.google.batch([get('photos'), patch('films')], fast)
      expect(read).toEqual(named('photos'))
      expect((write as PromiseRejectedResult).reason).toBeInstanceOf(MaybeAppliedError)
      expect(calls('storage.buckets.patch')).toBeLessThan(2)
    },
  )

  test('keeps the answers that came before it broke off', async () => {
    emulated.emulator.fail('batch', ['return-broken-stream-after-1K'])
    const results = await emulated.google.batch([
      patch('photos'),
      patch('films'),
      patch('notes'),
      patch('photos'),
    ])
    expect(results[0]).toEqual(named('photos'))
    expect(results[3]).toMatchObject({ reason: { code: 'maybe_applied' } })
  })

  test('by a refusal of the credential gives each part that error', async () => {
    const { emulator } = emulated
    const google = createClient({ ...emulator.connect(), auth: anonymous() })
    const results = await google.batch([get('photos'), get('films')])
    expect(results).toMatchObject([
      { reason: { code: 'unauthenticated' } },
      { reason: { code: 'unauthenticated' } },
    ])
    const without = createClient({ ...emulator.connect() })
    expect(await without.batch([get('photos')])).toMatchObject([
      { reason: { reason: 'no_default_credentials' } },
    ])
  })
})

describe('a batch is refused before anything is sent', () => {
  const refusal = async (requests: readonly unknown[], options: object = {}): Promise<string[]> => {
    const error: unknown = await emulated.google
      .batch(requests as PreparedRequest[], options)
      .catch((failure: unknown) => failure)
    expect(emulated.emulator.journal.exchanges.filter(({ methodId }) => methodId === 'batch')).toEqual([])
    expect(error).toBeInstanceOf(ValidationError)
    return (error as ValidationError).problems.map(({ path, message }) => `${path} ${message}`)
  }

  test('for all that cannot go in it, by index', async () => {
    const { objects } = emulated.storage
    const { batchUrl: _, ...homeless } = get('photos')
    const one = get('photos')
    expect(
      await refusal([
        one,
        objects.insert.prepare({ bucket: 'photos', name: 'a', media: 'x' }),
        homeless,
        undefined,
        objects.get.prepare({ bucket: 'photos', object: 'a', alt: 'media' }),
        objects.get.prepare({ bucket: 'photos', object: 'a'.repeat(8_000) }),
        { ...one, url: 'https://evil.example/storage/v1/b/photos' },
        { ...one, url: `${one.url} HTTP/1.1\r\nx-injected: 1` },
        { ...one, headers: { authorization: 'Bearer x' } },
        { ...one, method: 'GET /other HTTP/1.1\r\n' },
        { ...one, url: one.url.replace('/storage/', '/upload/storage/') },
        one,
      ]),
    ).toEqual([
      'requests[1] has media, which cannot go in a batch; send it alone',
      'requests[2] has no batch address: its API has no batches; use google.send([…])',
      'requests[3] is not a prepared request; make one with .prepare(…) of a method',
      'requests[4] moves media, which cannot go in a batch; send it alone',
      expect.stringMatching(/^requests\[5\] has an address of 80\d\d characters/),
      'requests[6] has a batch address on another host',
      'requests[7] has an address that cannot be written in a batch',
      'requests[8].headers.authorization is set by the client itself',
      'requests[9] is not a prepared request; make one with .prepare(…) of a method',
      'requests[10] moves media, which cannot go in a batch; send it alone',
    ])
  })

  test('for options that cannot be', async () => {
    expect(await refusal([get('photos')], { maxsize: 3 })).toEqual(['maxsize is not an option'])
    for (const maxSize of [0, 1.5, 1_001, '3']) {
      expect(await refusal([get('photos')], { maxSize })).toEqual([
        'maxSize must be a whole number from 1 to 1000',
      ])
    }
    expect(await refusal([get('photos')], { timeoutMs: 0 })).toHaveLength(1)
    expect(await refusal(get('photos') as never)).toEqual(['requests must be a list'])
  })

  test('when it is aborted already', async () => {
    const signal = AbortSignal.abort('no')
    expect(await emulated.google.batch([get('photos')], { signal })).toEqual([
      { status: 'rejected', reason: 'no' },
    ])
    expect(emulated.emulator.journal.exchanges).toEqual([])
  })

  test('for an address that may not see the credential', async () => {
    const transport = answering(() => answer(200))
    const auth = { kind: 'test', headers: () => ({ authorization: 'Bearer canary' }) }
    const google = createClient({ transport, auth })
    const request = { id: 'x', method: 'GET', url: 'https://evil.example/x', headers: {} }
    expect(await google.batch([{ ...request, batchUrl: 'https://evil.example/batch' }])).toMatchObject([
      { reason: { reason: 'origin_not_allowed' } },
    ])
    expect(transport.requests).toEqual([])
  })
})

describe('the batch address', () => {
  test('is a plain path below the address in use, and else is not', async () => {
    const document = emulated.storage.$raw
    const urlFor = (batchPath: string | undefined, options: object = {}): string | undefined => {
      const { buckets } = createClient(options).api({ ...document, batchPath })
      return buckets.get.prepare({ bucket: 'b' }).batchUrl
    }
    expect(urlFor('batch/storage/v1', { universeDomain: 'example.goog' })).toBe(
      'http://emulator.localhost/batch/storage/v1',
    )
    expect(urlFor('batch', { endpoint: 'https://private.example' })).toBe('https://private.example/batch')
    for (const path of [
      undefined,
      '',
      '//evil.example/x',
      'https://evil.example/batch',
      '../batch',
      'batch?x',
      'a b',
    ]) {
      expect(urlFor(path)).toBeUndefined()
    }
  })
})

/** An error as plain data, without what differs from one answer to the next. */
function plain(error: unknown): unknown {
  const { response, ...rest } = (error as GoogleApiError).toJSON() as unknown as {
    response: { status: number; body: string }
  }
  return { ...rest, status: response.status, body: response.body }
}
