import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createClient, ValidationError } from 'discokit'
import { createEmulator } from 'discokit/emulator'
import { readDocument, readDocuments } from 'discokit/node'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'discokit-documents-'))
})
afterEach(() => rm(folder, { recursive: true }))

const notes = {
  kind: 'discovery#restDescription',
  name: 'notes',
  version: 'v1',
  rootUrl: 'https://notes.googleapis.com/',
  servicePath: '',
  resources: { notes: { methods: { list: { id: 'notes.list', path: 'v1/notes', httpMethod: 'GET' } } } },
}

/** Writes a file into the folder and gives its path. */
async function write(name: string, content: unknown): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

async function refusal(attempt: Promise<unknown>): Promise<string> {
  const error: unknown = await attempt.catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(ValidationError)
  return (error as Error).message
}

describe('readDocument', () => {
  test('reads what google.api takes', async () => {
    const document = await readDocument(await write('notes.json', notes))
    expect(document).toEqual(notes)
    await using emulator = await createEmulator({ documents: [document] })
    await using google = createClient({
      ...emulator.connect(),
      auth: emulator.serviceAccount(),
      retry: false,
    })
    const api = google.api(document)
    await expect(api['notes'].list()).rejects.toMatchObject({ status: 501 })
    expect(emulator.journal.exchanges.at(-1)?.methodId).toBe('notes.list')
  })

  test('reads a file that begins with a byte order mark', async () => {
    expect(await readDocument(await write('notes.json', `\ufeff${JSON.stringify(notes)}`))).toEqual(notes)
  })

  test.each<[string, unknown, string]>([
    ['no JSON', '{"name": "secret', 'is not JSON'],
    ['nothing', '', 'is not JSON'],
    ['a list', [], 'it lacks name, version, rootUrl, servicePath'],
    ['null', 'null', 'it lacks name'],
    ['another object', { name: 'package', version: '1.0.0' }, 'it lacks rootUrl, servicePath'],
    ['a document without address', { ...notes, rootUrl: 'notes' }, 'rootUrl'],
    ['a document at another kind of address', { ...notes, rootUrl: 'file:///etc/' }, 'rootUrl'],
  ])('refuses %s, and names the file', async (_, content, why) => {
    const file = await write('a.json', content)
    const message = await refusal(readDocument(file))
    expect(message).toContain(`${file}: `)
    expect(message).toContain(why)
    expect(message).not.toContain('secret')
  })

  test('refuses bytes that are no UTF-8', async () => {
    const file = join(folder, 'a.json')
    await writeFile(file, Uint8Array.of(0x22, 0xff, 0x22))
    expect(await refusal(readDocument(file))).toContain('is not JSON')
  })

  test('refuses what is not there, or is no file', async () => {
    expect(await refusal(readDocument(join(folder, 'none.json')))).toContain('none.json: does not exist')
    expect(await refusal(readDocument(folder))).toContain(`${folder}: is not a file`)
  })

  test('refuses a file past 64 MiB without reading it', async () => {
    const file = await write('large.json', '')
    await truncate(file, 64 * 1024 * 1024 + 1)
    expect(await refusal(readDocument(file))).toContain(
      'large.json: has 67108865 bytes; at most 67108864 are read',
    )
  })
})

describe('readDocuments', () => {
  test('reads every document of a folder by the order of names, and passes over lists and other files', async () => {
    await write('z.json', { ...notes, version: 'v2' })
    await write('a.json', notes)
    await write('_directory.json', { kind: 'discovery#directoryList', items: [] })
    await write('README.md', 'Documents')
    await mkdir(join(folder, 'more'))
    const documents = await readDocuments(folder)
    expect(documents.map(({ version }) => version)).toEqual(['v1', 'v2'])
  })

  test('refuses a file that is neither, and names it', async () => {
    await write('a.json', notes)
    const file = await write('package.json', { name: 'package', version: '1.0.0' })
    expect(await refusal(readDocuments(folder))).toContain(`${file}: is not a discovery document`)
  })

  test('refuses two documents of one API, and names both', async () => {
    const [one, two] = [await write('a.json', notes), await write('b.json', notes)]
    expect(await refusal(readDocuments(folder))).toContain(`${two}: is a document of notes:v1, as ${one} is`)
  })

  test('refuses a folder without documents, a folder that is not there, and a file', async () => {
    expect(await refusal(readDocuments(folder))).toContain(`${folder}: has no discovery document`)
    expect(await refusal(readDocuments(join(folder, 'none')))).toContain('none: does not exist')
    expect(await refusal(readDocuments(await write('a.json', notes)))).toContain('a.json: is not a folder')
  })
})
