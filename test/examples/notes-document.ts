import type { RestDescription } from 'discokit'

/** The document of a small API that no one models, for pages that speak of a document of the reader's own. */
export const notesDocument: RestDescription = {
  name: 'notes',
  version: 'v1',
  rootUrl: 'https://notes.googleapis.com/',
  servicePath: '',
  resources: {
    notes: {
      methods: {
        create: {
          id: 'notes.create',
          path: 'v1/notes',
          httpMethod: 'POST',
          request: { $ref: 'Note' },
          scopes: ['https://www.googleapis.com/auth/cloud-platform'],
        },
      },
    },
  },
  schemas: {
    Note: { type: 'object', properties: { title: { type: 'string' }, pages: { type: 'integer' } } },
  },
}
