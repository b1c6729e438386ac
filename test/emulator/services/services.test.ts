import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { createClient } from '../../../src/index.ts'
import { createEmulator } from '../../../src/emulator/index.ts'
import { methodsOf } from '../../../src/emulator/methods-of.ts'
import { services } from '../../../src/emulator/services/index.ts'
import { starterDocuments } from '../../../src/emulator/starter-documents.ts'

describe.each(services.map((service) => [service.api, service] as const))('%s', (api, service) => {
  test('is told of on the page about the emulator', async () => {
    const page = await readFile('docs/emulator.md', 'utf8')
    expect(page).toContain(api === 'discovery:v1' ? 'Discovery Service' : `\`${api}\``)
  })

  test('has a document, and models methods of it only', async () => {
    const document = (await starterDocuments()).find((each) => `${each.name}:${each.version}` === api)!
    const ids = methodsOf(document).map(({ id }) => id)
    expect(ids).toEqual(expect.arrayContaining(Object.keys(service.handlers)))
    expect(Object.keys(service.handlers)).toEqual(expect.arrayContaining([...(service.apiKey ?? [])]))
  })

  test('has a document without a word of prose but our own', async () => {
    const document = (await starterDocuments()).find((each) => `${each.name}:${each.version}` === api)!
    const { title, description, ...rest } = document
    expect([title, description]).toEqual([expect.any(String), expect.any(String)])
    expect(JSON.stringify(rest)).not.toMatch(/"(description|title)":"|"enumDescriptions":\[/)
  })
})

test('a service account may call each API with a scope of it', async () => {
  await using emulator = await createEmulator()
  const scopes = 'drive calendar contacts cloud-platform youtube books urlshortener userinfo.email'
    .split(' ')
    .map((name) => `https://www.googleapis.com/auth/${name}`)
  const google = createClient({ ...emulator.connect(), auth: emulator.serviceAccount({ scopes }) })
  const api = async (id: string): Promise<any> => google.discover(id)
  await (await api('drive:v3')).files.list()
  await (await api('calendar:v3')).calendarList.list()
  await (await api('people:v1')).people.connections.list({ resourceName: 'people/me', personFields: 'names' })
  await (await api('translate:v2')).translations.translate({ body: { q: ['a'], target: 'de' } })
  await (await api('youtube:v3')).channels.list({ part: ['id'], mine: true })
  await (await api('books:v1')).mylibrary.bookshelves.list()
  await (await api('urlshortener:v1')).url.list()
  await (await api('oauth2:v2')).userinfo.get()
  const answered = emulator.journal.exchanges.filter(
    ({ methodId }) => !/^(discovery|oauth2.token)/.test(methodId!),
  )
  expect(answered.map(({ status }) => status)).toEqual(answered.map(() => 200))
  expect(answered).toHaveLength(8)
})
