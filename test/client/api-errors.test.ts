import * as discokit from 'discokit'
import { createClient, DiscokitError, GoogleApiError, type HttpHeaders } from 'discokit'
import { anonymous } from 'discokit/auth'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { answer, answering } from './answers.ts'
import { notes } from './notes-document.ts'

/** What a call throws when it is answered so, without retries. */
async function thrown(
  status: number,
  content: string | object = '',
  headers: HttpHeaders = {},
): Promise<any> {
  const transport = answering(() => answer(status, content, headers))
  const clock = { now: () => Date.parse('2026-01-01T00:00:00Z') }
  const api = createClient({ transport, clock, auth: anonymous(), retry: false }).api(notes)
  return api.notes.get({ noteId: '1' }).then(
    () => expect.unreachable('the call went through'),
    (error: unknown) => error,
  )
}

const AUTH = 'https://www.googleapis.com/auth/'
const older = (reason: string, domain = 'global'): object => ({
  error: { code: 0, message: 'Server says', errors: [{ message: 'Server says', domain, reason }] },
})
const newer = (status: string, reason?: string, metadata: object = {}): object => ({
  error: {
    code: 0,
    message: 'Server says',
    status,
    ...(reason && {
      details: [
        { '@type': 'type.googleapis.com/google.rpc.Help' },
        { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'googleapis.com', metadata },
      ],
    }),
  },
})

describe('the class of an error', () => {
  test.each([
    [400, older('invalid'), 'GoogleApiError', 'api_error', false],
    [401, older('authError'), 'UnauthenticatedError', 'unauthenticated', false],
    [403, older('forbidden'), 'PermissionDeniedError', 'permission_denied', false],
    [403, '', 'PermissionDeniedError', 'permission_denied', false],
    [403, older('insufficientPermissions'), 'PermissionDeniedError', 'permission_denied', false],
    [403, older('rateLimitExceeded', 'usageLimits'), 'QuotaExceededError', 'quota_exceeded', true],
    [403, older('userRateLimitExceeded', 'usageLimits'), 'QuotaExceededError', 'quota_exceeded', true],
    [403, newer('PERMISSION_DENIED', 'RATE_LIMIT_EXCEEDED'), 'QuotaExceededError', 'quota_exceeded', true],
    [403, older('dailyLimitExceeded', 'usageLimits'), 'QuotaExceededError', 'quota_exceeded', false],
    [403, older('accessNotConfigured', 'usageLimits'), 'ApiNotEnabledError', 'api_not_enabled', false],
    [403, newer('PERMISSION_DENIED', 'SERVICE_DISABLED'), 'ApiNotEnabledError', 'api_not_enabled', false],
    [404, older('notFound'), 'NotFoundError', 'not_found', false],
    [408, '', 'GoogleApiError', 'api_error', true],
    [409, older('conflict'), 'ConflictError', 'conflict', false],
    [410, older('gone'), 'GoogleApiError', 'api_error', false],
    [412, older('conditionNotMet'), 'PreconditionFailedError', 'precondition_failed', false],
    [429, newer('RESOURCE_EXHAUSTED'), 'QuotaExceededError', 'quota_exceeded', true],
    [500, older('backendError'), 'GoogleApiError', 'api_error', true],
    [501, '', 'GoogleApiError', 'api_error', false],
    [503, newer('UNAVAILABLE'), 'GoogleApiError', 'api_error', true],
    [505, '', 'GoogleApiError', 'api_error', false],
  ])('for %i %j is %s', async (status, body, name, code, retryable) => {
    const error = await thrown(status, body)
    expect(error.constructor).toBe((discokit as any)[name])
    expect(error).toBeInstanceOf(GoogleApiError)
    expect(error).toBeInstanceOf(DiscokitError)
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({ name, code, status, retryable })
  })
})

describe('what an error tells', () => {
  test('comes from the older form of body', async () => {
    const error = await thrown(404, older('notFound'))
    expect(error).toMatchObject({ reason: 'notFound', domain: 'global', serverMessage: 'Server says' })
    expect(error.details).toEqual([{ message: 'Server says', domain: 'global', reason: 'notFound' }])
    expect(error.message).toBe(
      'notes.notes.get: GET https://notes.googleapis.com/notes/v1/notes/1 answered 404 (notFound): Server says',
    )
  })

  test('comes from the newer form of body', async () => {
    const error = await thrown(400, newer('INVALID_ARGUMENT', 'API_KEY_INVALID', { service: 'x' }))
    expect(error).toMatchObject({
      reason: 'API_KEY_INVALID',
      domain: 'googleapis.com',
      canonicalStatus: 'INVALID_ARGUMENT',
      serverMessage: 'Server says',
    })
    expect(error.details).toHaveLength(2)
  })

  test('comes from the form of OAuth', async () => {
    const error = await thrown(400, { error: 'invalid_grant', error_description: 'Bad Request' })
    expect(error).toMatchObject({ reason: 'invalid_grant', serverMessage: 'Bad Request' })
  })

  test.each([
    ['a web page', '<html><title>Error 502</title></html>'],
    ['nothing', ''],
    ['broken JSON', '{"error": {'],
    ['JSON of another kind', '[1]'],
    ['an error of another kind', '{"error": null}'],
    ['one with members of other types', '{"error":{"message":7,"errors":{"a":1},"details":"x","status":[]}}'],
  ])('is the status alone when the body is %s', async (_, body) => {
    const error = await thrown(502, body, { 'content-type': 'text/html' })
    expect(error.message).toMatch(/ answered 502$/)
    expect(error.response).toEqual({ status: 502, headers: { 'content-type': 'text/html' }, body })
    for (const member of ['reason', 'domain', 'details', 'serverMessage', 'requestId', 'hint']) {
      expect(error).not.toHaveProperty(member)
    }
  })

  test('includes the start of the body and the headers that help', async () => {
    const error = await thrown(500, 'x'.repeat(20_000), {
      'content-type': 'text/plain',
      'set-cookie': 'sid=canary',
      'x-goog-request-id': 'r1',
      location: 'https://canary',
    })
    expect(error.response.body).toHaveLength(8_192)
    expect(error.response.headers).toEqual({ 'content-type': 'text/plain', 'x-goog-request-id': 'r1' })
    expect(error.requestId).toBe('r1')
    expect((await thrown(500, '', { 'x-guploader-uploadid': 'u1' })).requestId).toBe('u1')
  })

  test('includes the scopes that would have sufficed, when scopes were the cause', async () => {
    const listed = notes.resources?.['notes']?.methods?.['get']?.scopes
    const error = await thrown(403, newer('PERMISSION_DENIED', 'ACCESS_TOKEN_SCOPE_INSUFFICIENT'))
    const scopes = listed?.toReversed()
    expect(scopes).toEqual([`${AUTH}notes.readonly`, `${AUTH}notes`])
    expect(error.missingScopes).toEqual(scopes)
    expect(error.hint).toBe(
      "the token's scopes do not cover this method; the narrowest of missingScopes is " +
        `${AUTH}notes.readonly, which people grant where $can() of the method says`,
    )
    expect(error.message).toContain(error.hint)
    expect((await thrown(403, older('insufficientPermissions'))).missingScopes).toEqual(scopes)
    expect((await thrown(403, older('forbidden'))).missingScopes).toEqual([])
    const challenge = { 'www-authenticate': 'Bearer realm="x", error="insufficient_scope", scope="y"' }
    expect((await thrown(403, older('forbidden'), challenge)).missingScopes).toEqual(scopes)
    const said = {
      error: { message: 'Provided scope(s) are not authorized', errors: [{ reason: 'forbidden' }] },
    }
    expect((await thrown(403, said)).missingScopes).toEqual(scopes)
  })

  const console = 'https://console.developers.google.com/apis/api/drive.googleapis.com/overview?project=1'
  test.each([
    [console, newer('PERMISSION_DENIED', 'SERVICE_DISABLED', { activationUrl: console })],
    [
      console,
      {
        error: {
          message: `Enable it by visiting ${console} then retry.`,
          errors: [{ reason: 'accessNotConfigured' }],
        },
      },
    ],
    [undefined, newer('PERMISSION_DENIED', 'SERVICE_DISABLED', { activationUrl: 'https://evil.example/' })],
    [
      undefined,
      newer('PERMISSION_DENIED', 'SERVICE_DISABLED', {
        activationUrl: 'https://console.cloud.google.com.evil/',
      }),
    ],
    [undefined, older('accessNotConfigured')],
  ])('includes the page that enables an API: %s', async (enableUrl, body) => {
    const error = await thrown(403, body)
    expect(error.enableUrl).toBe(enableUrl)
    expect(error.hint).toMatch(/enable the API/)
  })

  test.each([
    [{ 'retry-after': '120' }, '2026-01-01T00:02:00.000Z'],
    [{ 'retry-after': 'Thu, 01 Jan 2026 00:01:00 GMT' }, '2026-01-01T00:01:00.000Z'],
    [{ 'retry-after': 'Wed, 01 Jan 2025 00:01:00 GMT' }, '2026-01-01T00:00:00.000Z'],
    [{ 'retry-after': 'soon' }, undefined],
    [{}, undefined],
  ])('includes when to try again: %j', async (headers, retryAt) => {
    expect((await thrown(429, '', headers as HttpHeaders)).retryAt?.toISOString()).toBe(retryAt)
  })

  test('includes what to do about a 401', async () => {
    expect((await thrown(401)).hint).toMatch(/credential/)
  })
})

describe('an answer that is a redirect', () => {
  test.each([301, 302, 303, 307, 308])('without end is thrown: %i', async (status) => {
    const error = await thrown(status, '', { location: 'https://evil.example/?x=canary' })
    expect(error).toMatchObject({ status, code: 'api_error', retryable: false })
    expect(error.hint).toMatch(/does not lead to an answer/)
    expect(inspect(error)).not.toContain('canary')
  })

  test('is not what 304 is', async () => {
    expect(await thrown(304)).not.toHaveProperty('hint')
  })
})

describe('the plain form of an error', () => {
  test('is JSON with its fields, without stack and cause', async () => {
    const error = await thrown(429, older('rateLimitExceeded'), { 'retry-after': '1' })
    const json = JSON.parse(JSON.stringify(error))
    expect(json).toEqual({
      name: 'QuotaExceededError',
      code: 'quota_exceeded',
      message: error.message,
      status: 429,
      reason: 'rateLimitExceeded',
      domain: 'global',
      serverMessage: 'Server says',
      retryable: true,
      retryAfterMs: 1_000,
      retryAt: '2026-01-01T00:00:01.000Z',
      details: error.details,
      request: { id: 'notes.notes.get', method: 'GET', url: 'https://notes.googleapis.com/notes/v1/notes/1' },
      response: error.response,
    })
    expect(
      new discokit.TransportError('m', { reason: 'r', progress: 'sent', cause: new Error('c') }).toJSON(),
    ).toEqual({
      name: 'TransportError',
      code: 'transport_failed',
      message: 'm',
      reason: 'r',
      progress: 'sent',
    })
  })

  test('is printed with its name, message and fields', async () => {
    const printed = inspect(await thrown(404, older('notFound')))
    expect(printed).toMatch(/^NotFoundError: notes\.notes\.get: GET /)
    expect(printed).toContain("reason: 'notFound'")
    expect(printed).toContain('api-errors.test.ts')
  })
})
