import type { RestDescription } from 'discokit'

/** A small API with one method of each kind, so that what goes over the wire can be written out in a test. */
export const notes: RestDescription = {
  kind: 'discovery#restDescription',
  id: 'notes:v1',
  name: 'notes',
  version: 'v1',
  rootUrl: 'https://notes.googleapis.com/',
  servicePath: 'notes/v1/',
  parameters: {
    key: { type: 'string', location: 'query' },
    fields: { type: 'string', location: 'query' },
  },
  resources: {
    notes: {
      methods: {
        get: {
          id: 'notes.notes.get',
          path: 'notes/{noteId}',
          httpMethod: 'GET',
          parameterOrder: ['noteId'],
          parameters: {
            noteId: { type: 'string', location: 'path', required: true },
            readTime: { type: 'string', format: 'google-datetime', location: 'query' },
            revision: { type: 'string', format: 'int64', location: 'query' },
            weight: { type: 'number', format: 'double', location: 'query' },
            deleted: { type: 'boolean', location: 'query' },
            labels: { type: 'string', location: 'query', repeated: true },
            view: { type: 'string', enum: ['BASIC', 'FULL'], location: 'query' },
          },
          scopes: ['https://www.googleapis.com/auth/notes', 'https://www.googleapis.com/auth/notes.readonly'],
          response: { $ref: 'Note' },
        },
        list: {
          id: 'notes.notes.list',
          path: 'notes',
          httpMethod: 'GET',
          parameters: {
            owner: { type: 'string', location: 'query', required: true },
            pageToken: { type: 'string', location: 'query' },
          },
          response: { $ref: 'NoteList' },
        },
        insert: {
          id: 'notes.notes.insert',
          path: 'notes',
          httpMethod: 'POST',
          apiVersion: '2026-01-01',
          request: { $ref: 'Note' },
          response: { $ref: 'Note' },
        },
        update: {
          id: 'notes.notes.update',
          path: 'notes/{noteId}',
          httpMethod: 'PUT',
          parameters: { noteId: { type: 'string', location: 'path', required: true } },
          request: { $ref: 'Note' },
        },
        delete: {
          id: 'notes.notes.delete',
          path: 'notes/{noteId}',
          httpMethod: 'DELETE',
          parameters: { noteId: { type: 'string', location: 'path', required: true } },
        },
        move: {
          id: 'notes.notes.move',
          path: '{+name}:move',
          httpMethod: 'POST',
          parameters: { name: { type: 'string', location: 'path', required: true } },
        },
      },
    },
  },
}
