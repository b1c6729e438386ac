import { createClient } from 'discokit'
import { describe, expect, test } from 'vitest'
import { notes } from './notes-document.ts'

const { notes: methods } = createClient().api(notes)

describe('the facts about a method', () => {
  test('name its parameters, by place and need', () => {
    const { get } = methods
    expect(get.$id).toBe('notes.notes.get')
    expect(get.name).toBe('notes.notes.get')
    expect(get.$required).toEqual(['noteId'])
    expect(get.$path).toEqual(['noteId'])
    const query = ['key', 'fields', 'readTime', 'revision', 'weight', 'deleted', 'labels', 'view']
    expect(get.$query).toEqual(query)
    expect(get.$optional).toEqual(query)
    expect(get.$optionalQuery).toEqual(query)
    expect(get.$requiredQuery).toEqual([])
    expect(Object.keys(get.$parameters).toSorted()).toEqual(['noteId', ...query].toSorted())
  })

  test('tell a required query parameter from an optional one', () => {
    expect(methods.list.$requiredQuery).toEqual(['owner'])
    expect(methods.list.$required).toEqual(['owner'])
    expect(methods.list.$optionalQuery).toEqual(['key', 'fields', 'pageToken'])
    expect(methods.list.$path).toEqual([])
  })

  test('hold what the document says', () => {
    expect(methods.get.$parameters.view).toEqual({
      type: 'string',
      enum: ['BASIC', 'FULL'],
      location: 'query',
    })
    expect(methods.get.$raw).toBe(notes.resources?.['notes']?.methods?.['get'])
    expect(methods.get.$scopes).toEqual(notes.resources?.['notes']?.methods?.['get']?.scopes)
    expect(methods.list.$scopes).toEqual([])
  })

  test('let a method override a parameter of the whole API', () => {
    const get = {
      id: 'x.get',
      path: 'x/{key}',
      httpMethod: 'GET',
      parameters: { key: { type: 'integer', location: 'path', required: true } },
    }
    const api = createClient().api({ ...notes, methods: { get } })
    expect([api.get.$path, api.get.$optional]).toEqual([['key'], ['fields']])
    expect(api.get.prepare({ key: 1 }).url).toBe('https://notes.googleapis.com/notes/v1/x/1')
  })

  test('do not appear among its enumerable members', () => {
    expect(Object.keys(methods.get)).toEqual([])
  })

  test('offer a download only where the document does', () => {
    expect(methods.get.download).toBeUndefined()
    const method = { id: 'x.get', path: 'x', httpMethod: 'GET', supportsMediaDownload: true }
    expect(createClient().api({ ...notes, methods: { get: method } }).get.download).toBeTypeOf('function')
  })
})
