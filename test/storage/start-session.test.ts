import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Client, createClient, ParseError, PreconditionFailedError, ValidationError } from 'discokit'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { startSession, type StartSessionOptions } from 'discokit/storage'
import { responseBody } from '../../src/protocol/http-body.ts'

let emulator: Emulator
let google: Client
beforeEach(async () => {
  emulator = await createEmulator()
  google = createClient({ ...emulator.connect(), auth: emulator.serviceAccount(), retry: { baseDelayMs: 1 } })
  const storage = await google.discover('storage:v1')
  await storage['buckets'].insert({ project: 'p', body: { name: 'box' } })
})
afterEach(() => emulator.close())

const put = async (url: string, body: string, headers = {}): Promise<{ status: number; text: string }> => {
  const { status, body: content } = await emulator.handle({ method: 'PUT', url, headers, body })
  return { status, text: await content.text() }
}

describe('startSession', () => {
  test('gives an address to which somebody else sends the bytes', async () => {
    const url = await startSession(google, {
      bucket: 'box',
      object: 'a/ü',
      origin: 'https://app.example.com',
      contentType: 'text/plain',
      length: 5,
      metadata: { metadata: { who: 'ada' }, cacheControl: 'no-store' },
    })
    const { headers } = emulator.journal.exchanges.at(-1)!
    expect(headers).toMatchObject({
      origin: 'https://app.example.com',
      'x-upload-content-type': 'text/plain',
      'x-upload-content-length': '5',
    })
    const { status, text } = await put(url, 'hello')
    expect([status, JSON.parse(text)]).toMatchObject([
      200,
      {
        name: 'a/ü',
        contentType: 'text/plain',
        cacheControl: 'no-store',
        metadata: { who: 'ada' },
        size: '5',
      },
    ])
  })

  test('fixes preconditions, and the length', async () => {
    const first = { bucket: 'box', object: 'a', ifGenerationMatch: 0 }
    const url = await startSession(google, { ...first, length: 5 })
    expect((await put(url, 'hello!')).status).toBe(400)
    expect((await put(await startSession(google, first), 'hello')).status).toBe(200)
    await expect(startSession(google, first)).rejects.toBeInstanceOf(PreconditionFailedError)
  })

  test('is begun again after a failure that passes', async () => {
    emulator.fail('storage.objects.insert', ['return-503', 'return-reset-connection'])
    expect(await startSession(google, { bucket: 'box', object: 'a' })).toContain('upload_id=')
  })

  test.each([
    undefined,
    'http://storage.googleapis.com/a',
    'https://example.com/upload?upload_id=secret',
    'nowhere',
  ])('refuses the address %s, and does not repeat it', async (location) => {
    const answering = createClient({
      auth: emulator.serviceAccount(),
      clock: emulator.clock,
      transport: async ({ url }) => ({
        status: 200,
        headers: url.includes('token')
          ? { 'content-type': 'application/json' }
          : { ...(location !== undefined && { location }) },
        body: responseBody(url.includes('token') ? '{"access_token":"t","expires_in":3600}' : ''),
      }),
    })
    const failure = await startSession(answering, { bucket: 'box', object: 'a' }).catch(
      (error: unknown) => error,
    )
    expect(failure).toBeInstanceOf(ParseError)
    expect(String(failure)).not.toContain('secret')
  })

  test.each<[options: object, path: string]>([
    [{ object: '' }, 'object'],
    [{ origin: 'https://app.example.com/page' }, 'origin'],
    [{ contentType: 'text' }, 'contentType'],
    [{ length: -1 }, 'length'],
    [{ metadata: { by: 'ada' } }, 'metadata.by'],
    [{ metadata: { contentType: 'a/b' } }, 'metadata.contentType'],
    [{ orgin: 'x' }, 'orgin'],
  ])('refuses %j before anything is sent', async (options, path) => {
    const before = emulator.journal.exchanges.length
    const wrong = { bucket: 'box', object: 'a', ...options } as StartSessionOptions
    const failure = await startSession(google, wrong).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ValidationError)
    expect((failure as ValidationError).problems).toMatchObject([{ path }])
    expect(emulator.journal.exchanges).toHaveLength(before)
  })
})
