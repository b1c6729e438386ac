import { createClient, type HttpRequest, type HttpResponse, TransportError } from 'discokit'
import type { Credentials } from 'discokit/auth'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { answer, answering } from './answers.ts'
import { notes } from './notes-document.ts'

const TOKEN = 'canary-token-0123456789'
const SECRETS = {
  upload_id: 'canary-upload-id-1234',
  'X-Goog-Signature': 'canarysignature0123',
}
const auth: Credentials = {
  kind: 'test',
  headers: () => ({ authorization: `Bearer ${TOKEN}` }),
}

/** Everything that a program may write of an error to a log. */
function written(error: any): string {
  const causes = inspect(error.cause, { depth: 9 })
  const deep = inspect(error, { depth: 9, showHidden: true, getters: true })
  return [error.message, error.stack, String(error), JSON.stringify(error), deep, causes].join('\n')
}

/** A request that has its key and token in the address, and goes out without the client's. */
const OWN = { key: 'canary/key+01234567', access_token: 'canary-access-token' }

async function failure(
  give: (request: HttpRequest) => HttpResponse,
  own: Partial<typeof OWN> = {},
): Promise<unknown> {
  const transport = answering(give)
  const google = createClient({ transport, auth, retry: { maxAttempts: 2, baseDelayMs: 1 } })
  const headers = { cookie: 'sid=canary-cookie', 'x-goog-api-key': 'canary-api-key-header' }
  const call = google
    .api(notes)
    .notes.insert({ body: { text: 'canary-body' } }, { extraQuery: { ...own, ...SECRETS }, headers })
  const error = await call.then(
    () => expect.unreachable('the call went through'),
    (reason: unknown) => reason,
  )
  expect(JSON.stringify(transport.requests), 'what this test looks for was sent').toContain(
    own.key === undefined ? TOKEN : encodeURIComponent(own.key),
  )
  return error
}

/** A server that repeats all it was told. */
const parrot =
  (status: number, type = 'application/json') =>
  ({ url, headers, body }: HttpRequest): HttpResponse => {
    const said = `You said ${url} with ${Object.values(headers).join()} and ${[...new URL(url).searchParams.values()].join()}`
    const page =
      type === 'text/html'
        ? `<html>${said}</html>`
        : JSON.stringify({ error: { message: said, errors: [{ reason: 'x', message: said }], echo: said } })
    return answer(status, page, {
      'content-type': type,
      'x-guploader-uploadid': SECRETS.upload_id,
      'www-authenticate': `Bearer error_description="${headers['authorization']}"`,
      location: url,
      'x-echo': typeof body === 'string' ? body : '',
      'set-cookie': 'canary-set-cookie',
    })
  }

describe('no secret of a request is in an error', () => {
  test.each([400, 401, 403, 404, 409, 412, 429, 500, 503, 302])(
    'that a server answers with %i, repeating all it was told',
    async (status) => {
      for (const type of ['application/json', 'text/html']) {
        for (const own of [{}, OWN]) {
          const error = await failure(parrot(status, type), own)
          expect(error).toMatchObject({ status })
          expect(written(error)).not.toContain('canary')
        }
      }
    },
  )

  test('that a server answers with in the form of OAuth, repeating the token as the reason', async () => {
    const error = await failure(({ headers }) =>
      answer(400, { error: headers['authorization'], error_description: TOKEN }),
    )
    expect(error).toMatchObject({ status: 400, reason: '…' })
    expect(written(error)).not.toContain('canary')
  })

  test('that is about an answer which cannot be read', async () => {
    expect(written(await failure(parrot(200, 'text/html')))).not.toContain('canary')
    const broken = (request: HttpRequest): HttpResponse =>
      answer(200, `{"token": "${request.headers['authorization']}`, { 'content-type': 'application/json' })
    const error = await failure(broken)
    expect(error).toMatchObject({ code: 'unreadable_answer' })
    expect(written(error)).not.toContain('canary')
  })

  test('that is about a connection', async () => {
    const error = await failure(() => {
      throw new TransportError('reset', { reason: 'ECONNRESET', progress: 'sent' })
    })
    expect(error).toMatchObject({ code: 'maybe_applied' })
    expect(written(error)).not.toContain('canary')
  })

  test('that is about a deadline', async () => {
    const transport = answering((_, __, context) => new Promise((_, reject) => context.onEnd(reject)))
    const api = createClient({ transport, auth }).api(notes)
    const call = api.notes.insert({ key: OWN.key }, { extraQuery: SECRETS, timeoutMs: 1 })
    expect(
      written(
        await call.then(
          () => expect.unreachable('the call went through'),
          (error: unknown) => error,
        ),
      ),
    ).not.toContain('canary')
  })

  test('that is about bad input', async () => {
    const api = createClient({ transport: answering(() => answer(200)), auth }).api(notes)
    const wrong = [
      () => api.notes.get({ noteId: 'canary\0' }),
      () => api.notes.get({ noteId: '1', view: { canary: 1 } }),
      () => api.notes.get({ noteId: '1' }, { headers: { 'x-a': 'canary\r\n' } }),
      () => api.notes.get({ noteId: '1' }, { extraQuery: { a: 'canary\ud800' } }),
      () => api.notes.insert({ body: { toJSON: () => ({} as any).canary.x } } as any),
    ]
    for (const call of wrong) {
      const error = await call().then(
        () => expect.unreachable('the call went through'),
        (reason: unknown) => reason,
      )
      expect(error).toMatchObject({ code: 'invalid_input' })
      expect(`${error.message} ${JSON.stringify(error)}`).not.toContain('canary')
    }
  })

  test('that names the request: only harmless query values are shown', async () => {
    const error: any = await failure(() => answer(404), OWN)
    expect(error.request.url).toBe(
      'https://notes.googleapis.com/notes/v1/notes?key=…&access_token=…&upload_id=…&X-Goog-Signature=…',
    )
    expect(error.request).not.toHaveProperty('headers')
    expect(error.request).not.toHaveProperty('body')
  })
})
