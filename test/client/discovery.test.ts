import { createClient, ParseError, TransportError, ValidationError } from 'discokit'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { answer, answering, type Recorder } from './answers.ts'
import { notes } from './notes-document.ts'

const NOT_FOUND = answer(404, 'no such page', { 'content-type': 'text/html' })
const CENTRAL = 'https://www.googleapis.com/discovery/v1/apis/notes/v1/rest'
const OWN = 'https://notes.googleapis.com/$discovery/rest?version=v1'
const LIST = 'https://www.googleapis.com/discovery/v1/apis'
const directory = answer(200, {
  items: [
    { id: 'notes:v1', name: 'notes', version: 'v1' },
    { id: 'notes:v2', name: 'notes', version: 'v2', preferred: true },
    { id: 'storage:v1', name: 'storage', version: 'v1', preferred: true },
  ],
})

/** A Discovery Service that has what is given at its address, and nothing elsewhere. */
function serving(pages: Readonly<Record<string, ReturnType<typeof answer>>>): Recorder {
  return answering(({ url }) => pages[url] ?? NOT_FOUND)
}

const urls = (transport: Recorder): string[] => transport.requests.map((request) => request.url)

describe('discover', () => {
  test('takes the document from the central address', async () => {
    const transport = serving({ [CENTRAL]: answer(200, notes) })
    const api = await createClient({ transport }).discover('notes:v1')
    expect(api.$id).toBe('notes:v1')
    expect(urls(transport)).toEqual([CENTRAL])
    expect(transport.requests[0]).toMatchObject({ method: 'GET' })
    expect(transport.requests[0]!.headers).not.toHaveProperty('authorization')
  })

  test.each([404, 400])(
    "goes on to the API's own address when the central one answers %i",
    async (status) => {
      const transport = serving({ [CENTRAL]: answer(status), [OWN]: answer(200, notes) })
      expect((await createClient({ transport }).discover('notes:v1')).$id).toBe('notes:v1')
      expect(urls(transport)).toEqual([CENTRAL, OWN])
    },
  )

  test.each([
    [
      'has no such host',
      () => Promise.reject(new TransportError('x', { reason: 'ENOTFOUND', progress: 'unsent' })),
    ],
    ['answers with a web page', () => answer(200, '<html>', { 'content-type': 'text/html' })],
    ['answers 403', () => answer(403)],
  ])('suggests the nearest name when the second address %s', async (_, second) => {
    const transport = answering(({ url }) => {
      if (url === LIST) return directory
      return url.startsWith('https://note.') ? second() : NOT_FOUND
    })
    const google = createClient({ transport, retry: false })
    await expect(google.discover('note:v1')).rejects.toMatchObject({
      problems: [{ path: 'id', suggestion: 'notes' }],
    })
  })

  test('asks the domain of another universe', async () => {
    const transport = serving({})
    const google = createClient({ transport, universeDomain: 'example.goog' })
    await expect(google.discover('notes:v1')).rejects.toBeInstanceOf(ValidationError)
    expect(urls(transport)).toEqual([
      'https://www.example.goog/discovery/v1/apis/notes/v1/rest',
      'https://notes.example.goog/$discovery/rest?version=v1',
      'https://www.example.goog/discovery/v1/apis',
    ])
  })

  test('asks an endpoint at both forms of address', async () => {
    const transport = serving({})
    const google = createClient({ transport, endpoint: 'https://proxy.example/google/' })
    await expect(google.discover('notes:v1')).rejects.toBeInstanceOf(ValidationError)
    expect(urls(transport)).toEqual([
      'https://proxy.example/google/discovery/v1/apis/notes/v1/rest',
      'https://proxy.example/google/$discovery/rest?version=v1',
      'https://proxy.example/google/discovery/v1/apis',
    ])
  })

  test('goes on to the address that the list of APIs names', async () => {
    const named = 'https://notes-json.googleapis.com/$discovery/rest?version=v1'
    const item = { id: 'notes:v1', name: 'notes', version: 'v1', discoveryRestUrl: named }
    const transport = serving({ [LIST]: answer(200, { items: [item] }), [named]: answer(200, notes) })
    expect((await createClient({ transport }).discover('notes:v1')).$id).toBe('notes:v1')
    expect(urls(transport)).toEqual([CENTRAL, OWN, LIST, named])
  })

  test.each([
    'https://evil.example/notes',
    'https://googleapis.com.evil.example/notes',
    'https://notes.googleapis.com@evil.example/notes',
    'http://notes.googleapis.com/$discovery/rest',
    'https://notes.googleapis.com:8443/$discovery/rest',
    'https://evil.example\\.googleapis.com/',
    '//www.googleapis.com/x',
    'x',
    7,
  ])('but not to %s, which is outside the universe', async (discoveryRestUrl) => {
    const item = { id: 'notes:v1', name: 'notes', version: 'v1', discoveryRestUrl }
    const transport = answering(({ url }) => {
      if (url === LIST) return answer(200, { items: [item] })
      return url.includes('evil') ? answer(200, notes) : NOT_FOUND
    })
    await expect(createClient({ transport }).discover('notes:v1')).rejects.toThrow(/cannot be had/)
    expect(urls(transport)).toEqual([CENTRAL, OWN, LIST])
  })

  test('behind an endpoint, nor to one that is not below it', async () => {
    const endpoint = 'https://proxy.example/google'
    const item = { name: 'notes', version: 'v1', discoveryRestUrl: 'https://proxy.example/notes' }
    const transport = answering(({ url }) =>
      url.endsWith('/apis') ? answer(200, { items: [item] }) : NOT_FOUND,
    )
    await expect(createClient({ transport, endpoint }).discover('notes:v1')).rejects.toThrow(/cannot be had/)
    expect(transport.requests).toHaveLength(3)
    const below = { ...item, discoveryRestUrl: `${endpoint}/notes` }
    const serves = answering(({ url }) => {
      if (url.endsWith('/apis')) return answer(200, { items: [below] })
      return url === below.discoveryRestUrl ? answer(200, notes) : NOT_FOUND
    })
    expect((await createClient({ transport: serves, endpoint }).discover('notes:v1')).$id).toBe('notes:v1')
  })

  test('looks the preferred version up for a name alone', async () => {
    const two = { ...notes, id: 'notes:v2', version: 'v2' }
    const transport = serving({
      [`${LIST}?name=notes`]: directory,
      [CENTRAL.replace('v1/rest', 'v2/rest')]: answer(200, two),
    })
    expect((await createClient({ transport }).discover('notes')).$id).toBe('notes:v2')
  })

  test.each([
    '',
    ':v1',
    'notes:',
    'notes:v1:x',
    'no tes',
    'notes:v1/../x',
    '../x',
    'a@b:v1',
    'notes:v1?x',
    '1:v1',
  ])('refuses %j before anything is sent', async (id) => {
    const transport = serving({})
    await expect(createClient({ transport }).discover(id)).rejects.toBeInstanceOf(ValidationError)
    expect(transport.requests).toEqual([])
  })

  test('needs no credential', async () => {
    const auth = { kind: 'test', headers: () => expect.unreachable('the credential was asked for') }
    const transport = serving({ [CENTRAL]: answer(200, notes), [LIST]: directory })
    const google = createClient({ transport, auth })
    await google.discover('notes:v1')
    await google.listApis()
  })

  test('takes call options', async () => {
    const transport = serving({ [`${CENTRAL}?labels=x`]: answer(200, notes) })
    const options = { headers: { 'x-trace': 'abc' }, extraQuery: { labels: 'x' } }
    await createClient({ transport }).discover('notes:v1', options)
    expect(transport.requests[0]!.headers).toMatchObject({ 'x-trace': 'abc' })
  })
})

describe('a name that is not that of an API', () => {
  test.each([
    ['strage:v1', /'strage' is not the name of an API.*did you mean 'storage'\?/],
    ['Storage:v1', /did you mean 'storage'\?/],
    ['note', /did you mean 'notes'\?/],
    ['notes:1', /no version 1 \(it has v1, v2\).*did you mean 'notes:v1'\?/],
    ['notes:3', /no version 3 \(it has v1, v2\)/],
    ['notes:v22', /did you mean 'notes:v2'\?/],
    ['somethingelse:v1', /is not the name of an API$/],
  ])('%s is answered with what was meant', async (id, message) => {
    const transport = serving({ [LIST]: directory, [`${LIST}?name=${id}`]: answer(200, {}) })
    await expect(createClient({ transport }).discover(id)).rejects.toThrow(message)
  })

  test('is told from one whose document is missing', async () => {
    const transport = serving({ [LIST]: directory })
    const failure = createClient({ transport }).discover('notes:v1')
    await expect(failure).rejects.toBeInstanceOf(ValidationError)
    await expect(failure).rejects.toThrow(/notes:v1 cannot be had/)
    await expect(failure).rejects.not.toThrow(/did you mean/)
  })

  test('is said so also when the list of APIs cannot be had', async () => {
    await expect(createClient({ transport: serving({}) }).discover('strage:v1')).rejects.toThrow(
      "'strage' is not the name of an API",
    )
  })
})

test.each([
  { items: [{ name: 'notes' }] },
  { items: [{ name: 'notes', version: 'v1/../../x', preferred: true }] },
  { items: [{ name: 7, version: {} }] },
  { items: [{ name: 'other', version: 'v1', preferred: true }] },
])('no version is taken from a list like %j', async (list) => {
  const transport = answering(({ url }) => (url.startsWith(LIST) ? answer(200, list) : NOT_FOUND))
  await expect(createClient({ transport }).discover('notes')).rejects.toBeInstanceOf(ValidationError)
  expect(urls(transport)).toEqual([`${LIST}?name=notes`, LIST])
})

test.each([undefined, null, 7, {}])('an id must be a text: %j is refused', async (id) => {
  const transport = serving({})
  await expect(createClient({ transport }).discover(id as never)).rejects.toBeInstanceOf(ValidationError)
  expect(transport.requests).toEqual([])
})

describe('a document that is none', () => {
  const discover = (first: ReturnType<typeof answer>, second = NOT_FOUND): Promise<unknown> =>
    createClient({ transport: serving({ [CENTRAL]: first, [OWN]: second }), retry: false }).discover(
      'notes:v1',
    )

  test.each([
    ['a web page', answer(200, '<html>', { 'content-type': 'text/html' })],
    ['broken JSON', answer(200, '{"name":', { 'content-type': 'application/json' })],
    ['JSON of another kind', answer(200, { kind: 'storage#bucket', name: 'notes' })],
    ['a list', answer(200, [])],
    ['nothing', answer(200, '', { 'content-type': 'application/json' })],
    ['bytes', answer(200, Uint8Array.of(0, 1, 2))],
  ])('is a ParseError when it is %s', async (_, page) => {
    await expect(discover(page)).rejects.toBeInstanceOf(ParseError)
  })

  test('is refused when it is that of another API or version', async () => {
    await expect(discover(answer(200, { ...notes, name: 'other' }))).rejects.toBeInstanceOf(ValidationError)
    await expect(discover(answer(200, { ...notes, version: 'v2' }))).rejects.toBeInstanceOf(ValidationError)
    expect(await discover(answer(200, { ...notes, version: 'v2' }), answer(200, notes))).toMatchObject({})
  })

  test.each([500, 403, 302])('is the error of the answer when that was %i', async (status) => {
    await expect(discover(answer(status))).rejects.toMatchObject({ status, request: { id: 'discovery' } })
  })
})

describe('listApis', () => {
  let emulator: Emulator
  beforeAll(async () => {
    emulator = await createEmulator()
  })
  afterAll(() => emulator.close())
  beforeEach(() => emulator.journal.clear())

  test('lists what there is', async () => {
    const { items } = await createClient(emulator.connect()).listApis()
    expect(items.map((item) => item.id)).toEqual(expect.arrayContaining(['storage:v1', 'discovery:v1']))
  })

  test('sends its query, without what is not given', async () => {
    const google = createClient(emulator.connect())
    const { items } = await google.listApis({ name: 'storage', preferred: true, fields: 'items(id)' })
    expect(items).toMatchObject([{ id: 'storage:v1' }])
    await google.listApis({ preferred: false, name: undefined } as never)
    expect(emulator.journal.exchanges.map((exchange) => exchange.path)).toEqual([
      '/discovery/v1/apis?name=storage&preferred=true&fields=items%28id%29',
      '/discovery/v1/apis?preferred=false',
    ])
  })

  test('gives an empty list for a name that is none, and where the answer has no items', async () => {
    const google = createClient(emulator.connect())
    expect((await google.listApis({ name: 'nonsense' })).items).toEqual([])
    const bare = createClient({
      transport: answering(() => answer(200, { kind: 'discovery#directoryList' })),
    })
    expect(await bare.listApis()).toEqual({ kind: 'discovery#directoryList', items: [] })
  })

  test.each([
    [{ names: 'storage' }, { path: 'names', suggestion: 'name' }],
    [{ prefered: true }, { path: 'prefered', suggestion: 'preferred' }],
    [{ name: 7 }, { path: 'name', message: 'must be a string' }],
    [{ preferred: 'true' }, { path: 'preferred', message: 'must be a boolean' }],
    [{ fields: ['items'] }, { path: 'fields', message: 'must be a string' }],
  ])('refuses %j before anything is sent', async (query, problem) => {
    const google = createClient(emulator.connect())
    await expect(google.listApis(query as never)).rejects.toMatchObject({ problems: [problem] })
    expect(emulator.journal.exchanges).toEqual([])
  })

  test.each([
    answer(200, { items: [null] }),
    answer(200, { items: 7 }),
    answer(200, 'x', { 'content-type': 'text/plain' }),
    answer(204),
  ])('refuses what is no list', async (page) => {
    await expect(createClient({ transport: answering(() => page) }).listApis()).rejects.toBeInstanceOf(
      ParseError,
    )
  })
})
