import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatErrorBody, formatStatusBody, parseErrorBody } from '../../src/protocol/error-body.ts'

const ERROR_INFO = 'type.googleapis.com/google.rpc.ErrorInfo'

describe('parseErrorBody', () => {
  test('reads a google.rpc.Status with an ErrorInfo (AIP-193)', () => {
    const details = [
      {
        '@type': ERROR_INFO,
        reason: 'SERVICE_DISABLED',
        domain: 'googleapis.com',
        metadata: { consumer: 'projects/123', service: 'pubsub.googleapis.com' },
      },
      {
        '@type': 'type.googleapis.com/google.rpc.Help',
        links: [{ description: 'Google developers console', url: 'https://console.developers.google.com' }],
      },
    ]
    const message = 'Pub/Sub API has not been used in project 123 before or it is disabled.'
    const body = JSON.stringify({ error: { code: 403, message, status: 'PERMISSION_DENIED', details } })
    expect(parseErrorBody(body)).toEqual({
      message,
      reason: 'SERVICE_DISABLED',
      domain: 'googleapis.com',
      status: 'PERMISSION_DENIED',
      details,
      metadata: { consumer: 'projects/123', service: 'pubsub.googleapis.com' },
    })
  })

  test('reads a google.rpc.Status whose ErrorInfo is not the first detail', () => {
    const details = [
      { '@type': 'type.googleapis.com/google.rpc.LocalizedMessage', locale: 'en-US', message: 'No.' },
      { '@type': ERROR_INFO, reason: 'RATE_LIMIT_EXCEEDED', domain: 'googleapis.com' },
    ]
    const body = JSON.stringify({
      error: { code: 429, message: 'No.', status: 'RESOURCE_EXHAUSTED', details },
    })
    expect(parseErrorBody(body)).toEqual({
      message: 'No.',
      reason: 'RATE_LIMIT_EXCEEDED',
      domain: 'googleapis.com',
      status: 'RESOURCE_EXHAUSTED',
      details,
    })
  })

  test('reads a google.rpc.Status without details', () => {
    const body = '{"error":{"code":404,"message":"Requested entity was not found.","status":"NOT_FOUND"}}'
    expect(parseErrorBody(body)).toEqual({
      message: 'Requested entity was not found.',
      status: 'NOT_FOUND',
    })
  })

  test('reads the older form, as Drive and Cloud Storage write it', () => {
    const errors = [
      { domain: 'usageLimits', reason: 'userRateLimitExceeded', message: 'User Rate Limit Exceeded' },
      { domain: 'global', reason: 'second', message: 'another' },
    ]
    const body = JSON.stringify({ error: { errors, code: 403, message: 'User Rate Limit Exceeded' } })
    expect(parseErrorBody(body)).toEqual({
      message: 'User Rate Limit Exceeded',
      reason: 'userRateLimitExceeded',
      domain: 'usageLimits',
      details: errors,
    })
  })

  test('prefers the ErrorInfo where both forms are mixed, and keeps the details of both', () => {
    const info = { '@type': ERROR_INFO, reason: 'ACCESS_TOKEN_EXPIRED', domain: 'googleapis.com' }
    const old = {
      message: 'Invalid Credentials',
      domain: 'global',
      reason: 'authError',
      location: 'Authorization',
    }
    const body = JSON.stringify({
      error: {
        code: 401,
        message: 'Invalid Credentials',
        status: 'UNAUTHENTICATED',
        errors: [old],
        details: [info],
      },
    })
    expect(parseErrorBody(body)).toEqual({
      message: 'Invalid Credentials',
      reason: 'ACCESS_TOKEN_EXPIRED',
      domain: 'googleapis.com',
      status: 'UNAUTHENTICATED',
      details: [info, old],
    })
  })

  test.each([
    {
      body: '{"error":"invalid_grant","error_description":"Token has been expired or revoked."}',
      result: { reason: 'invalid_grant', message: 'Token has been expired or revoked.' },
    },
    { body: '{"error":"invalid_client"}', result: { reason: 'invalid_client' } },
    {
      body: '{"error":"authorization_pending","error_description":7,"error_uri":"x"}',
      result: { reason: 'authorization_pending' },
    },
  ])('reads the form of RFC 6749: $body', ({ body, result }) => {
    expect(parseErrorBody(body)).toEqual(result)
  })

  test('takes from a metadata map what is text', () => {
    const details = [{ '@type': ERROR_INFO, metadata: { service: 'x', count: 3, list: ['y'], none: null } }]
    expect(parseErrorBody(JSON.stringify({ error: { details } })).metadata).toEqual({ service: 'x' })
  })

  test('reads what is well formed and leaves out the rest', () => {
    const body = {
      error: { code: '404', message: 'gone', status: 5, details: 'none', errors: { reason: 'x' } },
    }
    expect(parseErrorBody(JSON.stringify(body))).toEqual({ message: 'gone' })
  })

  test.each([
    '',
    ' ',
    'null',
    'true',
    '404',
    '"error"',
    '[]',
    '{}',
    '{"error":null}',
    '{"error":404}',
    '{"error":true}',
    '{"error":{}}',
    '{"error":[]}',
    '{"error":["message"]}',
    '{"error":[{"message":"in an array"}]}',
    '[{"error":{"message":"in an array"}}]',
    '{"errors":[{"reason":"outside"}]}',
    '{"error":{"errors":[],"details":[]}}',
    '{"error":{"message":["list"],"status":{"a":1},"details":{},"errors":"x"}}',
    '{"Error":{"message":"in another case"}}',
    '{"message":"no error member"}',
    '{"error":{"message":"cut sho',
    '{error: {message: "not JSON"}}',
    '\ufeff{"error":{"message":"after a byte order mark"}}',
    '<!DOCTYPE html>\n<html lang=en>\n<title>Error 404 (Not Found)!!1</title>\n<p><b>404.</b> <ins>That’s an error.</ins>',
    "<?xml version='1.0' encoding='UTF-8'?><Error><Code>NoSuchKey</Code><Message>gone</Message></Error>",
    'Not Found',
    'upstream connect error or disconnect/reset before headers',
    '\0\u0001\ufffd',
    '{"__proto__":{"error":{"message":"inherited"}}}',
    '{"__proto__":{"message":"inherited"},"error":{"__proto__":{"message":"inherited"}}}',
    '{"constructor":{"prototype":{"error":{"message":"inherited"}}}}',
  ])('finds nothing in %j', (body) => {
    expect(parseErrorBody(body)).toEqual({})
  })

  test('finds nothing in what is nested without end', () => {
    expect(parseErrorBody('['.repeat(100_000))).toEqual({})
    expect(parseErrorBody('{"error":'.repeat(100_000))).toEqual({})
  })

  test('keeps details that are not objects, and finds no reason in them', () => {
    const body = '{"error":{"details":[null,1,"x",[]],"errors":[null,{"reason":"second"}]}}'
    expect(parseErrorBody(body)).toEqual({ details: [null, 1, 'x', [], null, { reason: 'second' }] })
  })

  test('takes __proto__ as a name like any other, and changes no prototype', () => {
    const metadata = '{"__proto__":"x","constructor":"y"}'
    const body = `{"error":{"__proto__":{"polluted":1},"details":[{"@type":"${ERROR_INFO}","metadata":${metadata}}]}}`
    const result = parseErrorBody(body)
    expect(Object.entries(result.metadata!)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype)
    expect(Object.getPrototypeOf(result.metadata)).toBe(Object.prototype)
    expect({}).not.toHaveProperty('polluted')
  })

  test('gives fields of the right types for any text', () => {
    const name = fc.constantFrom(
      'error',
      'errors',
      'message',
      'details',
      'reason',
      'status',
      'metadata',
      '@type',
      '__proto__',
    )
    const { json } = fc.letrec((tie) => ({
      json: fc.oneof(
        { maxDepth: 5 },
        fc.oneof(fc.constant(null), fc.integer(), fc.string(), fc.constantFrom(ERROR_INFO, 'notFound')),
        fc.array(tie('json'), { maxLength: 3 }),
        fc.dictionary(name, tie('json'), { maxKeys: 4 }),
      ),
    }))
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      json.map((error) => JSON.stringify({ error })),
    )
    fc.assert(
      fc.property(text, (body) => {
        const { message, reason, domain, status, details, metadata, ...others } = parseErrorBody(body)
        for (const field of [message, reason, domain, status]) expect(typeof (field ?? '')).toBe('string')
        expect(Array.isArray(details ?? [])).toBe(true)
        for (const value of Object.values(metadata ?? {})) expect(typeof value).toBe('string')
        expect(others).toEqual({})
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('formatErrorBody', () => {
  test('writes the older form in the global domain', () => {
    expect(JSON.parse(formatErrorBody(404, 'No such object: b/o', 'notFound'))).toEqual({
      error: {
        code: 404,
        message: 'No such object: b/o',
        errors: [{ message: 'No such object: b/o', domain: 'global', reason: 'notFound' }],
      },
    })
  })

  test('names the domain and the place when given', () => {
    const more = { domain: 'usageLimits', location: 'Authorization', locationType: 'header' }
    expect(JSON.parse(formatErrorBody(401, 'Login Required', 'required', more)).error.errors).toEqual([
      { message: 'Login Required', reason: 'required', ...more },
    ])
  })

  test('writes what parseErrorBody reads', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (message, reason, domain) => {
        expect(parseErrorBody(formatErrorBody(400, message, reason, { domain }))).toEqual({
          message,
          reason,
          domain,
          details: [{ message, domain, reason }],
        })
      }),
    )
  })
})

describe('formatStatusBody', () => {
  test('writes a google.rpc.Status without details', () => {
    expect(JSON.parse(formatStatusBody(404, 'NOT_FOUND', 'Not found.'))).toEqual({
      error: { code: 404, message: 'Not found.', status: 'NOT_FOUND' },
    })
  })

  test('writes an ErrorInfo as its detail', () => {
    const info = { reason: 'SERVICE_DISABLED', domain: 'googleapis.com', metadata: { service: 'x' } }
    expect(JSON.parse(formatStatusBody(403, 'PERMISSION_DENIED', 'Disabled.', info)).error.details).toEqual([
      { '@type': ERROR_INFO, ...info },
    ])
  })

  test('writes what parseErrorBody reads', () => {
    const anyInfo = fc.record(
      { reason: fc.string(), domain: fc.string(), metadata: fc.dictionary(fc.string(), fc.string()) },
      { noNullPrototype: true },
    )
    fc.assert(
      fc.property(fc.string(), fc.string(), anyInfo, (status, message, info) => {
        const { details, ...fields } = parseErrorBody(formatStatusBody(400, status, message, info))
        expect(fields).toEqual({ status, message, ...info })
        expect(details).toHaveLength(1)
      }),
    )
  })
})
