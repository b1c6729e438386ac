import type { RestDescription } from 'discokit'

/** The document of a small API that no one models, for pages that speak of a document of the reader's own. */
export const notesDocument: RestDescription = {
  kind: 'discovery#restDescription',
  id: 'notes:v1',
  name: 'notes',
  version: 'v1',
  rootUrl: 'https://notes.googleapis.com/',
  servicePath: 'notes/v1/',
  resources: {
    notes: {
      methods: {
        create: {
          id: 'notes.notes.create',
          path: 'notes',
          httpMethod: 'POST',
          request: { $ref: 'Note' },
          response: { $ref: 'Note' },
        },
      },
    },
  },
  schemas: {
    Note: {
      id: 'Note',
      type: 'object',
      properties: { title: { type: 'string' }, pages: { type: 'integer', format: 'int32' } },
    },
  },
}
