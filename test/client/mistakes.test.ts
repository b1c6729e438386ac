import { anonymous, authorizedFetch } from 'discokit/auth'
import {
  type CallOptions,
  type ClientOptions,
  createClient,
  type PreparedRequest,
  ValidationError,
} from 'discokit'
import { file } from 'discokit/node'
import { describe, expect, test } from 'vitest'
import { answer, answering } from './answers.ts'
import { notes } from './notes-document.ts'

const transport = answering(() => answer(200, {}))
const google = createClient({ transport, auth: anonymous(), retry: { baseDelayMs: 1 } })
const api: any = google.api(notes)

/** The problems of something that is refused. Nothing may have been sent by then. */
async function problemsOf(run: () => unknown): Promise<string[]> {
  const before = transport.requests.length
  const failure: unknown = await Promise.resolve()
    .then(run)
    .then(
      () => undefined,
      (error: unknown) => error,
    )
  expect(failure).toBeInstanceOf(ValidationError)
  expect(transport.requests).toHaveLength(before)
  return (failure as ValidationError).problems.map(
    ({ path, message, suggestion }) =>
      `${path} ${message}${suggestion === undefined ? '' : ` -> ${suggestion}`}`,
  )
}

describe('a mistake that no type checker sees', () => {
  test('a misspelt option of a call is refused', async () => {
    const options = { singal: AbortSignal.abort(), timeoutMS: 1 } as CallOptions
    expect(await problemsOf(() => api.notes.get({ noteId: '1' }, options))).toEqual([
      'singal is not an option -> signal',
      'timeoutMS is not an option -> timeoutMs',
    ])
  })

  test('a misspelt option of a client is refused', async () => {
    expect(await problemsOf(() => createClient({ endpiont: 'x' } as ClientOptions))).toEqual([
      'endpiont is not an option -> endpoint',
    ])
  })

  test('a client takes only a credential for one', async () => {
    expect(await problemsOf(() => createClient({ auth: { keyFile: 'k' } as never }))).toHaveLength(1)
  })

  test('an option among the parameters is told to be one', async () => {
    const [problem] = await problemsOf(() => api.notes.get({ noteId: '1', timeoutMs: 5 }))
    expect(problem).toContain('it is an option: give it in the second argument')
  })

  test('a call in place of a prepared request is refused, with what to do', async () => {
    for (const request of [{}, { id: 'x' }, 'x', Promise.resolve()]) {
      const [problem] = await problemsOf(() => google.send(request as unknown as PreparedRequest))
      expect(problem).toContain('.prepare(')
    }
  })

  test('a path in place of a destination is refused', async () => {
    const document = structuredClone(notes) as any
    document.resources.notes.methods.get.supportsMediaDownload = true
    const { notes: resource }: any = google.api(document)
    const [problem] = await problemsOf(() => resource.get.download({ noteId: '1' }).to('copy.jpg'))
    expect(problem).toContain('file(path)')
  })

  test('a prepared request cannot bring its own credential or framing', async () => {
    const request = { id: 'x', method: 'POST', url: 'https://notes.googleapis.com/x', body: '{"a":1}' }
    for (const name of ['Authorization', 'authorization', 'Content-Length', 'transfer-encoding', 'Host']) {
      expect(await problemsOf(() => google.send({ ...request, headers: { [name]: '2' } }))).toHaveLength(1)
    }
  })

  test('a method in lower case is no safer to repeat', async () => {
    const failing = answering(() => answer(503))
    const client = createClient({ transport: failing, auth: anonymous(), retry: { baseDelayMs: 1 } })
    const request = { id: 'x', method: 'post', url: 'https://notes.googleapis.com/x', headers: {} }
    await expect(client.send(request)).rejects.toMatchObject({ status: 503 })
    expect(failing.requests.map(({ method }) => method)).toEqual(['POST'])
  })
})

describe('a request body', () => {
  const bodyOf = (body: unknown): string => api.notes.insert.prepare({ body }).body

  test('writes bytes as base64', () => {
    expect(bodyOf({ data: Uint8Array.of(1, 2, 255), more: [Buffer.from('hi')] })).toBe(
      '{"data":"AQL/","more":["aGk="]}',
    )
  })

  test.each([
    ['a Map', { of: new Map() }],
    ['a Set', { of: new Set([1]) }],
    ['a number that is not finite', { of: NaN }],
  ])('that has %s is refused, with the place', (what, body) => {
    expect(() => bodyOf(body)).toThrow(/as 'of'/)
    expect(what).toBeTruthy()
  })
})

describe('authorizedFetch', () => {
  const fetch = authorizedFetch(anonymous(), { transport })

  test('refuses a plain object for a body', async () => {
    for (const body of [{ a: 1 }, [1]]) {
      const problems = await problemsOf(() =>
        fetch('https://storage.googleapis.com/', { method: 'POST', body }),
      )
      expect(problems[0]).toContain('JSON.stringify')
    }
  })

  test('takes a file for a body, with its length', async () => {
    await fetch('https://storage.googleapis.com/', { method: 'POST', body: file('package.json') })
    const { body } = transport.requests.at(-1)!
    expect(body).toMatchObject({ length: expect.any(Number), replayable: true })
  })
})
