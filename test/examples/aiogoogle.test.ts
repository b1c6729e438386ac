import { readdir, readFile, writeFile } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { UntypedApi } from 'discokit'
import { openStage, type Running, type Stage } from './stage.ts'

let stage: Stage
const ran = new Set<string>()

beforeAll(async () => {
  stage = await openStage()
})
beforeEach(() => stage.emulator.reset())
afterAll(() => stage[Symbol.asyncDispose]())

function run(name: string, ...args: string[]): Promise<string> {
  ran.add(name)
  return stage.run(`examples/aiogoogle/${name}.ts`, ...args)
}

function start(name: string): Promise<Running> {
  ran.add(name)
  return stage.start(`examples/aiogoogle/${name}.ts`)
}

/** The address that a program says to open. */
const addressIn = (line: string): string => /^Open (http:\S+)$/.exec(line)![1]!

/** Asks as a browser does that has a cookie, and follows no redirection. */
async function browse(address: string, cookie = ''): Promise<{ to: string; text: string; cookies: string }> {
  const answer = await fetch(address, { redirect: 'manual', headers: { cookie } })
  const cookies = answer.headers.getSetCookie().map((line) => line.split(';')[0])
  const to = answer.headers.get('location') ?? ''
  return { to, text: await answer.text(), cookies: cookies.join('; ') }
}

/** An API as the person has it whose token the programs use. */
const api = (id: string): Promise<UntypedApi> => stage.person.discover(id)

/** The methods that were called, without those of discovery and of tokens. */
function called(): string[] {
  const ids = stage.emulator.journal.exchanges.map(({ methodId }) => methodId ?? '')
  return ids.filter((id) => id !== '' && !/^(discovery|oauth2)\./.test(id))
}

describe('with an API key', () => {
  test('shorten-url makes a short address', async () => {
    expect(await run('shorten-url', 'https://example.com/long')).toMatch(
      /^https:\/\/example\.com\/long → http:\/\/goo\.gl\/\w{6}\n$/,
    )
    expect(called()).toEqual(['urlshortener.url.insert'])
  })

  test('shorten-urls makes several, and says which it cannot', async () => {
    const output = await run('shorten-urls', 'https://example.com/1', 'mailto:me', 'https://example.com/2')
    const [first, second, third] = output.split('\n')
    expect(first).toMatch(/^https:\/\/example\.com\/1 → http:\/\/goo\.gl\/\w{6}$/)
    expect(second).toMatch(/^mailto:me has no short address: GoogleApiError: urlshortener\.url\.insert/)
    expect(third).toMatch(/^https:\/\/example\.com\/2 → http:\/\/goo\.gl\/\w{6}$/)
  })

  test('translate asks for Latin', async () => {
    expect(await run('translate', 'Good morning', 'Good night')).toBe('[la] Good morning\n[la] Good night\n')
  })
})

describe('as a person', () => {
  test('list-events goes through the calendar in order', async () => {
    const calendar = await api('calendar:v3')
    const insert = (summary: string, start: object, end: object): Promise<unknown> =>
      calendar.events.insert({ calendarId: 'primary', body: { summary, start, end } })
    await insert('Review', { dateTime: '2026-02-03T10:00:00Z' }, { dateTime: '2026-02-03T11:00:00Z' })
    await insert('Holiday', { date: '2026-02-01' }, { date: '2026-02-02' })
    expect(await run('list-events')).toMatch(/^2026-02-01 Holiday\n2026-02-03T10:00:00\S* Review\n$/)
  })

  test('list-files lists all pages', async () => {
    const drive = await api('drive:v3')
    const names = Array.from({ length: 130 }, (_, i) => `file ${String(i).padStart(3, '0')}`)
    await Promise.all(names.map((name) => drive.files.create({ body: { name } })))
    const lines = (await run('list-files')).trimEnd().split('\n')
    expect(lines.map((line) => line.replace(/^[\w-]+: /, ''))).toEqual(names)
    expect(called().filter((id) => id === 'drive.files.list')).toHaveLength(2)
  })

  test('download-file saves a file under its own name', async () => {
    const drive = await api('drive:v3')
    const { id } = await drive.files.create({ body: { name: 'archive.txt' }, media: 'old things' })
    expect(await run('download-file', id)).toBe('archive.txt: 10 bytes\n')
    expect(await readFile(join(stage.folder, 'archive.txt'), 'utf8')).toBe('old things')
  })

  test('upload-file stores a file under another name', async () => {
    await writeFile(join(stage.folder, 'note.txt'), 'remember')
    const output = await run('upload-file', 'note.txt', 'Notes')
    const [, id] = /^note\.txt is stored as Notes, with the id ([\w-]+)\n$/.exec(output)!
    const drive = await api('drive:v3')
    expect(await drive.files.get({ fileId: id })).toMatchObject({ name: 'Notes', mimeType: 'text/plain' })
    expect(await drive.files.get.download({ fileId: id }).text()).toBe('remember')
  })

  test('list-contacts goes through all pages, also those without a name or a number', async () => {
    const { people } = await api('people:v1')
    for (let i = 10; i < 22; i++) {
      const names = [{ givenName: 'Contact', familyName: String(i) }]
      await people.createContact({ body: { names, phoneNumbers: [{ value: `+1 555 01${i}` }] } })
    }
    await people.createContact({ body: { names: [{ givenName: 'Silent' }] } })
    const lines = (await run('list-contacts')).trimEnd().split('\n')
    expect(lines.at(-1)).toBe('13 contacts')
    expect(lines).toContain('Contact 10 +1 555 0110')
    expect(lines).toContain('Silent (no number)')
    expect(called().filter((id) => id === 'people.people.connections.list')).toHaveLength(2)
  })

  test('list-playlists lists the playlists of the person', async () => {
    const { playlists } = await api('youtube:v3')
    await playlists.insert({ part: ['snippet'], body: { snippet: { title: 'Evening' } } })
    expect(await run('list-playlists')).toMatch(/^\S+ Evening\n$/)
  })
})

describe('as a service account', () => {
  test('list-buckets lists the buckets of a project', async () => {
    const storage = await api('storage:v1')
    for (const name of ['one-bucket', 'two-bucket'])
      await storage.buckets.insert({ project: 'my-project', body: { name } })
    expect(await run('list-buckets', 'my-project')).toBe('one-bucket\ntwo-bucket\n')
  })

  test('upload-object stores a file with its type', async () => {
    const storage = await api('storage:v1')
    await storage.buckets.insert({ project: 'p', body: { name: 'my-tables' } })
    await writeFile(join(stage.folder, 'one.csv'), 'a,b\n')
    expect(await run('upload-object', 'my-tables', 'one.csv', 'tables/one.csv')).toBe(
      'tables/one.csv 4 text/csv\n',
    )
    const stored = storage.objects.get.download({ bucket: 'my-tables', object: 'tables/one.csv' })
    expect(await stored.text()).toBe('a,b\n')
  })

  test('upload-objects stores several together, and none in place of another', async () => {
    const storage = await api('storage:v1')
    await storage.buckets.insert({ project: 'p', body: { name: 'my-tables' } })
    await storage.objects.insert({ bucket: 'my-tables', name: 'two.csv', media: 'older' })
    await writeFile(join(stage.folder, 'one.csv'), '1')
    await writeFile(join(stage.folder, 'two.csv'), '22')
    const [one, two] = (await run('upload-objects', 'my-tables', 'one.csv', 'two.csv')).split('\n')
    expect(one).toBe('one.csv 1 text/csv')
    expect(two).toMatch(/^two\.csv was not stored: PreconditionFailedError: /)
    expect(await storage.objects.get.download({ bucket: 'my-tables', object: 'two.csv' }).text()).toBe(
      'older',
    )
  })
})

test('list-buckets-default finds a credential by itself', async () => {
  const storage = await api('storage:v1')
  await storage.buckets.insert({ project: 'my-project', body: { name: 'one-bucket' } })
  expect(await run('list-buckets-default', 'my-project')).toBe('one-bucket\n')
})

describe('asking people for consent', () => {
  const ada = { email: 'ada@example.com' }

  test('oauth2 lists the files of who said yes in this browser', async () => {
    const drive = await api('drive:v3')
    await drive.files.create({ body: { name: 'archive.txt' } })
    await using program = await start('oauth2')
    const { to, cookies } = await browse(addressIn(program.line))
    const back = stage.emulator.consent(to, ada)
    expect((await browse(back)).text).toBe('This browser was not sent anywhere. Begin again.\n')
    expect((await browse(back, cookies)).text).toBe('archive.txt\n')
    expect((await browse(back, cookies)).text).toBe('This browser was not sent anywhere. Begin again.\n')
  })

  test('oauth2 says that somebody said no', async () => {
    await using program = await start('oauth2')
    const { to, cookies } = await browse(addressIn(program.line))
    const { text } = await browse(stage.emulator.consent(to, { ...ada, deny: true }), cookies)
    expect(text).toContain('access_denied')
  })

  test('openid-connect knows who signed in', async () => {
    await using program = await start('openid-connect')
    const site = addressIn(program.line)
    expect((await browse(site)).text).toBe(`Open ${site}/login\n`)
    const { to, cookies } = await browse(`${site}/login`)
    const signedIn = await browse(stage.emulator.consent(to, ada), cookies)
    expect(signedIn.to).toBe('/')
    expect((await browse(site, signedIn.cookies)).text).toBe('You are ada@example.com.\n')
  })

  test('openid-connect-cli waits for the browser and says who it was', async () => {
    await using program = await start('openid-connect-cli')
    const back = stage.emulator.consent(addressIn(program.line), ada)
    await browse(new URL('/favicon.ico', back).href)
    expect((await browse(back)).text).toBe('You may close this window.\n')
    expect(await program.rest()).toBe('ada@example.com true\n')
  })
})

describe('in other ways', () => {
  test('partial-response gets what `fields` names and nothing else', async () => {
    const drive = await api('drive:v3')
    await drive.files.create({
      body: { name: 'plan.txt' },
      media: { content: 'x', contentType: 'text/plain' },
    })
    expect(await run('partial-response')).toBe(
      "[ { id: 'drive:v3' } ]\n{ files: [ { name: 'plan.txt', mimeType: 'text/plain' } ] }\n",
    )
  })

  test('other-transport sends with fetch', async () => {
    const output = await run('other-transport')
    expect(output).toMatch(
      /^GET \/discovery\/v1\/apis\/calendar\/v3\/rest\nGET \S+\/calendars\/primary\/events\n0 events\n$/,
    )
    const last = stage.emulator.journal.exchanges.at(-1)!
    expect(last.headers).toHaveProperty('sec-fetch-mode') // a header of Node's fetch, which node:http does not send
  })

  test('stream-file hands a file on in pieces', async () => {
    const bytes = Buffer.alloc(300_000, 'streamed ')
    const drive = await api('drive:v3')
    const { id } = await drive.files.create({ body: { name: 'large.bin' }, media: bytes })
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    expect(await run('stream-file', id)).toBe(`300000 ${sha256}\n300000\n`)
  })

  test('stream-upload sends what comes', async () => {
    const output = await run('stream-upload')
    const [, id] = /^35 bytes are stored as ([\w-]+)\n$/.exec(output)!
    const drive = await api('drive:v3')
    expect(await drive.files.get({ fileId: id })).toMatchObject({
      name: 'readings.csv',
      mimeType: 'text/csv',
    })
    expect(await drive.files.get.download({ fileId: id }).text()).toBe(
      'time,celsius\n08:00,11.5\n09:00,13.0\n',
    )
  })
})

test('every program was run, and stands on the page', async () => {
  const programs = (await readdir('examples/aiogoogle')).filter((name) => name.endsWith('.ts'))
  expect([...ran].toSorted()).toEqual(programs.map((name) => name.slice(0, -3)).toSorted())
  const page = await readFile('docs/from-aiogoogle.md', 'utf8')
  const shown = [...page.matchAll(/\[([\w-]+\.ts)\]\(\.\.\/examples\/aiogoogle\/\1\)/g)].map(
    ([, name = '']) => name,
  )
  expect(shown.toSorted()).toEqual(programs.toSorted())
})
