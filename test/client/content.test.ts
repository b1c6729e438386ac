import { createClient, type HttpHeaders, ParseError } from 'discokit'
import { anonymous } from 'discokit/auth'
import { describe, expect, test } from 'vitest'
import { answer, answering } from './answers.ts'
import { notes } from './notes-document.ts'

function content(body: string | Uint8Array, headers: HttpHeaders, status = 200): Promise<unknown> {
  const transport = answering(() => answer(status, body, headers))
  return createClient({ transport, auth: anonymous() }).api(notes).notes.get({ noteId: '1' })
}

describe('the content of a call', () => {
  test.each([
    ['JSON, parsed', '{"a":[1,"ü"]}', 'application/json; charset=UTF-8', { a: [1, 'ü'] }],
    ['JSON that is no object', 'null', 'application/json', null],
    ['JSON by another name', '{"a":1}', 'application/problem+json', { a: 1 }],
    ['JSON, its type in capitals', '{"a":1}', 'Application/JSON', { a: 1 }],
    ['text as a string', 'a,b\nü', 'text/csv; charset=utf-8', 'a,b\nü'],
    ['the empty text as a string', '', 'text/plain', ''],
    ['undefined, for JSON that is empty', '', 'application/json', undefined],
    ['undefined, for nothing of no type', '', undefined, undefined],
    ['bytes of another type', Uint8Array.of(0, 255, 1), 'image/png', Uint8Array.of(0, 255, 1)],
    ['bytes of no type', 'abc', undefined, new TextEncoder().encode('abc')],
  ])('is %s', async (_, body, type, expected) => {
    const given = await content(body, type === undefined ? {} : { 'content-type': type })
    expect(given).toEqual(expected)
    expect(given instanceof Uint8Array).toBe(expected instanceof Uint8Array)
  })

  test.each([
    [204, {}],
    [204, { 'content-type': 'text/html' }],
    [200, { 'content-length': '0' }],
    [200, { 'content-length': '0', 'content-type': 'text/html' }],
    [202, { 'content-type': 'application/json', 'content-length': '0' }],
  ])('is undefined for %i %j without a body', async (status, headers) => {
    expect(await content('', headers as HttpHeaders, status)).toBeUndefined()
  })

  test.each([
    ['broken JSON', '{"a":', 'application/json', /is not valid JSON/],
    ['a guard against script inclusion', ")]}'\n{}", 'application/json', /is not valid JSON/],
    ['a web page', '<html>canary</html>', 'text/html; charset=utf-8', /is a web page/],
    ['a web page in capitals', '<html>canary</html>', 'TEXT/HTML', /is a web page/],
  ])('is a ParseError for %s', async (_, body, type, message) => {
    const failure = content(body, { 'content-type': type })
    await expect(failure).rejects.toBeInstanceOf(ParseError)
    await expect(failure).rejects.toThrow(message)
    await expect(failure).rejects.toThrow(/^notes\.notes\.get: /)
    await expect(failure).rejects.toMatchObject({
      code: 'unreadable_answer',
      status: 200,
      contentType: type,
      request: { id: 'notes.notes.get', method: 'GET', url: 'https://notes.googleapis.com/notes/v1/notes/1' },
    })
    await expect(failure).rejects.not.toThrow('canary')
  })

  test('may have members with hostile names, which stay its own', async () => {
    const given: any = await content('{"__proto__":{"polluted":1},"then":1}', {
      'content-type': 'application/json',
    })
    expect(Object.keys(given)).toEqual(['__proto__', 'then'])
    expect(({} as any).polluted).toBeUndefined()
  })
})
