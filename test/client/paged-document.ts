import type { JsonSchema, RestDescription, RestMethod } from 'discokit'

const text: JsonSchema = { type: 'string' }
const things: JsonSchema = { type: 'array', items: { $ref: 'Thing' } }

function lister(id: string, parameters: Readonly<Record<string, JsonSchema>>, response: string): RestMethod {
  return {
    id: `paged.things.${id}`,
    path: `things/${id}`,
    httpMethod: 'GET',
    parameters: Object.fromEntries(
      Object.entries(parameters).map(([name, schema]) => [name, { ...schema, location: 'query' }]),
    ),
    response: { $ref: response },
  }
}

function schema(id: string, properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { id, type: 'object', properties }
}

/** A small API with a list of each shape, schemas and all. */
export const paged: RestDescription = {
  name: 'paged',
  version: 'v1',
  rootUrl: 'https://paged.googleapis.com/',
  servicePath: 'paged/v1/',
  parameters: { fields: { type: 'string', location: 'query' } },
  resources: {
    things: {
      methods: {
        list: lister('list', { pageToken: text, filter: text }, 'ListThings'),
        search: {
          id: 'paged.things.search',
          path: 'things:search',
          httpMethod: 'POST',
          request: { $ref: 'SearchThings' },
          response: { $ref: 'ListThings' },
        },
        counted: lister('counted', { 'start-index': { type: 'integer' } }, 'CountedThings'),
        continued: lister('continued', { continue: text }, 'ContinuedThings'),
        rows: lister('rows', { pageToken: text, startIndex: text }, 'Rows'),
        aggregated: lister('aggregated', { pageToken: text }, 'AggregatedThings'),
        open: lister('open', {}, 'ListThings'),
      },
    },
  },
  schemas: {
    Thing: schema('Thing', { id: text }),
    ListThings: schema('ListThings', { others: things, things, nextPageToken: text }),
    SearchThings: schema('SearchThings', { query: text, deep: { type: 'any' }, pageToken: text }),
    CountedThings: schema('CountedThings', { items: things, nextLink: text }),
    ContinuedThings: schema('ContinuedThings', { items: things, metadata: { $ref: 'Meta' } }),
    Meta: schema('Meta', { continue: text }),
    Rows: schema('Rows', { rows: things, errors: things, pageToken: text }),
    AggregatedThings: schema('AggregatedThings', {
      items: { type: 'object', additionalProperties: { $ref: 'ListThings' } },
      nextPageToken: text,
    }),
  },
}
