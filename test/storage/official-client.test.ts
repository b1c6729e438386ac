import { Storage } from '@google-cloud/storage'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serviceAccount } from 'discokit/auth'
import { createEmulator, type Emulator, type ServiceAccountKey } from 'discokit/emulator'
import { multipart } from 'discokit/media'
import { postPolicy, signedUrl } from 'discokit/storage'

let emulator: Emulator
let key: ServiceAccountKey
let official: Storage
beforeAll(async () => {
  emulator = await createEmulator({ anonymous: true })
  const { url } = await emulator.listen()
  await fetch(`${url}/storage/v1/b?project=p`, { method: 'POST', body: '{"name":"box"}' })
  key = await emulator.serviceAccountKey()
  official = new Storage({ apiEndpoint: url, projectId: 'p', credentials: key })
})
afterAll(() => emulator.close())

describe('Google’s own client', () => {
  test('signs the same addresses, to the letter', async () => {
    const now = Math.floor(Date.now() / 1_000) * 1_000
    const google = new Storage({ projectId: 'p', credentials: key })
    const file = google.bucket('box').file("a b/ü'(1)*.txt")
    const theirs = await file.getSignedUrl({
      version: 'v4',
      action: 'write',
      accessibleAt: new Date(now),
      expires: new Date(now + 60_000),
      contentType: 'text/plain',
      extensionHeaders: { 'x-goog-meta-a': ' b   c ' },
      queryParams: { generation: '1', 'ü=': 'é &' },
    })
    const ours = await signedUrl({
      signer: serviceAccount({ key: { ...key } }),
      method: 'PUT',
      bucket: 'box',
      object: "a b/ü'(1)*.txt",
      expiresMs: 60_000,
      clock: { now: () => now },
      headers: { 'content-type': 'text/plain', 'x-goog-meta-a': ' b   c ' },
      query: { generation: 1, 'ü=': 'é &' },
    })
    // Parameters stand in the order of their names, which are encoded in ours and not in theirs.
    const partsOf = (url: string): string[] => url.split(/[?&]/).toSorted()
    expect(partsOf(ours)).toEqual(partsOf(theirs[0]))
  })

  test('signs addresses that the emulator takes', async () => {
    const file = official.bucket('box').file('dir/ä.txt')
    const expires = Date.now() + 60_000
    const [put] = await file.getSignedUrl({
      version: 'v4',
      action: 'write',
      expires,
      contentType: 'text/plain',
    })
    const headers = { 'content-type': 'text/plain' }
    expect((await fetch(put, { method: 'PUT', headers, body: 'hello' })).status).toBe(200)
    const [get] = await file.getSignedUrl({ version: 'v4', action: 'read', expires })
    expect(await (await fetch(get)).text()).toBe('hello')
    const [changed] = await file.getSignedUrl({ version: 'v4', action: 'read', expires })
    expect((await fetch(changed.replace('dir/', 'dor/'))).status).toBe(403)
  })

  test('makes policies that the emulator takes, and the same ones', async () => {
    const expires = Math.floor(Date.now() / 1_000) * 1_000 + 60_000
    const file = official.bucket('box').file('form.txt')
    const [theirs] = await file.generateSignedPostPolicyV4({
      expires,
      conditions: [['content-length-range', 1, 10]],
      fields: { 'x-goog-meta-a': 'ü' },
    })
    const body = multipart({
      kind: 'form-data',
      parts: [
        ...Object.entries(theirs.fields).map(([name, value]) => ({ name, body: value })),
        { name: 'file', fileName: 'f', body: 'hello' },
      ],
    })
    const answer = await fetch(`${emulator.url}/box/`, {
      method: 'POST',
      headers: { 'content-type': body.contentType },
      body: await new Response(body.stream()).arrayBuffer(),
    })
    expect(answer.status).toBe(204)
    const signedAt = theirs.fields['x-goog-date']!.replace(
      /(....)(..)(..)T(..)(..)(..)Z/,
      '$1-$2-$3T$4:$5:$6Z',
    )
    const now = Date.parse(signedAt)
    const ours = await postPolicy({
      signer: serviceAccount({ key: { ...key } }),
      bucket: 'box',
      object: 'form.txt',
      expiresMs: expires - now,
      clock: { now: () => now },
      fields: { 'x-goog-meta-a': 'ü' },
      conditions: [['content-length-range', 1, 10]],
    })
    const policyOf = (policy: string): { conditions: unknown[] } => JSON.parse(atob(policy))
    const sorted = (policy: string): string[] =>
      policyOf(policy)
        .conditions.map((each) => JSON.stringify(each))
        .toSorted()
    expect(sorted(ours.fields['policy']!)).toEqual(sorted(theirs.fields['policy']!))
    const { policy: _, 'x-goog-signature': __, ...same } = theirs.fields
    expect(ours.fields).toMatchObject(same)
  })
})
