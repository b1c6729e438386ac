import { createClient, type MethodFacts, ValidationError } from 'discokit'
import { inspect } from 'node:util'
import { expect } from 'vitest'
import { notes } from '../client/notes-document.ts'
import { connect, failure } from './connect.ts'
import type { RowTests } from '../examples/page-rows.ts'

/** What an API tells of itself. */
export const introspectionRows: RowTests = {
  I1() {
    const api = createClient().api(notes)
    expect(api['notes'].get.prepare({ noteId: '1' }).url).toBe(
      'https://notes.googleapis.com/notes/v1/notes/1',
    )
  },

  async I2() {
    await using c = await connect()
    const oauth2 = await c.google.discover('oauth2:v2')
    expect(oauth2.tokeninfo.$id).toBe('oauth2.tokeninfo') // a method at the top
    expect(oauth2.userinfo.v2.me.get.$id).toBe('oauth2.userinfo.v2.me.get')
    expect(oauth2.userinfo.get.$id).toBe('oauth2.userinfo.get') // beside a resource
    expect(oauth2.nothing).toBeUndefined()
    expect(oauth2.$method('userinfo.get').$id).toBe('oauth2.userinfo.get')
    expect(await failure(() => oauth2.$method('userinfo.gte'))).toMatchObject({
      problems: [{ suggestion: 'userinfo.get' }],
    })
  },

  async I3() {
    await using c = await connect()
    const storage = await c.google.discover('storage:v1')
    expect([storage.$id, storage.$name, storage.$version]).toEqual(['storage:v1', 'storage', 'v1'])
    const document = await storage.$load()
    expect(storage.$title).toBe(document.title)
    expect(storage.$documentationLink).toBe(document.documentationLink)
    expect(storage.$raw.servicePath).toBe('storage/v1/')
    const { get } = storage.objects
    expect(get.$raw).toMatchObject({ httpMethod: 'GET', supportsMediaDownload: true })
    expect(get.$scopes).toEqual(get.$raw.scopes)
    expect(document.schemas.Bucket.properties.name).toMatchObject({ type: 'string' })
    const described = { ...notes.resources!['notes']!.methods!['get']!, description: 'One note.' }
    expect(createClient().api({ ...notes, methods: { get: described } })['get'].$description).toBe(
      'One note.',
    )
  },

  async I4() {
    await using c = await connect()
    const oauth2 = await c.google.discover('oauth2:v2')
    expect(oauth2.$methods).toEqual(['tokeninfo'])
    expect(oauth2.$resources).toEqual(['userinfo'])
    expect(oauth2.userinfo.v2.$methods).toEqual([])
  },

  async I5() {
    await using c = await connect()
    const { files } = await c.google.discover('drive:v3')
    expect(files.$methods.length).toBe(Object.keys(files.$raw.methods).length)
    expect(files.export.$required.length).toBe(2)
  },

  async I6() {
    await using c = await connect()
    const drive = await c.google.discover('drive:v3')
    expect(['files' in drive, 'flies' in drive, 'get' in drive.files]).toEqual([true, false, true])
    expect('fileId' in drive.files.get.$parameters).toBe(true)
  },

  I7() {
    const { notes: resource } = createClient().api(notes)
    expect(String(resource.get)).toBe(
      'notes.notes.get method: GET https://notes.googleapis.com/notes/v1/notes/{noteId}',
    )
    expect(inspect(resource)).toBe('notes:v1.notes resource @ https://notes.googleapis.com/notes/v1/')
  },

  async I8() {
    const { notes: resource } = createClient().api(notes)
    const error = await failure(() => resource())
    expect(error).toBeInstanceOf(ValidationError)
    expect(String(error)).toContain('it has: get, list, insert')
  },

  async I9() {
    await using c = await connect()
    const { list } = (await c.google.discover('urlshortener:v1')).url
    expect(Object.keys(list.$parameters)).toContain('start-token')
    expect(list.$parameters.fields).toMatchObject({ type: 'string' }) // of the whole API
  },

  async I10() {
    await using c = await connect()
    const { export: method } = (await c.google.discover('drive:v3')).files
    const { $required, $optional, $path, $query, $requiredQuery, $optionalQuery } = method as MethodFacts
    expect($required).toEqual(['fileId', 'mimeType'])
    expect($path).toEqual(['fileId'])
    expect($requiredQuery).toEqual(['mimeType'])
    expect($query.toSorted()).toEqual([...$requiredQuery, ...$optionalQuery].toSorted())
    expect([...$required, ...$optional].toSorted()).toEqual(Object.keys(method.$parameters).toSorted())
  },

  async I11() {
    await using c = await connect()
    const { insert, delete: remove } = (await c.google.discover('storage:v1')).buckets
    expect(insert.$request.properties.name).toMatchObject({ type: 'string' })
    expect(insert.$response).toEqual(insert.$request)
    expect([remove.$request, remove.$response]).toEqual([undefined, undefined])
  },

  async I12() {
    await using c = await connect()
    const { list } = (await c.google.discover('drive:v3')).files
    expect(() => list.prepare({ trace: 'email:me' })).toThrow(ValidationError)
    expect(list.prepare({}, { extraQuery: { trace: 'email:me' } }).url).toMatch(/[?]trace=email%3Ame$/)
  },

  async I13() {
    await using c = await connect()
    const { files } = await c.google.discover('drive:v3')
    expect([files.$name, files.list.$name]).toEqual(['files', 'list'])
  },
}
