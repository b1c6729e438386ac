import { describe, expect, test } from 'vitest'
import { contentRange } from '../../../src/media/resumable/content-range.ts'
import type { Dialect, Meaning } from '../../../src/media/resumable/dialect.ts'
import { googUpload } from '../../../src/media/resumable/goog-upload.ts'

const read = (dialect: Dialect, status: number, headers: Record<string, string> = {}): Meaning =>
  dialect.read({ status, headers })

describe('Content-Range', () => {
  const range = (from: number, to: number | undefined, total: number | undefined): string =>
    contentRange.send({ from, to, total }).headers['content-range']!

  test('the whole body, chunks, the last chunk, an open stream and nothing', () => {
    expect(range(0, 100, 100)).toBe('bytes 0-99/100')
    expect(range(262_144, 524_288, 1_000_000)).toBe('bytes 262144-524287/1000000')
    expect(range(262_144, 524_288, undefined)).toBe('bytes 262144-524287/*')
    expect(range(0, undefined, undefined)).toBe('bytes 0-*/*')
    expect(range(262_144, undefined, undefined)).toBe('bytes 262144-*/*')
    expect(range(0, 0, 0)).toBe('bytes */0')
    expect(range(262_144, 262_144, 262_144)).toBe('bytes */262144')
  })

  test('the question, with and without a total, and the end', () => {
    expect(contentRange.query(100)).toMatchObject({
      method: 'PUT',
      headers: { 'content-range': 'bytes */100' },
    })
    expect(contentRange.query(undefined).headers['content-range']).toBe('bytes */*')
    expect(contentRange.cancel()).toEqual({ method: 'DELETE', headers: {} })
  })

  test('the beginning says type and length, and the answer where', () => {
    expect(contentRange.start({ contentType: 'a/b', total: 0 })).toEqual({
      'x-upload-content-type': 'a/b',
      'x-upload-content-length': '0',
    })
    expect(contentRange.start({ contentType: 'a/b', total: undefined })).toEqual({
      'x-upload-content-type': 'a/b',
    })
    expect(contentRange.session({ status: 200, headers: { location: 'https://x' } })?.url).toBe('https://x')
    expect(contentRange.session({ status: 200, headers: {} })).toBeUndefined()
  })

  test.each<[number, Record<string, string>, Meaning]>([
    [308, { range: 'bytes=0-99' }, { type: 'stored', bytes: 100 }],
    [308, { range: 'bytes=0-0' }, { type: 'stored', bytes: 1 }],
    [308, {}, { type: 'stored', bytes: 0 }],
    [200, { 'x-http-status-code-override': '308', range: 'bytes=0-4' }, { type: 'stored', bytes: 5 }],
    [200, {}, { type: 'completed' }],
    [201, {}, { type: 'completed' }],
    [404, {}, { type: 'lost' }],
    [410, {}, { type: 'lost' }],
    ...['bytes=1-99', 'bytes=0-', 'bytes 0-99', '0-99', 'bytes=0-99,200-300', 'bytes=0-1e3', ''].map(
      (range): [number, Record<string, string>, Meaning] => [
        308,
        { range },
        { type: 'unreadable', what: 'its Range header is not one' },
      ],
    ),
    ...[301, 400, 401, 403, 408, 412, 416, 429, 499, 500, 503].map(
      (code): [number, Record<string, string>, Meaning] => [code, {}, { type: 'failed' }],
    ),
  ])('%i with %o', (status, headers, meaning) => {
    expect(read(contentRange, status, headers)).toEqual(meaning)
  })
})

describe('X-Goog-Upload', () => {
  const sent = (from: number, to: number | undefined, total: number | undefined): unknown =>
    googUpload.send({ from, to, total }).headers

  test('bytes, the last bytes and nothing', () => {
    expect(sent(0, 100, 100)).toEqual({
      'x-goog-upload-command': 'upload, finalize',
      'x-goog-upload-offset': '0',
    })
    expect(sent(10, 20, 100)).toEqual({ 'x-goog-upload-command': 'upload', 'x-goog-upload-offset': '10' })
    expect(sent(10, 20, undefined)).toEqual({
      'x-goog-upload-command': 'upload',
      'x-goog-upload-offset': '10',
    })
    expect(sent(10, undefined, undefined)).toMatchObject({ 'x-goog-upload-command': 'upload, finalize' })
    expect(sent(0, 0, 0)).toEqual({ 'x-goog-upload-command': 'finalize' })
    expect(sent(100, 100, 100)).toEqual({ 'x-goog-upload-command': 'finalize' })
  })

  test('the beginning, the question and the end', () => {
    expect(googUpload.start({ contentType: 'a/b', total: 7 })).toEqual({
      'x-goog-upload-protocol': 'resumable',
      'x-goog-upload-command': 'start',
      'x-goog-upload-header-content-type': 'a/b',
      'x-goog-upload-header-content-length': '7',
    })
    expect(googUpload.query(7)).toEqual({ method: 'POST', headers: { 'x-goog-upload-command': 'query' } })
    expect(googUpload.cancel()).toEqual({ method: 'POST', headers: { 'x-goog-upload-command': 'cancel' } })
    const headers = { 'x-goog-upload-url': 'https://x', 'x-goog-upload-chunk-granularity': '65536' }
    expect(googUpload.session({ status: 200, headers })).toEqual({ url: 'https://x', granularity: 65_536 })
    expect(googUpload.session({ status: 200, headers: {} })).toBeUndefined()
  })

  const active = { 'x-goog-upload-status': 'active' }
  test.each<[number, Record<string, string>, Meaning]>([
    [200, { ...active, 'x-goog-upload-size-received': '12' }, { type: 'stored', bytes: 12 }],
    [200, active, { type: 'unclear' }],
    [200, { 'x-goog-upload-status': 'final' }, { type: 'completed' }],
    [200, { 'x-goog-upload-status': 'FINAL' }, { type: 'completed' }],
    [412, { 'x-goog-upload-status': 'final' }, { type: 'failed' }],
    [200, { 'x-goog-upload-status': 'cancelled' }, { type: 'lost' }],
    [404, {}, { type: 'lost' }],
    [503, {}, { type: 'failed' }],
    [400, active, { type: 'failed' }],
    [200, {}, { type: 'unreadable', what: 'it does not say what became of the session' }],
    [
      200,
      { ...active, 'x-goog-upload-size-received': '-1' },
      { type: 'unreadable', what: 'the size received is no number' },
    ],
  ])('%i with %o', (status, headers, meaning) => {
    expect(read(googUpload, status, headers)).toEqual(meaning)
  })
})
