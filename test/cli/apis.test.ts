import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RestDescription } from 'discokit'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { libraryDocument } from '../codegen/library-document.ts'
import { type Outcome, runCommand } from './run-command.ts'

let emulator: Emulator
let env: Record<string, string>
let folder: string

beforeAll(async () => {
  emulator = await createEmulator({ documents: [libraryDocument] })
  const { url } = await emulator.listen()
  env = { DISCOKIT_EMULATOR: url, DISCOKIT_CACHE: 'off' }
})
afterAll(() => emulator.close())
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'discokit-apis-'))
})
afterEach(() => rm(folder, { recursive: true }))

const discokit = (...argv: string[]): Promise<Outcome> => runCommand(argv, { cwd: folder, env })
const read = (file: string): Promise<string> => readFile(join(folder, file), 'utf8')
const write = (file: string, text: string): Promise<void> => writeFile(join(folder, file), text)
const lock = async (): Promise<Record<string, Record<string, unknown>>> =>
  (JSON.parse(await read('discokit.lock.json')) as { apis: Record<string, Record<string, unknown>> }).apis
const writeDocument = (changes: Partial<RestDescription>): Promise<void> =>
  write('library.json', JSON.stringify({ ...libraryDocument, ...changes }))

describe('discokit add', () => {
  test('writes a file for each API and records what it was made of', async () => {
    const { code, stdout, stderr } = await discokit('add', 'library:v1', 'storage')
    expect(stderr).toContain(
      `discokit: library:v1 is that of the server at ${emulator.url}/, and its file calls that alone`,
    )
    expect(code).toBe(0)
    expect(stdout).toMatch(/^ok library:v1 +google\/library\.v1\.ts, 16 methods, revision 20261120$/m)
    expect(stdout).toMatch(/^ok storage:v1 +google\/storage\.v1\.ts, \d+ methods/m)
    expect(stdout).toContain(
      "  import libraryV1 from './google/library.v1.js'\n  const library = google.api(libraryV1)",
    )
    expect((await readdir(join(folder, 'google'))).toSorted()).toEqual(['library.v1.ts', 'storage.v1.ts'])
    expect((await lock())['library:v1']).toEqual({
      name: 'library',
      version: 'v1',
      revision: '20261120',
      document: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      file: 'google/library.v1.ts',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    })
    expect((await discokit('check')).stdout).toContain('2 APIs as in discokit.lock.json')
  })

  test('writes only some methods, and the types that they need', async () => {
    const outcome = await discokit(
      'add',
      'library:v1',
      'storage:v1',
      '--only',
      'books.get,buckets.*',
      '--out',
      'src/apis',
    )
    expect(outcome).toMatchObject({ code: 0 })
    const text = await read('src/apis/library.v1.ts')
    expect(text).toContain('interface Book ')
    expect(text).not.toContain('BookList')
    expect(text).not.toContain('BookInput')
    expect(text.match(/httpMethod/g)).toHaveLength(1)
    expect((await lock())['library:v1']).toMatchObject({
      only: ['books.get'],
      file: 'src/apis/library.v1.ts',
    })
    expect((await lock())['storage:v1']).toMatchObject({ only: ['buckets.*'] })
  })

  test('takes a document from a file, and registers the API when told to', async () => {
    await writeDocument({})
    const outcome = await discokit('add', '--from', 'library.json', '--augment', '--out=.')
    expect(outcome).toMatchObject({ code: 0, stderr: '' })
    expect(await read('library.v1.ts')).toContain("interface Apis {\n    'library:v1': LibraryV1")
    expect((await lock())['library:v1']).toMatchObject({
      from: 'library.json',
      augment: true,
      file: 'library.v1.ts',
    })
  })

  test.each([
    [['add'], 2, 'which API? Name one, such as drive:v3'],
    [['add', 'libary:v1'], 1, "(did you mean 'library'?)"],
    [['add', 'library:v1', '--only', 'boks.*'], 2, "no method is called 'boks.*' (did you mean 'books.*'?)"],
    [['add', 'library:v1', 'storage:v1', '--only', 'buckets.*'], 2, '--only leaves nothing of library:v1'],
    [['add', 'library:v1', '--only', 'a,,b'], 2, '--only has an empty pattern'],
    [['add', 'library:v1', '--only='], 2, '--only needs a value'],
    [['add', 'library:v1', '--only', 'books.get', '--only=books.list'], 2, '--only is given twice'],
    [['add', 'library:v1', '--out', '/tmp'], 2, '--out must be a path from this folder'],
    [['add', 'a:v1', 'b:v1', '--from', 'x'], 2, '--from has the document of one API'],
    [['add', '--from', 'missing.json'], 2, 'the document missing.json cannot be read (ENOENT)'],
    [['add', '--from', 'package.json'], 1, 'package.json: is not a discovery document'],
    [['add', 'drive:v3', '--from', 'library.json'], 1, 'describes library:v1; asked for was drive:v3'],
    [['add', 'library:v1', '--augmented'], 2, "no option '--augmented' (did you mean '--augment'?)"],
  ])('refuses %j in one line and writes nothing', async (argv, code, message) => {
    await write('package.json', '{}')
    await writeDocument({})
    const outcome = await discokit(...argv)
    expect(outcome).toMatchObject({ code, stdout: '' })
    expect(outcome.stderr).toContain(message)
    expect(outcome.stderr.trimEnd().split('\n')).toHaveLength(1)
    expect((await readdir(folder)).toSorted()).toEqual(['library.json', 'package.json'])
  })

  test("writes over a file of its own, and over nobody else's", async () => {
    await mkdir(join(folder, 'google'))
    await write('google/library.v1.ts', 'export const mine = 1\n')
    expect((await discokit('add', 'library:v1')).stderr).toBe(
      'discokit: nothing was written: google/library.v1.ts: is there already, and not a file of discokit\n',
    )
    expect(await read('google/library.v1.ts')).toBe('export const mine = 1\n')
    await rm(join(folder, 'google/library.v1.ts'))
    expect(await discokit('add', 'library:v1')).toMatchObject({ code: 0 })
    expect(await discokit('add', 'library:v1', '--only', 'books.get')).toMatchObject({ code: 0 })
    await write('google/library.v1.ts', `${await read('google/library.v1.ts')}// mine\n`)
    expect((await discokit('add', 'library:v1')).stderr).toContain('was changed by hand; delete it')
  })

  test('leaves a lock file alone that it does not understand', async () => {
    await write('discokit.lock.json', '{ "lockfileVersion": 2, "apis": {} }')
    expect((await discokit('add', 'library:v1')).stderr).toContain(
      'has the version 2; this discokit knows version 1',
    )
    await write('discokit.lock.json', '<<<<<<< HEAD')
    expect((await discokit('add', 'library:v1')).stderr).toContain('is not a lock file of discokit')
    await write('discokit.lock.json', '{ "lockfileVersion": 1, "apis": { "a:v1": {} } }')
    expect((await discokit('check')).stderr).toContain('says something of a:v1 that discokit did not write')
  })
})

describe('several commands', () => {
  test('at the same time leave out nothing', async () => {
    const ids = ['library:v1', 'storage:v1', 'drive:v3', 'calendar:v3']
    const outcomes = await Promise.all(ids.map((id) => discokit('add', id)))
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0, 0])
    expect(Object.keys(await lock())).toEqual(ids.toSorted())
    expect(await discokit('check')).toMatchObject({ code: 0 })
    expect((await readdir(folder)).toSorted()).toEqual(['discokit.lock.json', 'google'])
  })

  test('move a file to another folder, unless somebody has changed it', async () => {
    expect(await discokit('add', 'library:v1')).toMatchObject({ code: 0 })
    const moved = await discokit('add', 'library:v1', '--out', 'src/my apis')
    expect(moved.stdout).toMatch(/^ok removed +google\/library\.v1\.ts$/m)
    expect(await readdir(join(folder, 'google'))).toEqual([])
    await write('src/my apis/library.v1.ts', `${await read('src/my apis/library.v1.ts')}// mine\n`)
    expect(await discokit('add', 'library:v1', '--out', 'google')).toMatchObject({ code: 0 })
    expect(await read('src/my apis/library.v1.ts')).toContain('// mine')
  })

  test('keep to what was chosen before, unless told otherwise', async () => {
    const first = ['add', 'library:v1', '--only', 'library.books.get,about', '--out', 'apis', '--augment']
    expect(await discokit(...first)).toMatchObject({ code: 0 })
    const before = await lock()
    const again = await discokit('add', 'library')
    expect(again.stdout).toMatch(/^ok library:v1 +apis\/library\.v1\.ts, 2 methods/m)
    expect(again.stdout).toContain("// or discover('library:v1')")
    expect(await lock()).toEqual(before)
    expect(await discokit('add', 'library:v1', '--only', '*', '--no-augment')).toMatchObject({ code: 0 })
    expect((await lock())['library:v1']).not.toHaveProperty('augment')
    expect(await read('apis/library.v1.ts')).toContain('BooksListParameters')
  })

  test('do not take a file of discokit for their own that the lock file does not name', async () => {
    expect(await discokit('add', 'library:v1')).toMatchObject({ code: 0 })
    await rm(join(folder, 'discokit.lock.json'))
    expect(await discokit('add', 'library:v1')).toMatchObject({ code: 0 }) // it is what would be written
    await rm(join(folder, 'discokit.lock.json'))
    expect((await discokit('add', 'library:v1', '--only', 'books.get')).stderr).toContain(
      'is not in discokit.lock.json',
    )
  })
})

describe('discokit check', () => {
  beforeEach(async () => {
    expect(await discokit('add', 'library:v1')).toMatchObject({ code: 0 })
  })

  test('is content with what was written, whatever ends its lines', async () => {
    expect((await discokit('check')).stdout).toMatch(/^ok checked +1 API as in discokit\.lock\.json$/m)
    await write('google/library.v1.ts', (await read('google/library.v1.ts')).replaceAll('\n', '\r\n'))
    expect(await discokit('check')).toMatchObject({ code: 0, stderr: '' })
  })

  test('fails for a file that was changed, is missing, or is not in the lock file', async () => {
    const text = await read('google/library.v1.ts')
    await write('google/library.v1.ts', text.replace('pageSize?: number', 'pageSize?: string'))
    await write('google/drive.v3.ts', text)
    await write('google/mine.ts', 'export {}\n')
    expect(await discokit('check')).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'discokit: google/library.v1.ts is not as it was written; delete it, then discokit update library:v1 writes it\n' +
        'discokit: google/drive.v3.ts is not in discokit.lock.json; add its API or delete it\n',
    })
    await rm(join(folder, 'google'), { recursive: true })
    expect((await discokit('check')).stderr).toContain('google/library.v1.ts is not there; discokit update')
  })

  test('fails where there is nothing to check', async () => {
    await rm(join(folder, 'discokit.lock.json'))
    expect(await discokit('check')).toMatchObject({ code: 2 })
    expect((await discokit('check', 'library:v1')).stderr).toContain("discokit check takes no 'library:v1'")
  })
})

describe('discokit update', () => {
  const { schemas = {}, resources = {} } = libraryDocument
  const { books } = resources
  const { delete: gone, list, ...methods } = books!.methods!
  const { author: _, ...parameters } = list!.parameters!
  const { pages: __, ...properties } = schemas['Book']!.properties!
  const { Report: ___, ...types } = schemas
  const kind = { ...properties['kind'], enum: ['NOVEL', 'SONG'] }
  const isbn = { type: 'string' }
  const changed: Partial<RestDescription> = {
    revision: '20270101',
    schemas: {
      ...types,
      Book: { ...schemas['Book']!, properties: { ...properties, kind, isbn, tags: { $ref: 'Tags' } } },
      Tags: { type: 'object', properties: { all: { type: 'string' } } },
    },
    resources: {
      ...resources,
      books: {
        ...books,
        methods: {
          ...methods,
          report: { ...methods['report']!, response: { $ref: 'BookList' } },
          list: { ...list!, parameters: { ...parameters, language: { type: 'string', location: 'query' } } },
          remove: gone!,
        },
      },
    },
  }

  beforeEach(async () => {
    await writeDocument({})
    expect(await discokit('add', '--from', 'library.json')).toMatchObject({ code: 0 })
  })

  test('shows what changed, then writes it', async () => {
    await writeDocument(changed)
    const before = await read('google/library.v1.ts')
    const shown = await discokit('update', '--dry-run')
    expect(shown.stdout).toBe(
      `${[
        'library:v1  revision 20261120 → 20270101',
        '  - method    books.delete',
        '  + method    books.remove',
        '  ~ method    books.report: PagedMethod<Report> → ListMethod<BookList, Book>',
        '  - parameter books.list(author)',
        '  + parameter books.list(language)',
        '  - type      Report',
        '  + type      Tags',
        '  + property  Book.isbn',
        "  ~ property  Book.kind: +'SONG' -'POEM'",
        '  - property  Book.pages',
        '  ~ property  Book.tags: string[] → Tags',
      ].join('\n')}\n`,
    )
    expect(await read('google/library.v1.ts')).toBe(before)
    const written = await discokit('update', 'library:v1')
    expect(written.stdout).toContain(shown.stdout)
    expect(written.stdout).toMatch(/^ok library:v1 +google\/library\.v1\.ts, 16 methods, revision 20270101$/m)
    expect(await read('google/library.v1.ts')).toContain('isbn?: string')
    expect((await lock())['library:v1']).toMatchObject({ revision: '20270101' })
    expect(await discokit('check')).toMatchObject({ code: 0 })
    expect((await discokit('update')).stdout).toMatch(/^ok library:v1 +nothing has changed$/m)
  })

  test('tells of what no type shows', async () => {
    const insert = books!.methods!['insert']!
    const scopes = insert.scopes!.join(' ')
    const scoped = { ...insert, path: 'volumes', scopes: ['https://www.googleapis.com/auth/library.write'] }
    const get = { ...books!.methods!['get']!, deprecated: true }
    const needed = {
      ...list!,
      parameters: { ...list!.parameters, author: { ...list!.parameters!['author']!, required: true } },
    }
    await writeDocument({
      rootUrl: 'https://elsewhere.example/',
      parameters: { ...libraryDocument.parameters, quotaUser: { type: 'string', location: 'query' } },
      resources: {
        ...resources,
        books: { ...books, methods: { ...books!.methods!, insert: scoped, get, list: needed } },
      },
    })
    const { stdout } = await discokit('update')
    expect(stdout.split('\n').slice(1, 7)).toEqual([
      '  ~ API       API: address: https://library.googleapis.com/library/v1/ → https://elsewhere.example/library/v1/',
      '  ~ method    books.get: deprecated: no → yes',
      '  ~ method    books.insert: address: POST books → POST volumes',
      `  ~ method    books.insert: scopes: ${scopes} → https://www.googleapis.com/auth/library.write`,
      '  ~ parameter books.list(author): optional Repeated<string> → required Repeated<string>',
      '  + parameter every method(quotaUser)',
    ])
  })

  test('keeps patterns that nothing fits for now', async () => {
    expect(await discokit('add', '--from', 'library.json', '--only', 'books.get,books.delete')).toMatchObject(
      { code: 0 },
    )
    await writeDocument(changed)
    const { stdout } = await discokit('update')
    expect(stdout).toContain("no method is called 'books.delete' any more")
    await writeDocument({})
    expect((await discokit('update')).stdout).toContain('+ method    books.delete')
  })

  test('sees no change in ends of lines', async () => {
    const text = await read('google/library.v1.ts')
    await write('google/library.v1.ts', text.replaceAll('\n', '\r\n'))
    expect((await discokit('update', '--dry-run')).stdout).toMatch(/nothing has changed/)
  })

  test('keeps to the methods and the folder that were chosen', async () => {
    expect(
      await discokit('add', '--from', 'library.json', '--only', 'books.list', '--out', 'apis'),
    ).toMatchObject({
      code: 0,
    })
    await writeDocument(changed)
    const { stdout } = await discokit('update', '--yes')
    expect(stdout).toContain('+ parameter books.list(language)')
    expect(stdout).not.toContain('books.remove')
    expect(await read('apis/library.v1.ts')).toContain('language?: string')
  })

  test('says when only the prose is new, and writes a file that is gone', async () => {
    await writeDocument({ description: 'Books.' })
    expect((await discokit('update')).stdout).toContain('only its prose')
    await rm(join(folder, 'google/library.v1.ts'))
    expect((await discokit('update')).stdout).toContain('google/library.v1.ts is not there')
    expect(await read('google/library.v1.ts')).toContain('LibraryV1')
  })

  test('leaves alone a file that was changed by hand', async () => {
    await writeDocument(changed)
    const text = `${await read('google/library.v1.ts')}// mine\n`
    await write('google/library.v1.ts', text)
    expect(await discokit('update')).toMatchObject({ code: 1 })
    expect(await read('google/library.v1.ts')).toBe(text)
  })

  test.each([
    [['update', 'libary:v1'], "has no 'libary:v1' (did you mean 'library:v1'?)"],
    [['update', '--dryrun'], "no option '--dryrun' (did you mean '--dry-run'?)"],
  ])('refuses %j', async (argv, message) => {
    expect((await discokit(...argv)).stderr).toContain(message)
  })
})
