import type { JsonSchema, RestDescription, RestMethod, RestParameter } from 'discokit'

const text: JsonSchema = { type: 'string' }
const query = (schema: JsonSchema, more: object = {}): RestParameter => ({
  ...schema,
  location: 'query',
  ...more,
})
const bookId: RestParameter = { type: 'string', location: 'path', required: true, description: 'Which book.' }
const paging = { pageSize: query({ type: 'integer', format: 'int32' }), pageToken: query(text) }
const method = (
  name: string,
  httpMethod: string,
  path: string,
  more: Partial<RestMethod> = {},
): RestMethod => ({
  id: `library.${name}`,
  httpMethod,
  path,
  scopes: ['https://www.googleapis.com/auth/library', 'https://www.googleapis.com/auth/library.readonly'],
  ...more,
})
const kinds = { enum: ['NOVEL', 'POEM'], enumDescriptions: ['A long story.', 'Few words.'] }

/** An API that has one of each thing that a type checker must tell apart. */
export const libraryDocument: RestDescription = {
  kind: 'discovery#restDescription',
  id: 'library:v1',
  name: 'library',
  version: 'v1',
  revision: '20261120',
  title: 'Library API',
  description: 'Books, and the shelves they stand on.',
  rootUrl: 'https://library.googleapis.com/',
  servicePath: 'library/v1/',
  batchPath: 'batch/library/v1',
  parameters: {
    alt: query({ type: 'string', enum: ['json', 'media'], default: 'json' }),
    fields: query({ type: 'string', description: 'Which members the answer has.' }),
    key: query(text),
    prettyPrint: query({ type: 'boolean', default: 'true' }),
  },
  schemas: {
    Book: {
      id: 'Book',
      type: 'object',
      description: 'A book.',
      properties: {
        id: { type: 'string', readOnly: true, description: 'Given by the server.' },
        title: {
          type: 'string',
          annotations: {
            required: [
              'library.books.insert',
              'library.books.order',
              'library.books.patch',
              'library.books.replace',
            ],
          },
        },
        kind: { type: 'string', ...kinds },
        bytes: { type: 'string', format: 'int64', description: 'Output only. The size.' },
        shelf: { type: 'string', description: 'Where it stands. Read-only.' },
        nothing: { type: 'string', enum: ['NULL_VALUE'] },
        pages: { type: 'integer', format: 'int32' },
        printed: { $ref: 'Date' },
        labels: { type: 'object', additionalProperties: text },
        tags: { type: 'array', items: text },
        author: { $ref: 'Person' },
        cover: {
          type: 'object',
          properties: { color: text, thumbnailLink: { type: 'string', readOnly: true } },
        },
        'end-date': text,
        class: { type: 'string', deprecated: true },
        sequel: { $ref: 'Book' },
        extra: { type: 'any' },
      },
    },
    Person: {
      id: 'Person',
      type: 'object',
      properties: {
        name: { type: 'string', annotations: { required: ['library.books.insert'] } },
        born: { $ref: 'Date' },
        verified: { type: 'boolean', readOnly: true },
      },
    },
    BookList: {
      id: 'BookList',
      type: 'object',
      properties: {
        items: { type: 'array', items: { $ref: 'Book' } },
        nextPageToken: text,
        unreachable: { type: 'array', items: text },
      },
    },
    BookMap: {
      id: 'BookMap',
      type: 'object',
      properties: {
        items: { type: 'object', additionalProperties: { $ref: 'BookList' } },
        nextPageToken: text,
      },
    },
    Report: {
      id: 'Report',
      type: 'object',
      properties: { total: { type: 'integer' }, nextPageToken: text },
    },
    SearchRequest: {
      id: 'SearchRequest',
      type: 'object',
      properties: { text, pageToken: text },
    },
    SearchResponse: {
      id: 'SearchResponse',
      type: 'object',
      properties: { books: { type: 'array', items: { $ref: 'Book' } }, nextPageToken: text },
    },
    Date: {
      id: 'Date',
      type: 'object',
      properties: { year: { type: 'integer' }, month: { type: 'integer' } },
    },
    Empty: { id: 'Empty', type: 'object', properties: {} },
    Function: { id: 'Function', type: 'object', properties: { call: text } },
    HTTPCheck: { id: 'HTTPCheck', type: 'object', properties: { port: { type: 'integer' } } },
    HttpBody: {
      id: 'HttpBody',
      type: 'object',
      properties: { contentType: text, data: { type: 'string', format: 'byte' } },
    },
    HttpCheck: { id: 'HttpCheck', type: 'object', properties: { path: text } },
    Map: { id: 'Map', type: 'object', properties: { object: { $ref: 'Object' }, run: { $ref: 'Function' } } },
    Object: {
      id: 'Object',
      type: 'object',
      properties: { http: { $ref: 'HttpCheck' }, HTTP: { $ref: 'HTTPCheck' } },
    },
  },
  methods: { about: method('about', 'GET', 'about', { response: { $ref: 'Map' } }) },
  resources: {
    books: {
      methods: {
        list: method('books.list', 'GET', 'books', {
          description: 'Lists books.',
          parameters: {
            ...paging,
            author: query(text, { repeated: true }),
            kind: query({ type: 'string', ...kinds }),
            'printed.year': query({ type: 'integer' }),
            since: query({ type: 'string', format: 'date-time' }),
            after: query({ type: 'string', format: 'int64' }),
          },
          response: { $ref: 'BookList' },
        }),
        aggregatedList: method('books.aggregatedList', 'GET', 'books/all', {
          parameters: paging,
          response: { $ref: 'BookMap' },
        }),
        report: method('books.report', 'GET', 'books/report', {
          parameters: paging,
          response: { $ref: 'Report' },
        }),
        search: method('books.search', 'POST', 'books:search', {
          request: { $ref: 'SearchRequest' },
          response: { $ref: 'SearchResponse' },
        }),
        get: method('books.get', 'GET', 'books/{bookId}', {
          parameters: { bookId },
          response: { $ref: 'Book' },
          supportsMediaDownload: true,
        }),
        insert: method('books.insert', 'POST', 'books', {
          request: { $ref: 'Book' },
          response: { $ref: 'Book' },
          supportsMediaUpload: true,
          mediaUpload: {
            accept: ['*/*'],
            protocols: { simple: { multipart: true, path: '/upload/library/v1/books' } },
          },
        }),
        patch: method('books.patch', 'PATCH', 'books/{bookId}', {
          parameters: { bookId },
          request: { $ref: 'Book' },
          response: { $ref: 'Book' },
        }),
        order: method('books.order', 'POST', 'books:order', {
          request: { $ref: 'Book' },
          response: { $ref: 'Empty' },
        }),
        replace: method('books.replace', 'PUT', 'books/{bookId}', {
          parameters: { bookId },
          request: { $ref: 'Book' },
          response: { $ref: 'Book' },
        }),
        delete: method('books.delete', 'DELETE', 'books/{bookId}', {
          parameters: { bookId },
          deprecated: true,
          description: 'Use `reviews` instead.',
        }),
        lend: method('books.lend', 'POST', 'books/{bookId}:lend', {
          parameters: { bookId },
          request: { $ref: 'Empty' },
          response: { $ref: 'Empty' },
        }),
        import: method('books.import', 'POST', 'books:import', {
          request: { $ref: 'HttpBody' },
          response: { $ref: 'HttpBody' },
        }),
        // Also a resource, see below.
        reviews: method('books.reviews', 'GET', 'books/{bookId}/reviews', {
          parameters: { bookId },
          response: { $ref: 'BookList' },
        }),
      },
      resources: {
        reviews: {
          methods: {
            get: method('books.reviews.get', 'GET', 'books/{bookId}/reviews/{reviewId}', {
              parameters: { bookId, reviewId: { type: 'string', location: 'path', required: true } },
              response: { $ref: 'Book' },
            }),
          },
        },
      },
    },
    'well-known': {
      methods: {
        'get-one': method('wellKnown.getOne', 'GET', 'users/{userId}', {
          parameters: { userId: { type: 'string', location: 'path', required: true, default: 'me' } },
          response: { $ref: 'Person' },
        }),
      },
    },
  },
}
