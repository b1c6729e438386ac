import { ValidationError } from 'discokit'
import { memoryUploadStore } from 'discokit/media'
import { describe, expect, test } from 'vitest'
import { compileMethod } from '../../src/request/compile-method.ts'
import { notes } from '../client/notes-document.ts'
import { failureOf } from './connection.ts'
import { begun, done, scripted } from './resumable/scripted.ts'

const target = { bucket: 'b', name: 'a' }

/** What a prepared upload of a method with these limits says of them. */
function factsOf(mediaUpload: object, more: object = {}): unknown {
  const method = {
    id: 'x.insert',
    path: 'x',
    httpMethod: 'POST',
    request: { $ref: 'X' },
    mediaUpload,
    ...more,
  }
  const source = { document: notes, schemaOf: () => undefined, validate: false }
  return compileMethod(source, method, 'https://notes.googleapis.com/').prepare({ media: 'x' }).upload
}

describe('what a document says of uploads', () => {
  const simple = { path: '/upload/x', multipart: true }

  test.each([
    ['52428800', 52_428_800],
    ['10MB', 10_485_760],
    ['5120GB', 5_497_558_138_880],
    ['1KB', 1_024],
    ['2T', 2_199_023_255_552],
    ['0', 0],
    ['9007199254740993', undefined],
    ['999999999999PB', undefined],
    ['much', undefined],
    [undefined, undefined],
    [{ toString: 7 }, undefined],
  ])('a maxSize of %s', (maxSize, maxSizeBytes) => {
    const told = typeof maxSize === 'object' ? { a: 1 } : maxSize
    const facts = factsOf({ protocols: { simple }, maxSize: told })
    expect(facts).toEqual(maxSizeBytes === undefined ? {} : { maxSizeBytes })
  })

  test('where sessions begin, with the query of the request', () => {
    const protocols = { simple, resumable: { path: '/resumable/upload/x', multipart: true } }
    expect(factsOf({ protocols, accept: ['image/*'] })).toEqual({
      resumable: 'https://notes.googleapis.com/resumable/upload/x?uploadType=resumable',
      accept: ['image/*'],
    })
    expect(factsOf({ protocols, accept: 'image/*' })).not.toHaveProperty('accept')
    const other = { simple, resumable: { path: '/resumable/{nobody}/x' } }
    expect(factsOf({ protocols: other })).not.toHaveProperty('resumable')
  })

  test('nothing where there is no media, and it follows further parameters', async () => {
    const { storage, arrived } = await scripted([begun(), done()])
    const { insert } = storage['objects']
    expect(insert.prepare({ ...target, body: {} })).not.toHaveProperty('upload')
    expect(JSON.parse(JSON.stringify(insert.prepare({ ...target, media: 'x' }).upload))).toEqual({
      resumable:
        'https://storage.googleapis.com/resumable/upload/storage/v1/b/b/o?uploadType=resumable&name=a',
      accept: ['*/*'],
      crc32c: true,
      ...(insert.$raw.mediaUpload.maxSize && { maxSizeBytes: expect.any(Number) }),
    })
    await insert(
      { ...target, media: 'x' },
      { upload: { kind: 'resumable' }, extraQuery: { quotaUser: 'ada' } },
    )
    expect(arrived[0]!.url).toMatch(/uploadType=resumable&name=a&quotaUser=ada$/)
  })

  test('an API key in the query does not show in print', async () => {
    const { storage } = await scripted([])
    const { inspect } = await import('node:util')
    const request = storage['objects'].insert.prepare({ ...target, key: 'SeCrEtKeY12345', media: 'x' })
    expect(request.upload.resumable).toContain('SeCrEtKeY12345')
    expect(inspect(request)).not.toContain('SeCrEtKeY12345')
  })
})

describe('upload settings', () => {
  const refusal = async (upload: unknown, more: object = {}): Promise<any> => {
    const { storage, arrived } = await scripted([])
    const failure = await failureOf(storage['objects'].insert({ ...target, media: 'x', ...more }, { upload }))
    expect(failure).toBeInstanceOf(ValidationError)
    expect(arrived).toEqual([])
    return failure.problems
  }

  test.each([
    ['kind', 'chunked', 'must be simple, multipart or resumable'],
    ['chunkBytes', 1_000, 'must be a multiple of 262,144 bytes, and at most 1 GiB'],
    ['chunkBytes', 0, 'must be a multiple of 262,144 bytes, and at most 1 GiB'],
    ['chunkBytes', -262_144, 'must be a multiple of 262,144 bytes, and at most 1 GiB'],
    ['chunkBytes', '262144', 'must be a multiple of 262,144 bytes, and at most 1 GiB'],
    ['dialect', 'tus', 'must be content-range or goog-upload'],
    ['checkLimits', 'no', 'must be true or false'],
    ['checksum', 1, 'must be true or false'],
    ['store', {}, 'must be an object with the functions get, set and delete'],
    ['key', '', 'must be a text'],
    ['control', {}, 'must be made by createUploadControl()'],
    ['control', { pause() {}, resume() {} }, 'must be made by createUploadControl()'],
    ['key', 'mine', 'does nothing without a store'],
    ['maxBytesPerSecond', 0, 'must be a positive number'],
    ['stallTimeoutMs', -1, 'must be a positive number of milliseconds'],
  ])('%s must not be %o', async (name, value, message) => {
    expect(await refusal({ [name]: value })).toEqual([{ path: `upload.${name}`, message }])
  })

  test.each(['simple', 'multipart'])('that are of sessions are refused for a %s upload', async (kind) => {
    const message = `does nothing in a ${kind} upload; leave it or the kind out`
    const settings = {
      kind,
      store: memoryUploadStore(),
      key: 'a',
      dialect: 'goog-upload',
      chunkBytes: 262_144,
    }
    expect(await refusal(settings)).toEqual([
      { path: 'upload.chunkBytes', message },
      { path: 'upload.dialect', message },
      { path: 'upload.store', message },
    ])
  })

  test('with a misspelt name are refused', async () => {
    expect(await refusal({ chunkByte: 262_144 })).toEqual([
      { path: 'upload.chunkByte', message: 'is not an option', suggestion: 'chunkBytes' },
    ])
    expect(await refusal(7)).toEqual([{ path: 'upload', message: 'must be an object' }])
  })

  test('that the call cannot have are refused', async () => {
    expect(await refusal({ kind: 'simple' }, { body: { name: 'a' } })).toEqual([
      {
        path: 'upload.kind',
        message: 'a simple upload has no metadata; leave the body out, or choose multipart',
      },
    ])
  })

  test.each([
    ['simple', {}, 'media', 'text/plain; charset=utf-8'],
    ['multipart', {}, 'multipart', 'multipart/related'],
    ['multipart', { body: { name: 'a' } }, 'multipart', 'multipart/related'],
  ])('%s with %o is sent as %s', async (kind, more, type, contentType) => {
    const { storage, arrived } = await scripted([done()])
    await storage['objects'].insert({ ...target, ...more, media: 'x' }, { upload: { kind } })
    expect(new URL(arrived[0]!.url).searchParams.get('uploadType')).toBe(type)
    expect(arrived[0]!.headers['content-type']).toContain(contentType)
  })
})
