import { createClient, type PreparedRequest, type RestDescription } from 'discokit'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { answer, answering } from '../client/answers.ts'
import { type Arguments, argumentsFor, type Extent } from './arguments.ts'
import { documentNames, memberAt, methodsOf, needDocuments, readDocument } from './documents.ts'
import { expectedAddress } from './expected-address.ts'
import { matchingText, wholeMatch } from './matching-text.ts'
import { randomFrom } from './random.ts'
import { say } from './say.ts'

/** Something that makes a request, as every method does. */
interface Preparing {
  readonly $id: string
  prepare(parameters: object): PreparedRequest
}

describe('every method of every document', () => {
  beforeEach(needDocuments)
  let methodCount = 0
  let requestCount = 0

  afterAll(() => {
    say(`${documentNames.length} documents, ${methodCount} methods, ${requestCount} requests as intended`)
  })

  test('are more than 5,000', () => {
    const methods = documentNames.flatMap((name) => methodsOf(readDocument(name)))
    expect(methods.length).toBeGreaterThan(5000)
  })

  test.each(documentNames)('%s', async (name) => {
    const document = readDocument(name)
    const google = createClient({ transport: answering(() => answer(200, document)) })
    const api: object = google.api(document)
    // What a client discovers it keeps without prose and schemas: the requests must be the same.
    const discovered: object = await google.discover(`${document.name}:${document.version}`)
    const wrong: string[] = []
    for (const placed of methodsOf(document)) {
      methodCount++
      const method = memberAt(api, placed.path) as Preparing
      expect(method.$id).toBe(placed.method.id)
      for (const extent of ['required', 'all'] as const satisfies Extent[]) {
        const given = argumentsFor(document, placed, extent)
        const what = `${placed.path.join('.')} with ${extent} parameters`
        const problems = attempt(() => {
          const input = { ...given.parameters, ...(given.body !== undefined && { body: given.body }) }
          const request = method.prepare(input)
          requestCount++
          expect((memberAt(discovered, placed.path) as Preparing).prepare(input)).toEqual(request)
          check(document, placed, given, request)
        })
        if (problems !== undefined) wrong.push(`${what}: ${problems}`)
      }
    }
    expect(wrong).toEqual([])
  })

  test('every pattern of a parameter has a text that matches', () => {
    const patterns = new Set(
      documentNames.flatMap((name) =>
        methodsOf(readDocument(name)).flatMap(({ parameters }) =>
          Object.values(parameters).flatMap(({ pattern }) => pattern ?? []),
        ),
      ),
    )
    expect(patterns.size).toBeGreaterThan(600)
    for (const pattern of patterns) {
      expect(matchingText(pattern, randomFrom(pattern))).toMatch(wholeMatch(pattern))
    }
  })
})

function check(
  document: RestDescription,
  placed: ReturnType<typeof methodsOf>[number],
  given: Arguments,
  request: PreparedRequest,
): void {
  const { method } = placed
  const expected = expectedAddress(document, placed, given.parameters)
  const { url, httpMethod } = asMeant(request)
  const [base = '', query] = url.split('?')
  expect(base).toBe(expected.base)
  expect(base.startsWith(document.rootUrl + document.servicePath)).toBe(true)

  // What an address parser reads is what was written.
  const parsed = new URL(url)
  expect(parsed.origin + parsed.pathname).toBe(expected.base)
  expect(parsed.hash).toBe('')
  const pairs =
    query === undefined ? [] : query.split('&').map((pair) => pair.split('=').map(decodeURIComponent))
  expect(pairs).toEqual(expected.query)
  expect([...parsed.searchParams]).toEqual(expected.query)

  expect(request.id).toBe(method.id)
  expect(httpMethod).toBe(method.httpMethod)
  expect(request.headers['x-goog-api-version']).toBe(method.apiVersion || undefined)
  if (given.body === undefined) {
    if (request.method === method.httpMethod) expect(request.body).toBeUndefined()
  } else {
    expect(request.headers['content-type']).toBe('application/json')
    expect(JSON.parse(request.body as string)).toEqual(JSON.parse(JSON.stringify(given.body)))
  }
}

/** A GET whose address is too long travels as a POST with the query as its body; this is the GET again. */
function asMeant({ method, url, headers, body }: PreparedRequest): { httpMethod: string; url: string } {
  const overridden = headers['x-http-method-override']
  return overridden === undefined
    ? { httpMethod: method, url }
    : { httpMethod: overridden, url: url.includes('?') ? url : `${url}?${String(body)}` }
}

/** What an assertion or the product says against it, or undefined. */
function attempt(run: () => void): string | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    return (error as Error).message.slice(0, 1000)
  }
}
