import { createClient } from 'discokit'
import { anonymous } from 'discokit/auth'
import { describe, expect, test } from 'vitest'
import { answer, answering } from './answers.ts'
import { notes } from './notes-document.ts'

const address = 'https://notes.googleapis.com/notes/v1/notes/1'

describe('a GET whose address is too long', () => {
  test('is sent as a POST that says what it is', async () => {
    const transport = answering(() => answer(200, { ok: true }))
    const labels = ['a b', 'x'.repeat(2_048)]
    const { notes: methods } = createClient({ transport, auth: anonymous() }).api(notes)
    expect(await methods.get({ noteId: '1', labels })).toEqual({ ok: true })
    expect(transport.requests).toMatchObject([
      {
        method: 'POST',
        url: address,
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          'x-http-method-override': 'GET',
        },
        body: `labels=a%20b&labels=${labels[1]}`,
      },
    ])
    expect(methods.get.prepare({ noteId: '1', labels }).method).toBe('GET')
  })

  test('stays a GET up to 2,048 characters', async () => {
    const transport = answering(() => answer(200, {}))
    const { notes: methods } = createClient({ transport, auth: anonymous() }).api(notes)
    const room = 2_048 - `${address}?labels=`.length
    await methods.get({ noteId: '1', labels: 'x'.repeat(room) })
    await methods.get({ noteId: '1', labels: 'x'.repeat(room + 1) })
    expect(transport.requests.map(({ method }) => method)).toEqual(['GET', 'POST'])
    expect(transport.requests[0]!.url).toHaveLength(2_048)
  })

  test('is tried again like the GET that it is', async () => {
    const transport = answering((_, index) => answer(index === 0 ? 500 : 200, {}))
    const google = createClient({ transport, auth: anonymous(), retry: { baseDelayMs: 1 } })
    await google.api(notes).notes.get({ noteId: '1', labels: 'x'.repeat(3_000) })
    expect(transport.requests).toHaveLength(2)
  })

  test('shows no key of its query in an error', async () => {
    const key = 'canary-key-0123456789'
    const transport = answering(({ body }) =>
      answer(400, { error: { message: `no ${JSON.stringify(body)}` } }),
    )
    const google = createClient({ transport, auth: anonymous() })
    const call = google.api(notes).notes.get({ noteId: '1', key, labels: 'x'.repeat(3_000) })
    const error = await call.then(
      () => expect.unreachable('the call went through'),
      (reason: Error) => reason,
    )
    expect(JSON.stringify(transport.requests)).toContain(key)
    expect(`${error.message} ${JSON.stringify(error)}`).not.toContain(key)
    expect(error.message).toMatch(/^notes\.notes\.get: GET https:.*key=…&labels=…/)
  })
})
