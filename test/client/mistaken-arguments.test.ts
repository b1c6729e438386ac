import { createClient, ValidationError } from 'discokit'
import { anonymous, serviceAccount } from 'discokit/auth'
import { createEmulator } from 'discokit/emulator'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { answer, answering } from './answers.ts'
import { openEmulated } from './emulated.ts'
import { notes } from './notes-document.ts'

const transport = answering(() => answer(200, {}))
const google = createClient({ transport, auth: anonymous() })
const { notes: methods } = google.api(notes)

async function messageOf(call: () => unknown): Promise<string> {
  try {
    await call()
  } catch (error) {
    expect(error).toBeInstanceOf(ValidationError)
    return (error as Error).message
  }
  return expect.unreachable('it was accepted')
}

describe('what somebody may write by mistake is refused before anything is sent', () => {
  test.each([
    ['no credential for others', () => google.as(undefined as never), /credentials: must be a credential/],
    ['a text for a credential', () => google.as('AIza' as never), /credentials: must be a credential/],
    [
      'no credential for an API',
      () => google.api<any>(notes).$as(undefined),
      /credentials: must be a credential/,
    ],
    ['null for parameters', () => methods.get(null), 'notes.notes.get: parameters: must be an object'],
    ['a text for parameters', () => methods.get('1'), 'notes.notes.get: parameters: must be an object'],
    ['a list for parameters', () => methods.get.prepare(['1']), 'parameters: must be an object'],
    ['nothing to send', () => google.send(undefined as never), 'send: request: is not a prepared request'],
    [
      'a signal that is none',
      () => methods.get({ noteId: '1' }, { signal: 5 }),
      'signal: must be an AbortSignal',
    ],
    [
      'a transform that is none',
      () => methods.get({ noteId: '1' }, { transform: 'x' }),
      'transform: must be a function',
    ],
    [
      'progress to nobody',
      () => methods.get({ noteId: '1' }, { onProgress: 1 }),
      'onProgress: must be a function',
    ],
    [
      'the body as others call it',
      () => methods.insert({ requestBody: {} }),
      "requestBody: .* \\(did you mean 'body'\\?\\)",
    ],
    ['a version by itself', () => google.discover('drive', 'v3' as never), "did you mean 'drive:v3'?"],
    ['a path for an id', () => google.discover('drive/v3'), "did you mean 'drive:v3'?"],
    ['no id at all', () => (google as any).discover(), "id: must be a text such as 'storage:v1'"],
    [
      'a misspelt option of a credential',
      () => serviceAccount({ key: '{}', scpes: [] } as never),
      'scpes: is not an option',
    ],
    [
      'no options of a credential',
      () => createEmulator({ document: [] } as never),
      'document: is not an option',
    ],
    [
      'a folder for documents',
      () => createEmulator({ documents: 'docs' } as never),
      'documents: must be a list',
    ],
  ])('%s', async (_, call, message) => {
    expect(await messageOf(call)).toMatch(
      typeof message === 'string' && message.includes('.*') ? new RegExp(message) : message,
    )
    expect(transport.requests).toEqual([])
  })

  test('a method’s own parameter is suggested before one of the whole API', async () => {
    const get = {
      id: 'x.get',
      path: 'x/{fileId}',
      httpMethod: 'GET',
      parameters: { fileId: { type: 'string', location: 'path', required: true } },
    }
    const api = google.api({ ...notes, methods: { get } })
    expect(await messageOf(() => api['get']({ fieldId: '1' }))).toContain("did you mean 'fileId'?")
  })
})

describe('with the emulator', () => {
  test('a body left out is refused when a member of it is required', async () => {
    await using emulated = await openEmulated()
    const { storage, emulator } = emulated
    for (const body of [undefined, null, {}])
      expect(await messageOf(() => storage['buckets'].insert({ project: 'p', body }))).toContain(
        'body.name: is required',
      )
    expect(emulator.journal.exchanges).toEqual([])
  })

  test('going through the items of what is no list is refused', async () => {
    await using emulated = await openEmulated()
    const { storage } = emulated
    await storage['buckets'].insert({ project: 'p', body: { name: 'box' } })
    expect(
      await messageOf(async () => {
        for await (const _ of storage['buckets'].get({ bucket: 'box' })) expect.unreachable('an item')
      }),
    ).toContain('storage.buckets.get: items: the answer has no list')
  })

  test('a misspelt option gives no token', async () => {
    await using emulator = await createEmulator()
    expect(() => emulator.accessToken({ scope: ['x'] } as never)).toThrow('scope: is not an option')
    expect(() => emulator.accessToken({ scopes: 'x' } as never)).toThrow('scopes: must be a list')
    await expect(emulator.listen({ prot: 1 } as never)).rejects.toThrow('prot: is not an option')
  })

  test('nobody answers in process any more once it is closed', async () => {
    const emulated = await openEmulated()
    await emulated.storage['buckets'].list({ project: 'p' })
    await emulated.emulator.close()
    await expect(emulated.storage['buckets'].list({ project: 'p' })).rejects.toMatchObject({
      code: 'transport_failed',
      reason: 'CLOSED',
    })
  })

  test('a download that is refused tells why', async () => {
    await using emulated = await openEmulated()
    const download = emulated.storage['objects'].get.download({ bucket: 'none', object: 'a' })
    await expect(download.text()).rejects.toThrow(/answered 404.*: .+/)
  })
})

test('a client prints one line', () => {
  expect(inspect(google)).toBe('discokit client (anonymous)')
})
