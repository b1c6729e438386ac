import type { JsonSchema, RestMethod } from 'discokit'
import { beforeEach, describe, expect, test } from 'vitest'
import { itemsPlace } from '../../src/pagination/items.ts'
import { type Paging, pagingOf, unpaged } from '../../src/pagination/paging.ts'
import { documentNames, methodsOf, needDocuments, readDocument } from '../documents/documents.ts'

const list = (inner: JsonSchema = { $ref: 'Note' }): JsonSchema => ({ type: 'array', items: inner })
const map = (inner: JsonSchema): JsonSchema => ({ type: 'object', additionalProperties: inner })
const text: JsonSchema = { type: 'string' }

function method(given: Partial<RestMethod>): RestMethod {
  return { id: 'notes.notes.list', path: 'notes', httpMethod: 'GET', response: { $ref: 'Answer' }, ...given }
}

function query(...names: string[]): Pick<RestMethod, 'parameters'> {
  return { parameters: Object.fromEntries(names.map((name) => [name, { ...text, location: 'query' }])) }
}

function withSchemas(
  schemas: Record<string, Record<string, JsonSchema>>,
): (name: string) => JsonSchema | undefined {
  return (name) => (schemas[name] ? { id: name, type: 'object', properties: schemas[name] } : undefined)
}

/** One line for a way of paging, such as `query pageToken <- nextPageToken`. */
function describePaging(paging: Paging | undefined): string {
  if (!paging?.request) return 'no pages'
  const { in: where, path, counts, replaces } = paging.request
  const details = `${counts ? ' (counts)' : ''}${replaces ? ` instead of ${replaces}` : ''}`
  return `${where} ${path.join('.')}${details} <- ${paging.response.map((members) => members.join('.')).join(' | ')}`
}

describe('a method whose schemas are known', () => {
  test.each<[string, Partial<RestMethod>, Record<string, Record<string, JsonSchema>>, string]>([
    [
      'a token in the query',
      query('pageToken'),
      { Answer: { nextPageToken: text } },
      'query pageToken <- nextPageToken',
    ],
    ['an answer without a token', query('pageToken'), { Answer: { kind: text } }, 'no pages'],
    [
      'a channel, which has no pages',
      { ...query('pageToken'), httpMethod: 'POST' },
      { Answer: { token: text } },
      'no pages',
    ],
    [
      'a token of a parameter of its own',
      query('token'),
      { Answer: { tokenPagination: {} } },
      'query token <- tokenPagination.nextPageToken',
    ],
    ['a token of some other kind', query('token'), { Answer: { nextPageToken: text } }, 'no pages'],
    [
      'a token that is only for the next synchronisation',
      query('syncToken'),
      { Answer: { nextSyncToken: text } },
      'no pages',
    ],
    [
      'a place and a start',
      query('startIndex', 'pageToken'),
      { Answer: { pageToken: text } },
      'query pageToken instead of startIndex <- pageToken',
    ],
    [
      'a link',
      { parameters: { 'start-index': { type: 'integer', location: 'query' } } },
      { Answer: { nextLink: text } },
      'query start-index (counts) <- nextLink',
    ],
    [
      'a token and a link',
      query('pageToken'),
      { Answer: { nextLink: text, nextPageToken: text } },
      'query pageToken <- nextPageToken',
    ],
    [
      'a token in the path',
      { parameters: { pageToken: { ...text, location: 'path' } } },
      { Answer: { nextPageToken: text } },
      'no pages',
    ],
    [
      'a token in the body',
      { httpMethod: 'POST', request: { $ref: 'Ask' } },
      { Answer: { nextPageToken: text }, Ask: { pageToken: text } },
      'body pageToken <- nextPageToken',
    ],
    [
      'a token deeper in the body',
      { httpMethod: 'POST', request: { $ref: 'Ask' } },
      { Answer: { nextPageToken: text }, Ask: { by: { $ref: 'By' } }, By: { pageToken: text } },
      'body by.pageToken <- nextPageToken',
    ],
    [
      'a body without a token',
      { httpMethod: 'POST', request: { $ref: 'Ask' } },
      { Answer: { nextPageToken: text }, Ask: { name: text } },
      'no pages',
    ],
    [
      'a change that answers with a token',
      { httpMethod: 'PATCH', request: { $ref: 'Answer' } },
      { Answer: { nextPageToken: text } },
      'no pages',
    ],
  ])('pages by %s', (_, given, schemas, expected) => {
    expect(describePaging(pagingOf(method(given), undefined, withSchemas(schemas)))).toBe(expected)
  })

  test.each<[string, string, Record<string, JsonSchema>, string | undefined]>([
    ['items', 'a.b.list', { other: list(), items: list() }, 'list items'],
    [
      'items that are a map',
      'a.b.aggregatedList',
      { items: map({ $ref: 'Scoped' }), unreachables: list(text) },
      'map items',
    ],
    ['the only list', 'a.b.list', { things: list(text), unreachable: list(text) }, 'list things'],
    ['the list of the resource', 'a.notes.list', { others: list(), notes: list() }, 'list notes'],
    [
      'the list of the resource, singular',
      'a.notes.list',
      { deletedNote: list(), note: list() },
      'list note',
    ],
    [
      'the list of the method',
      'a.pools.queryDeployedModels',
      { modelRefs: list(), deployedModels: list() },
      'list deployedModels',
    ],
    ['rows', 'a.jobs.getQueryResults', { columns: list(), rows: list() }, 'list rows'],
    ['results', 'a.b.search', { facets: list(), results: list() }, 'list results'],
    ['the only list of objects', 'a.b.list', { names: list(text), values: list(list(text)) }, 'list values'],
    ['the only map', 'a.b.list', { byName: map({ $ref: 'Note' }), labels: map(text) }, 'map byName'],
    ['neither of two', 'a.b.list', { these: list(), those: list() }, undefined],
    ['nothing beside what could not be reached', 'a.b.list', { unreachable: list(text) }, undefined],
  ])('has for items %s', (_, id, properties, expected) => {
    const place = itemsPlace(id, { type: 'object', properties })
    expect(place && `${place.kind} ${place.name}`).toBe(expected)
  })

  test('whose answer may have any form is looked at when it comes', () => {
    const any = method({ ...query('_page_token'), response: { $ref: 'HttpBody' } })
    const paging = pagingOf(any, undefined, withSchemas({ HttpBody: { extensions: list() } }))
    expect([describePaging(paging), paging?.items]).toEqual(['query _page_token <- link', undefined])
  })
})

describe('a method whose schemas are not known', () => {
  test.each<[string, Partial<RestMethod>, string]>([
    ['takes a token in the query', query('pageToken'), 'query pageToken <- nextPageToken | pageToken'],
    ['takes a token of the whole API', {}, 'query page_token <- nextPageToken'],
    [
      'is asked with a body',
      { httpMethod: 'POST', request: { $ref: 'Ask' } },
      'body pageToken <- nextPageToken',
    ],
  ])('that %s', (_, given, expected) => {
    const parameters = given.parameters || given.request ? {} : query('page_token').parameters
    const paging = pagingOf(method(given), parameters)
    expect([describePaging(paging), paging?.items]).toEqual([expected, undefined])
  })

  test('and that takes no token has no pages, but would be heard to have some', () => {
    expect(pagingOf(method({}), {})).toBeUndefined()
    expect(unpaged(method({}))).toMatchObject({
      request: undefined,
      response: [['nextPageToken'], ['pageToken']],
    })
  })
})

describe('all methods of the real documents', () => {
  beforeEach(needDocuments)
  const methods = documentNames.flatMap((name) => {
    const document = readDocument(name)
    const schemaOf = (schema: string): JsonSchema | undefined => document.schemas?.[schema]
    return methodsOf(document).map(({ method }) => ({ document, method, schemaOf }))
  })
  const count = (keys: Iterable<string>): Record<string, number> => {
    const counts: Record<string, number> = {}
    for (const key of keys) counts[key] = (counts[key] ?? 0) + 1
    return counts
  }
  test('page in these ways', () => {
    const ways = methods.map(({ method, document, schemaOf }) =>
      describePaging(pagingOf(method, document.parameters, schemaOf)),
    )
    expect(count(ways.filter((way) => way !== 'no pages'))).toEqual({
      'query pageToken <- nextPageToken': 778,
      'query start-index (counts) <- nextLink': 21,
      'body pageToken <- nextPageToken': 19,
      'query continue <- metadata.continue': 15,
      'query token <- tokenPagination.nextPageToken': 3,
      'query _page_token <- link': 3,
      'query pageToken instead of startIndex <- pageToken': 2,
      'body simpleRetrievalParams.pageToken <- nextPageToken': 2,
      'query page_token <- nextPageToken': 1,
      'query start-token <- nextPageToken': 1,
      'query cursor (counts) <- cursor': 1,
    })
  })

  test('have their items in these places', () => {
    const places = methods.flatMap(({ method, document, schemaOf }) => {
      const paging = pagingOf(method, document.parameters, schemaOf)
      if (!paging) return []
      const lists = Object.values(schemaOf(method.response?.$ref ?? '')?.properties ?? {}).filter(
        (p) => p.items,
      )
      const { items } = paging
      return items
        ? [items.kind === 'list' && lists.length > 1 ? 'one of several lists' : items.kind]
        : [String(items)]
    })
    expect(count(places)).toEqual({
      list: 593,
      'one of several lists': 194,
      map: 53,
      null: 2,
      undefined: 4,
    })
  })

  test('page when they take a page token and answer with the next', () => {
    const missed = methods.filter(({ method, document, schemaOf }) => {
      const body = schemaOf(method.request?.$ref ?? '')?.properties
      const takes = { ...document.parameters, ...method.parameters }['pageToken'] ?? body?.['pageToken']
      const gives = schemaOf(method.response?.$ref ?? '')?.properties?.['nextPageToken']
      return takes && gives && !pagingOf(method, document.parameters, schemaOf)
    })
    expect(missed.map(({ method }) => method.id)).toEqual([])
  })

  test('name a next page that cannot be asked for only here', () => {
    const open = methods.filter(({ method, document, schemaOf }) => {
      const properties = schemaOf(method.response?.$ref ?? '')?.properties
      const gives = properties?.['nextPageToken'] ?? properties?.['pageToken']
      return gives && !pagingOf(method, document.parameters, schemaOf)
    })
    expect(open.map(({ method }) => method.id)).toEqual([
      'bigquery.jobs.query',
      'dfareporting.billingRates.list',
      'fitness.users.dataSources.datasets.patch',
      'sql.users.list',
      'tagmanager.accounts.containers.destinations.list',
      'youtube.videoCategories.list',
    ])
  })

  test('that page with their schemas page without them too', () => {
    const lost = methods.filter(
      ({ method, document, schemaOf }) =>
        pagingOf(method, document.parameters, schemaOf) && !pagingOf(method, document.parameters),
    )
    expect(lost.map(({ method }) => method.id)).toEqual([])
  })
})
