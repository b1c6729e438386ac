import { type ApiTable, createClient, ParseError, ValidationError } from 'discokit'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { generateApi } from '../../src/codegen/generate-api.ts'
import { readTable } from '../codegen/read-table.ts'
import { libraryDocument } from '../codegen/library-document.ts'

const table = readTable(generateApi(libraryDocument).text) as ApiTable

describe('an API from a table', () => {
  let emulator: Emulator
  beforeEach(async () => {
    emulator = await createEmulator({ documents: [libraryDocument] })
  })
  afterEach(() => emulator.close())
  const client = (): ReturnType<typeof createClient> =>
    createClient({ ...emulator.connect(), auth: emulator.serviceAccount() })

  test('has what its document has, and asks for nothing', () => {
    const google = client()
    const [api, same] = [google.api(table), google.api(libraryDocument)]
    expect(api['$id']).toBe('library:v1')
    expect(api['$resources']).toEqual(same['$resources'])
    for (const path of ['books.list', 'books.insert', 'books.reviews.get', 'about']) {
      const [method, other] = [api['$method'](path), same['$method'](path)]
      for (const fact of ['$id', '$name', '$required', '$optional', '$path', '$scopes', '$deprecated'])
        expect([path, fact, method[fact]]).toEqual([path, fact, other[fact]])
      expect(Object.keys(method.$parameters)).toEqual(Object.keys(other.$parameters))
      expect(method.$request).toEqual(other.$raw.request)
    }
    expect(String(api['books'].get)).toBe(String(same['books'].get))
    expect(emulator.journal.exchanges).toEqual([])
  })

  test('is called like any other, also for somebody else', async () => {
    const api = client().api(table)
    await expect(api['books'].get({ bookId: '1' })).rejects.toMatchObject({
      request: { id: 'library.books.get' },
    })
    const other = api['$as'](emulator.serviceAccount())
    expect(other.books.list.prepare({ pageSize: 3, author: ['a', 'b'] }).url).toMatch(
      /pageSize=3&author=a&author=b$/,
    )
    expect(() => other.books.list.prepare({ pageSzie: 3 })).toThrow(ValidationError)
    const { schemas } = await api['$load']()
    expect(schemas).toHaveProperty('Book')
  })

  test('takes a key as a parameter, as its document says', () => {
    expect(client().api(table)['books'].list.prepare({ key: 'k' })).toMatchObject({ ownCredential: true })
  })

  test('reads a resource when it is first used', () => {
    const broken = { ...table, resources: { ...table.resources, books: '{' } }
    const api = client().api(broken)
    expect(api['well-known']['get-one'].prepare().url).toContain('users/me')
    expect(() => api['books']).toThrow(ParseError)
    expect(() => api['books']).toThrow('write the file again with discokit update')
  })

  test.each([
    [{ parts: '{' }, (api: { about: { prepare(): unknown } }) => api.about.prepare()],
    [{ parts: undefined }, (api: { about: { prepare(): unknown } }) => api.about.prepare()],
    [{ resources: { books: 'null' } }, (api: { books: unknown }) => api.books],
    [{ rootUrl: undefined }, () => {}],
    [{ methods: '7' }, () => {}],
  ])('is refused where it is damaged: %j', (damage, use) => {
    const broken = { ...table, ...damage } as ApiTable
    expect(() => use(client().api<never>(broken))).toThrow(ParseError)
  })
})

test('walks through lists by what the table says of them', async () => {
  const answers = [
    { items: [{ id: '1' }], unreachable: ['x'], nextPageToken: 'n' },
    { items: [{ id: '2' }], unreachable: ['y', 'z'] },
  ]
  const google = createClient({
    auth: { kind: 'none', headers: () => ({}) },
    transport: async (request) => {
      const content = JSON.stringify(answers[request.url.includes('pageToken=n') ? 1 : 0])
      return jsonAnswer(content)
    },
  })
  const ids: unknown[] = []
  for await (const book of google.api(table)['books'].list()) ids.push(book.id)
  expect(ids).toEqual(['1', '2'])
})

function jsonAnswer(content: string): never {
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: { text: async () => content, bytes: async () => new TextEncoder().encode(content), cancel() {} },
  } as never
}
