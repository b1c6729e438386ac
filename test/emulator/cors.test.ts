import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createClient } from 'discokit'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { startSession } from 'discokit/storage'
import { say, type Told } from './speak.ts'

const PAGE = 'https://app.example.com'
const OTHER = 'https://other.example.com'

let emulator: Emulator
beforeEach(async () => {
  emulator = await createEmulator({ anonymous: true })
  const cors = [
    {
      origin: [PAGE],
      method: ['GET', 'PUT'],
      responseHeader: ['Content-Type', 'X-Goog-Meta-Who'],
      maxAgeSeconds: 60,
    },
    { origin: ['*'], method: ['GET'] },
  ]
  await say(emulator, 'POST /storage/v1/b?project=p', { body: { name: 'box', cors } })
})
afterEach(() => emulator.close())

function preflight(path: string, origin: string, method: string, headers?: string): Promise<Told> {
  return say(emulator, `OPTIONS ${path}`, {
    headers: {
      origin,
      'access-control-request-method': method,
      ...(headers !== undefined && { 'access-control-request-headers': headers }),
    },
  })
}

const allowed = ({ headers }: Told): (string | undefined)[] =>
  ['origin', 'methods', 'headers'].map((name) => headers[`access-control-allow-${name}`])

describe('pages of other origins', () => {
  test('may call the JSON API, and read its answers and failures', async () => {
    const asked = await preflight('/storage/v1/b/box', PAGE, 'PATCH', 'authorization, content-type')
    expect([asked.status, ...allowed(asked)]).toEqual([200, PAGE, 'PATCH', 'authorization,content-type'])
    for (const path of ['/storage/v1/b/box', '/storage/v1/b/none', '/nowhere']) {
      const told = await say(emulator, `GET ${path}`, { headers: { origin: PAGE } })
      expect([told.headers['access-control-allow-origin'], told.headers['vary']]).toEqual([PAGE, 'Origin'])
    }
    const told = await say(emulator, 'GET /storage/v1/b/box')
    expect(Object.keys(told.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  test('may reach a bucket as its rules say', async () => {
    const put = await preflight('/box/a', PAGE, 'PUT', 'content-type')
    expect(allowed(put)).toEqual([PAGE, 'PUT', 'content-type'])
    expect(put.headers['access-control-max-age']).toBe('60')
    expect(allowed(await preflight('/box/a', PAGE, 'PUT', 'content-type,x-goog-acl'))[0]).toBeUndefined()
    expect(allowed(await preflight('/box/a', PAGE, 'DELETE'))[0]).toBeUndefined()
    expect(allowed(await preflight('/box/a', OTHER, 'PUT'))[0]).toBeUndefined()
    expect(allowed(await preflight('/box/a', OTHER, 'GET'))[0]).toBe('*')

    const made = await say(emulator, 'PUT /box/a', { headers: { origin: PAGE }, body: 'x' })
    expect(made.headers['access-control-allow-origin']).toBe(PAGE)
    expect(made.headers['access-control-expose-headers']).toBe('content-type, x-goog-meta-who')
    const foreign = await say(emulator, 'PUT /box/a', { headers: { origin: OTHER }, body: 'x' })
    expect([foreign.status, foreign.headers['access-control-allow-origin']]).toEqual([200, undefined])
    const failed = await say(emulator, 'GET /box/none', { headers: { origin: OTHER } })
    expect([failed.status, failed.headers['access-control-allow-origin']]).toEqual([404, '*'])
  })

  test('may use the sessions that were begun for them', async () => {
    const google = createClient({ ...emulator.connect(), auth: emulator.serviceAccount() })
    const url = await startSession(google, { bucket: 'box', object: 'a', origin: PAGE })
    const path = url.slice(emulator.url.length)
    expect(allowed(await preflight(path, PAGE, 'PUT', 'content-range'))).toEqual([
      PAGE,
      'PUT',
      'content-range',
    ])
    expect(allowed(await preflight(path, OTHER, 'PUT'))[0]).toBeUndefined()
    const half = await say(emulator, `PUT ${path}`, {
      headers: { origin: PAGE, 'content-range': 'bytes 0-262143/*' },
      body: new Uint8Array(262_144),
    })
    expect([half.status, half.headers['access-control-allow-origin']]).toEqual([308, PAGE])
    expect(half.headers['access-control-expose-headers']).toContain('range')
    const without = await startSession(google, { bucket: 'box', object: 'b' })
    expect(allowed(await preflight(without.slice(emulator.url.length), PAGE, 'PUT'))[0]).toBeUndefined()
  })
})
