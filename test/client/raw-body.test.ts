import { createClient, type HttpRequest, type RestDescription, ValidationError } from 'discokit'
import { anonymous } from 'discokit/auth'
import { describe, expect, test } from 'vitest'
import { answer, answering } from './answers.ts'

/** Methods of the kinds that take bytes as they are. */
const definition: RestDescription = {
  name: 'raw',
  version: 'v1',
  rootUrl: 'https://raw.googleapis.com/',
  servicePath: '',
  methods: {
    predict: { id: 'raw.predict', path: 'v1/predict', httpMethod: 'POST', request: { $ref: 'HttpBody' } },
    insert: { id: 'raw.insert', path: 'v1/things', httpMethod: 'POST', request: { $ref: 'Thing' } },
    ping: { id: 'raw.ping', path: 'v1/ping', httpMethod: 'POST' },
    search: {
      id: 'raw.search',
      path: 'v1/search',
      httpMethod: 'GET',
      request: { $ref: 'Thing' },
      parameters: { q: { type: 'string', location: 'query' } },
    },
  },
  schemas: { Thing: { type: 'object', properties: { name: { type: 'string' } } } },
}

/** What goes over the wire: the content type, and the bytes as text. */
async function sent(call: (api: any) => PromiseLike<unknown>): Promise<[string | undefined, string]> {
  const transport = answering(() => answer(200, {}))
  await call(createClient({ transport, auth: anonymous() }).api(definition))
  const [{ headers, body }] = transport.requests as [HttpRequest]
  return [headers['content-type'], await textOf(body)]
}

async function textOf(body: HttpRequest['body']): Promise<string> {
  if (body === undefined || typeof body === 'string') return body ?? ''
  const chunks: Uint8Array[] = []
  if (body instanceof Uint8Array) chunks.push(body)
  else for await (const chunk of body.open()) chunks.push(Uint8Array.from(chunk))
  return Buffer.concat(chunks).toString()
}

async function* pieces(): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode('in ')
  yield new TextEncoder().encode('pieces')
}

describe('a body that is not JSON', () => {
  test.each([
    ['a text', 'a,b', 'text/plain; charset=utf-8', 'a,b'],
    ['bytes', new TextEncoder().encode('bytes'), 'application/octet-stream', 'bytes'],
    [
      'a form',
      new URLSearchParams({ a: '1 2', b: 'ü' }),
      /^application\/x-www-form-urlencoded/,
      'a=1+2&b=%C3%BC',
    ],
    ['a Blob', new Blob(['<a/>'], { type: 'text/xml' }), 'text/xml', '<a/>'],
    ['a web stream', new Blob(['streamed']).stream(), 'application/octet-stream', 'streamed'],
    ['an async iterable', pieces(), 'application/octet-stream', 'in pieces'],
  ])('is sent as it is: %s', async (_, body, type, bytes) => {
    const [contentType, content] = await sent((api) => api.predict({ body }))
    expect(contentType).toMatch(type)
    expect(content).toBe(bytes)
  })

  test('may say its type under media, for any method with a body', async () => {
    const media = { content: '{"resourceType":"Patient"}', contentType: 'application/fhir+json' }
    expect(await sent((api) => api.predict({ media }))).toEqual(['application/fhir+json', media.content])
    expect(await sent((api) => api.insert({ media }))).toEqual(['application/fhir+json', media.content])
  })

  test('may be an HttpBody, whose bytes alone are sent', async () => {
    const body = { contentType: 'text/csv', data: btoa('a,b') }
    expect(await sent((api) => api.predict({ body }))).toEqual(['text/csv', 'a,b'])
  })

  test('is JSON all the same when it is another object', async () => {
    const body = { resourceType: 'Binary', contentType: 'text/csv', data: 'YQ==' }
    expect(await sent((api) => api.predict({ body }))).toEqual(['application/json', JSON.stringify(body)])
  })

  test('cannot stand beside JSON, and is refused by a method that takes nothing', () => {
    const api = createClient().api(definition)
    expect(() => api['insert'].prepare({ body: {}, media: 'x' })).toThrow(ValidationError)
    expect(() => api['ping'].prepare({ body: 'x' })).toThrow(
      'raw.ping: body: the method takes no request body',
    )
    expect(() => api['ping'].prepare({ media: 'x' })).toThrow('raw.ping: media: the method takes no media')
    expect(api['ping'].prepare({ body: 'x' }, { validate: false }).media).toBe('x')
  })

  test('leaves a body of JSON on a GET as it is', async () => {
    expect(await sent((api) => api.search({ q: 'a', body: { name: 'b' } }))).toEqual([
      'application/json',
      '{"name":"b"}',
    ])
  })
})
