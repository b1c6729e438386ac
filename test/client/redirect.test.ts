import { createClient, type HttpResponse } from 'discokit'
import { accessToken, apiKey } from 'discokit/auth'
import { describe, expect, test } from 'vitest'
import { answer, answering } from './answers.ts'
import { notes } from './notes-document.ts'

const token = 'ya29.canary-token-0123456789'
const to = (location: string, status = 302): HttpResponse => answer(status, '', { location })

describe('a redirect', () => {
  test.each([301, 302, 303, 307, 308])('of a GET is followed: %i', async (status) => {
    const transport = answering((_, index) =>
      index === 0 ? to('/notes/v2/notes/1', status) : answer(200, { ok: true }),
    )
    const google = createClient({ transport, auth: accessToken(token) })
    expect(await google.api(notes).notes.get({ noteId: '1' })).toEqual({ ok: true })
    expect(transport.requests[1]).toMatchObject({
      url: 'https://notes.googleapis.com/notes/v2/notes/1',
      headers: { authorization: `Bearer ${token}` },
    })
  })

  test.each([
    ['another host', 'https://files.googleapis.com/x'],
    ['another port', 'https://notes.googleapis.com:8443/x'],
    ['a host of somebody else', 'https://example.com/x'],
  ])('to %s carries nothing of the caller', async (_, location) => {
    const transport = answering((_request, index) => (index === 0 ? to(location) : answer(200, { ok: true })))
    const headers = { 'x-goog-user-project': 'canary-project', cookie: 'canary=1' }
    for (const auth of [
      accessToken(token),
      apiKey('canary-key-01234567'),
      apiKey('canary-key', { in: 'query' }),
    ]) {
      transport.requests.length = 0
      const google = createClient({ transport, auth, quotaProject: 'canary' })
      await google.api(notes).notes.get({ noteId: '1' }, { headers })
      expect(transport.requests[1]!.url).toBe(location)
      expect(JSON.stringify(transport.requests[1])).not.toContain('canary')
    }
  })

  test('drops a key of the address at another origin, and never gets it back', async () => {
    const locations = ['https://other.example/x?key=canary-1&a=1', 'https://notes.googleapis.com/back']
    const transport = answering((_, index) => (index < 2 ? to(locations[index]!) : answer(200, { ok: true })))
    await createClient({ transport, auth: accessToken(token) })
      .api(notes)
      .notes.get({ noteId: '1' })
    expect(transport.requests.map(({ url }) => url).slice(1)).toEqual([
      'https://other.example/x?a=1',
      'https://notes.googleapis.com/back',
    ])
    expect(transport.requests[2]!.headers).not.toHaveProperty('authorization')
  })

  test.each([
    ['to http', 'http://notes.googleapis.com/x'],
    ['to this machine without encryption', 'http://127.0.0.1/x'],
    ['with user information', 'https://a:b@notes.googleapis.com/x'],
    ['to another scheme', 'ftp://notes.googleapis.com/x'],
    ['to nowhere', 'http://['],
  ])('%s is not followed', async (_, location) => {
    const transport = answering(() => to(location))
    const call = createClient({ transport, auth: accessToken(token) })
      .api(notes)
      .notes.get({ noteId: '1' })
    await expect(call).rejects.toMatchObject({ status: 302 })
    expect(transport.requests).toHaveLength(1)
  })

  test('of a request that changes something is not followed', async () => {
    const transport = answering(() => to('/elsewhere', 307))
    const { notes: methods } = createClient({ transport, auth: accessToken(token) }).api(notes)
    await expect(methods.insert({ body: {} })).rejects.toMatchObject({ status: 307 })
    await expect(methods.delete({ noteId: '1' })).rejects.toMatchObject({ status: 307 })
    expect(transport.requests).toHaveLength(2)
  })

  test('leads to a request that is tried again, and is named by its error', async () => {
    const answers = [to('/moved'), answer(503), answer(200, { ok: true })]
    const transport = answering((_, index) => answers[index]!)
    const google = createClient({ transport, auth: accessToken(token), retry: { baseDelayMs: 1 } })
    expect(await google.api(notes).notes.get({ noteId: '1' })).toEqual({ ok: true })
    const signed = 'https://other.example/x?X-Goog-Signature=canary-signature-0123'
    const refusing = answering((_, index) =>
      index === 0 ? to(signed) : answer(404, `nothing at ${signed}`, { 'content-type': 'text/plain' }),
    )
    const call = createClient({ transport: refusing, auth: accessToken(token) })
      .api(notes)
      .notes.get({ noteId: '1' })
    const error = await call.catch((reason: unknown) => reason)
    expect(error.message).toContain('GET https://other.example/x?X-Goog-Signature=…')
    expect(JSON.stringify(error)).not.toContain('canary')
  })

  test('is followed five times at most', async () => {
    const transport = answering(() => to('/again'))
    const call = createClient({ transport, auth: accessToken(token) })
      .api(notes)
      .notes.get({ noteId: '1' })
    await expect(call).rejects.toMatchObject({ status: 302 })
    expect(transport.requests).toHaveLength(6)
  })
})
