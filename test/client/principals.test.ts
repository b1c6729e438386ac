import { createClient, type UntypedApi } from 'discokit'
import { accessToken, anonymous, apiKey, authorizedFetch } from 'discokit/auth'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { answer, answering, type Recorder } from './answers.ts'
import { notes } from './notes-document.ts'

const KEY = 'AIza-canary-key/+0123456789'
const TOKEN = 'ya29.canary-token-0123456789'

function connect(auth = accessToken(TOKEN)): {
  transport: Recorder
  methods: UntypedApi[string]
  api: UntypedApi
} {
  const transport = answering(() => answer(200, {}))
  const api = createClient({ transport, auth }).api(notes)
  return { transport, api, methods: api['notes'] }
}

describe('an API key', () => {
  test('goes into a header', async () => {
    const { transport, methods } = connect(apiKey(KEY))
    await methods.get({ noteId: '1' })
    expect(transport.requests[0]).toMatchObject({
      url: 'https://notes.googleapis.com/notes/v1/notes/1',
      headers: { 'x-goog-api-key': KEY },
    })
  })

  test('goes into the address when asked to, and no error shows it', async () => {
    const transport = answering(({ url }) => answer(403, { error: { message: `not for ${url}` } }))
    const google = createClient({ transport, auth: apiKey(KEY, { in: 'query' }) })
    const error = await google
      .api(notes)
      .notes.get({ noteId: '1', view: 'FULL' })
      .catch((reason: unknown) => reason)
    expect(transport.requests[0]!.url).toBe(
      `https://notes.googleapis.com/notes/v1/notes/1?view=FULL&key=${encodeURIComponent(KEY)}`,
    )
    expect(transport.requests[0]!.headers).not.toHaveProperty('x-goog-api-key')
    for (const shown of [inspect(error, { depth: 9 }), JSON.stringify(error)])
      expect(shown).not.toContain('canary')
  })

  test('serves an authorised fetch in both forms', async () => {
    const { transport } = connect()
    const url = 'https://notes.googleapis.com/notes/v1/notes'
    await authorizedFetch(apiKey(KEY), { transport })(url)
    await authorizedFetch(apiKey(KEY, { in: 'query' }), { transport })(url)
    expect(transport.requests[0]!.headers['x-goog-api-key']).toBe(KEY)
    expect(transport.requests[1]!.url).toBe(`${url}?key=${encodeURIComponent(KEY)}`)
  })

  test.each([[''], ['a\nb'], [7]])('cannot be %j', (key) => {
    expect(() => apiKey(key as string)).toThrow('the API key cannot be used: key: must be the text of a key')
    expect(() => accessToken(key as string)).toThrow('the access token cannot be used')
  })

  test('goes to no origin that the policy does not name', async () => {
    const transport = answering(() => answer(200, {}))
    const evil = { ...notes, rootUrl: 'https://notes.example.com/' }
    for (const auth of [apiKey(KEY), apiKey(KEY, { in: 'query' }), accessToken(TOKEN)]) {
      const call = createClient({ transport, auth }).api(evil).notes.get({ noteId: '1' })
      await expect(call).rejects.toMatchObject({ reason: 'origin_not_allowed' })
    }
    expect(transport.requests).toEqual([])
  })
})

describe('a key or token given as a parameter', () => {
  test.each([
    ['key', { key: KEY }, {}],
    ['a key that the document does not know', {}, { extraQuery: { key: KEY } }],
    ['access_token', {}, { extraQuery: { access_token: TOKEN } }],
    ['oauth_token', {}, { extraQuery: { oauth_token: TOKEN } }],
  ])('takes the place of the principal for that request: %s', async (_, parameters, options) => {
    const { transport, methods } = connect()
    await methods.get({ noteId: '1', ...parameters }, options)
    await methods.get({ noteId: '2' })
    expect(transport.requests[0]!.headers).not.toHaveProperty('authorization')
    expect(transport.requests[0]!.url).toMatch(/[?&](key|access_token|oauth_token)=/)
    expect(transport.requests[1]!.headers['authorization']).toBe(`Bearer ${TOKEN}`)
  })

  test('needs no principal at all, and goes where credentials may go', async () => {
    const transport = answering(() => answer(200, {}))
    await createClient({ transport }).api(notes).notes.get({ noteId: '1', key: KEY })
    expect(transport.requests).toHaveLength(1)
    const evil = { ...notes, rootUrl: 'https://notes.example.com/' }
    const call = createClient({ transport, auth: anonymous() }).api(evil).notes.get({ noteId: '1', key: KEY })
    await expect(call).rejects.toMatchObject({ reason: 'origin_not_allowed' })
    expect(transport.requests).toHaveLength(1)
  })

  test('survives the way through a queue, and is not printed', async () => {
    const { transport, methods, api } = connect()
    const request = methods.get.prepare({ noteId: '1', key: KEY })
    expect(inspect(request)).not.toContain('canary')
    expect(inspect(request)).toContain('key=…')
    const google = createClient({ transport, auth: accessToken(TOKEN) })
    await google.send(JSON.parse(JSON.stringify(request)))
    expect(transport.requests[0]!.headers).not.toHaveProperty('authorization')
    expect(api['$id']).toBe('notes:v1')
  })

  test('is left alone where a method has a parameter of that name in its path', async () => {
    const transport = answering(() => answer(200, {}))
    const get = {
      id: 'x.get',
      path: 'x/{key}',
      httpMethod: 'GET',
      parameters: { key: { type: 'string', location: 'path', required: true } },
    }
    const api = createClient({ transport, auth: accessToken(TOKEN) }).api({ ...notes, methods: { get } })
    await api['get']({ key: 'k' })
    expect(transport.requests[0]!.headers['authorization']).toBe(`Bearer ${TOKEN}`)
  })
})
