import { TransportError, ValidationError, type HttpRequest } from 'discokit'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  DEFAULT_RETRY,
  isIdempotent,
  isRetryable,
  mayHaveApplied,
  parseRetryAfter,
  retryDelayMs,
} from '../../src/transport/retry-decision.ts'

const URL = 'https://www.googleapis.com/drive/v3/files'
const STORAGE = 'https://storage.googleapis.com/storage/v1'
const request = (method: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method,
  url: URL,
  headers: {},
  ...more,
})
const answer = (status: number, reason?: string, headers = {}) => ({
  status,
  headers,
  body: reason === undefined ? {} : { reason },
})
const broken = (reason: string, progress: TransportError['progress']) => ({
  error: new TransportError('x', { reason, progress }),
})
const oneShot = { length: undefined, replayable: false, open: () => (async function* () {})() }

const reading = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'].map((method) => request(method))
const guarded = [
  request('POST', { url: `${URL}?ifGenerationMatch=0` }),
  request('POST', { url: `${URL}?name=a&ifMetagenerationMatch=5` }),
  request('PATCH', { headers: { 'if-match': '"etag"' } }),
]
const writing = [
  request('POST'),
  request('PATCH'),
  request('POST', { url: `${URL}?ifGenerationNotMatch=0` }),
  request('POST', { url: `${URL}?name=ifGenerationMatch=0` }),
  request('POST', { url: `${URL}?xifGenerationMatch=0` }),
]

describe('isIdempotent', () => {
  test.each([...reading, ...guarded])('holds for $method $url', (each) => {
    expect(isIdempotent(each)).toBe(true)
  })
  test.each(writing)('does not hold for $method $url', (each) => {
    expect(isIdempotent(each)).toBe(false)
  })
})

describe('isIdempotent, in Cloud Storage,', () => {
  const policy = { body: '{"bindings":[],"etag":"CAE="}' }
  test.each([
    ['POST', '', true],
    ['POST', '?project=p', true],
    ['PUT', '/box', false],
    ['PUT', '/box?ifMetagenerationMatch=1', true],
    ['PUT', '/box/o/f', false],
    ['PUT', '/box/o/f?ifMetagenerationMatch=1', true],
    ['PUT', '/box/acl/allUsers', false],
    ['PUT', '/box/defaultObjectAcl/allUsers', false],
    ['PUT', '/box/o/f/acl/allUsers', false],
    ['PUT', '/box/iam', false],
    ['PUT', '/box/iam', true, policy],
    ['PUT', '/box/iam', false, { body: String.raw`{"bindings":[{"role":"\"etag\":\"x\""}]}` }],
    ['PUT', '/box/o/f', false, policy],
    ['DELETE', '/box', true],
    ['DELETE', '/o', true],
    ['DELETE', '/box/notificationConfigs/1', true],
    ['DELETE', '/box/o/f', false],
    ['DELETE', '/box/o/a%2Fb?generation=1', false],
    ['DELETE', '/box/o/f?ifGenerationMatch=1', true],
    ['DELETE', '/box/o/f', true, { headers: { 'if-match': 'x' } }],
    ['DELETE', '/box/acl/allUsers', false],
    ['DELETE', '/box/defaultObjectAcl/allUsers', false],
    ['DELETE', '/box/o/f/acl/allUsers', false],
    ['POST', '/box/o/f', true, { headers: { 'x-http-method-override': 'GET' } }],
  ] as const)('%s %s: %s', (method, path, holds, more?: Partial<HttpRequest>) => {
    expect(isIdempotent(request(method, { ...more, url: `${STORAGE}/b${path}` }))).toBe(holds)
    const led = `${STORAGE}/b${path}`.replace('https://', 'http://127.0.0.1:9090/')
    expect(isIdempotent(request(method, { ...more, url: led }))).toBe(holds)
  })

  test('holds for the keys of a project, once updates name a version', () => {
    const url = `${STORAGE}/projects/p/hmacKeys/K`
    expect(isIdempotent(request('DELETE', { url }))).toBe(true)
    expect(isIdempotent(request('PUT', { url, body: '{"state":"INACTIVE"}' }))).toBe(false)
    expect(isIdempotent(request('PUT', { url, body: '{"state":"INACTIVE","etag":"1"}' }))).toBe(true)
  })

  test('holds for the bytes of an upload', () => {
    const url = 'https://storage.googleapis.com/upload/storage/v1/b/box/o?uploadType=resumable&upload_id=1'
    expect(isIdempotent(request('PUT', { url }))).toBe(true)
  })
})

describe('isRetryable', () => {
  /** Columns: a request that may be repeated; a POST or PATCH that may not. */
  test.each([
    ['a host without an address for now', broken('EAI_AGAIN', 'unsent'), true, true],
    ['a refused connection', broken('ECONNREFUSED', 'unsent'), true, true],
    ['a connection that timed out', broken('ETIMEDOUT', 'unsent'), true, true],
    ['a host that does not exist', broken('ENOTFOUND', 'unsent'), false, false],
    ['a self-signed certificate', broken('DEPTH_ZERO_SELF_SIGNED_CERT', 'unsent'), false, false],
    ['an unknown authority', broken('SELF_SIGNED_CERT_IN_CHAIN', 'unsent'), false, false],
    ['an expired certificate', broken('CERT_HAS_EXPIRED', 'unsent'), false, false],
    ['a certificate for another name', broken('ERR_TLS_CERT_ALTNAME_INVALID', 'unsent'), false, false],
    [
      'a certificate that cannot be verified',
      broken('UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unsent'),
      false,
      false,
    ],
    ['a client that is closed', broken('CLOSED', 'unsent'), false, false],
    ['a client that was closed meanwhile', broken('CLOSED', 'sent'), false, false],
    ['a reset before an answer', broken('ECONNRESET', 'sent'), true, false],
    ['a broken pipe', broken('EPIPE', 'sent'), true, false],
    ['a reset in the answer', broken('ANSWER_CUT_SHORT', 'answered'), true, false],
    ['gzip that is none', broken('ANSWER_NOT_GZIP', 'answered'), true, false],
    ['an answer that is too large', broken('ANSWER_TOO_LARGE', 'answered'), false, false],
    ['an error of another kind', { error: new ValidationError('x', []) }, false, false],
    ['an abort', { error: new DOMException('x', 'AbortError') }, false, false],
    ['nothing known', { error: undefined }, false, false],
    ...[
      200, 204, 304, 400, 401, 404, 405, 406, 409, 410, 411, 412, 413, 414, 415, 416, 422, 425, 501, 505,
    ].map((status) => [`a ${status}`, answer(status), false, false] as const),
    ...[408, 500, 502, 503, 504].map((status) => [`a ${status}`, answer(status), true, false] as const),
    ['a 429', answer(429), true, true],
    ['a 429 with a reason', answer(429, 'rateLimitExceeded'), true, true],
    ['a 503 that says when', answer(503, undefined, { 'retry-after': '1' }), true, true],
    ['a 500 that says when', answer(500, undefined, { 'retry-after': '1' }), true, false],
    ['a 403 rateLimitExceeded', answer(403, 'rateLimitExceeded'), true, true],
    ['a 403 userRateLimitExceeded', answer(403, 'userRateLimitExceeded'), true, true],
    ['a 403 RATE_LIMIT_EXCEEDED', answer(403, 'RATE_LIMIT_EXCEEDED'), true, true],
    ...[
      undefined,
      'forbidden',
      'quotaExceeded',
      'dailyLimitExceeded',
      'sharingRateLimitExceeded',
      'accessNotConfigured',
      'insufficientPermissions',
      'constructor',
    ].map((reason) => [`a 403 ${reason}`, answer(403, reason), false, false] as const),
    ['a 400 rateLimitExceeded', answer(400, 'rateLimitExceeded'), false, false],
  ] as const)('after %s', (_, failure, repeatable, other) => {
    for (const each of [...reading, ...guarded]) expect(isRetryable(each, failure)).toBe(repeatable)
    for (const each of writing) expect(isRetryable(each, failure)).toBe(other)
  })

  test('never holds for a body that can be read once', () => {
    for (const method of ['PUT', 'POST'])
      for (const failure of [answer(429), answer(503), broken('ECONNREFUSED', 'unsent')])
        expect(isRetryable(request(method, { body: oneShot }), failure)).toBe(false)
  })

  test.each(['text', new Uint8Array(3), { ...oneShot, replayable: true }])(
    'holds for a body that can be read again: %j',
    (body) => {
      expect(isRetryable(request('PUT', { body }), answer(503))).toBe(true)
    },
  )
})

describe('mayHaveApplied', () => {
  test.each([
    [broken('ECONNRESET', 'sent'), 'POST', true],
    [broken('ANSWER_CUT_SHORT', 'answered'), 'PATCH', true],
    [broken('ECONNREFUSED', 'unsent'), 'POST', false],
    [broken('ECONNRESET', 'sent'), 'GET', false],
    [broken('ECONNRESET', 'sent'), 'PUT', false],
    [{ error: new Error('mine') }, 'POST', false],
  ])('%j, %s: %j', ({ error }, method, expected) => {
    expect(mayHaveApplied(request(method), error)).toBe(expected)
  })
})

describe('retryDelayMs', () => {
  const delay = (failure: any, attempt: number, random: number, now = 0): number =>
    retryDelayMs(failure, attempt, DEFAULT_RETRY, () => random, now)

  test.each([
    [1, 500, 1_000],
    [2, 1_000, 2_000],
    [3, 2_000, 4_000],
    [4, 4_000, 8_000],
    [7, 30_000, 60_000],
    [20, 30_000, 60_000],
    [2_000, 30_000, 60_000],
  ])('before try %i + 1 lies between %i and %i ms', (attempt, least, most) => {
    expect(delay(answer(503), attempt, 0)).toBe(least)
    expect(delay(answer(503), attempt, 1)).toBe(most)
    expect(delay(broken('ECONNRESET', 'sent'), attempt, 1)).toBe(most)
  })

  test.each([429, 403])('is twice as long after a %i', (status) => {
    expect(delay(answer(status), 1, 1)).toBe(2_000)
    expect(delay(answer(status), 10, 1)).toBe(60_000)
  })

  test('is never less than the server asked for, and has jitter above it', () => {
    expect(delay(answer(429, undefined, { 'retry-after': '3' }), 1, 0)).toBe(3_000)
    expect(delay(answer(429, undefined, { 'retry-after': '3' }), 1, 1)).toBe(4_000)
    expect(delay(answer(503, undefined, { 'retry-after': '300' }), 1, 0)).toBe(300_000)
  })

  test('is the longer of the two when the server asks for less', () => {
    expect(delay(answer(503, undefined, { 'retry-after': '0' }), 4, 0)).toBe(4_000)
  })

  test('passes over a header that says nothing', () => {
    for (const header of ['', 'soon', 'NaN'])
      expect(delay(answer(503, undefined, { 'retry-after': header }), 1, 1)).toBe(1_000)
  })

  test('is finite, positive and at least what was asked for, whatever comes', () => {
    const header = fc.oneof(
      fc.string(),
      fc.integer().map(String),
      fc.date().map((date) => String(date)),
    )
    fc.assert(
      fc.property(
        header,
        fc.integer({ min: 1, max: 2_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (text, attempt, random) => {
          const waited = delay(answer(503, undefined, { 'retry-after': text }), attempt, random)
          expect(waited).toBeGreaterThan(0)
          expect(Number.isNaN(waited)).toBe(false)
          expect(waited).toBeGreaterThanOrEqual(parseRetryAfter(text, 0) ?? 0)
        },
      ),
    )
  })
})

describe('parseRetryAfter', () => {
  const now = Date.UTC(2026, 0, 1, 12, 0, 0)
  test.each([
    [undefined, undefined],
    ['0', 0],
    ['3', 3_000],
    ['120', 120_000],
    ['Thu, 01 Jan 2026 12:00:10 GMT', 10_000],
    ['Thu, 01 Jan 2026 11:00:00 GMT', 0],
    ['', undefined],
    ['soon', undefined],
    ['1e9', undefined],
    ['3 s', undefined],
    ['-5', undefined],
    ['1.5', undefined],
  ])('reads %j as %j', (header, ms) => {
    expect(parseRetryAfter(header, now)).toBe(ms)
  })
})
