import {
  chmod,
  mkdir,
  readdir,
  readFile,
  readlink,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { NotFoundError, ParseError, ValidationError } from 'discokit'
import { fileManifest, folder } from 'discokit/node'
import {
  createTransfer,
  type DownloadPlace,
  type TransferFolder,
  type TransferOptions,
  type TransferProgress,
  type TransferResult,
  type TransferRun,
} from 'discokit/storage'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { placeFinder } from '../../src/node/folder-place.ts'
import { bytesOf, connect, connectTo, type Connection, failureOf, same } from '../media/connection.ts'
import { rawServer } from '../media/raw-server.ts'
import { useFolder } from '../media/folder.ts'

const GET = 'storage.objects.get'
const path = useFolder()
let box: Connection
beforeAll(async () => void (box = await connect('over a port')))
afterAll(() => box.close())
beforeEach(async () => {
  box.emulator.reset()
  await box.storage.buckets.insert({ project: 'p', body: { name: 'box' } })
})

async function store(objects: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [name, media] of Object.entries(objects))
    await box.storage.objects.insert({ bucket: 'box', name, media })
}

interface Given extends Partial<DownloadPlace> {
  readonly options?: TransferOptions
  readonly to?: TransferFolder
}
const download = ({ options = {}, to = folder(path('to')), ...from }: Given = {}): TransferRun =>
  createTransfer(box.google, options).download({ bucket: 'box', ...from }, to)

async function linesOf(run: TransferRun): Promise<string[]> {
  const results: TransferResult[] = []
  for await (const result of run) results.push(result)
  return results
    .map(({ name, outcome, reason, error }) => {
      const why =
        error instanceof ValidationError ? error.problems[0]!.message : (error as Error | undefined)?.name
      return [name, outcome, ...(reason ? [reason] : []), ...(why ? [why] : [])].join(' ')
    })
    .sort()
}
const read = (name: string): Promise<string> => readFile(path(`to/${name}`), 'utf8')
const tree = async (): Promise<string[]> => (await readdir(path('to'), { recursive: true })).sort()

describe('a download to a folder', () => {
  test('brings all objects, with the folders that they need', async () => {
    await store({ a: 'A', 'b/c': 'C', 'b/d/e': '' })
    const run = download()
    expect(await linesOf(run)).toEqual(['a done', 'b/c done', 'b/d/e done'])
    expect(await run).toEqual({ done: 3, skipped: 0, failed: 0, bytes: 2, aborted: false, failures: [] })
    expect(await tree()).toEqual(['a', 'b', 'b/c', 'b/d', 'b/d/e'])
    expect(await read('b/c')).toBe('C')
  })

  test.each([
    ['x/', ['1', 'y/2']],
    ['x/y', ['y/2', 'ye']],
    ['x', ['x/1', 'x/y/2', 'x/ye', 'x2']],
  ])('takes the prefix %s off as far as its last /', async (prefix, names) => {
    await store({ 'x/1': 'x', 'x/y/2': 'x', 'x/ye': 'x', x2: 'x', w: 'x' })
    const files = prefix === 'x/' ? [...names, 'ye'] : names
    expect(await linesOf(download({ prefix }))).toEqual(files.map((name) => `${name} done`))
  })

  test('brings the objects of a list of names', async () => {
    await store({ 'p/a': 'A', 'p/b': 'B', c: 'C' })
    const run = download({ objects: ['p/b', 'p/none', 'p/b', 'c', 'p/a'], prefix: 'p/' })
    expect(await linesOf(run)).toEqual([
      'a done',
      'b done',
      'b failed is there twice',
      'c failed does not begin with the prefix',
      'none failed NotFoundError',
    ])
    expect((await run).failures.some(({ error }) => error instanceof NotFoundError)).toBe(true)
  })

  test('passes over objects that stand for folders', async () => {
    await store({ 'p/': '', 'p/q/': '', 'p/q/r': 'R', 'p/s/': 'content' })
    expect(await linesOf(download({ prefix: 'p/' }))).toEqual([
      ' skipped folder',
      'q/ skipped folder',
      'q/r done',
      "s/ failed ends in '/', as folders do",
    ])
  })

  test('inflates what is stored as gzip, unless told not to', async () => {
    const zipped = gzipSync('hello')
    await box.storage.objects.insert({
      bucket: 'box',
      name: 'z',
      body: { contentEncoding: 'gzip' },
      media: zipped,
    })
    await download()
    expect(await read('z')).toBe('hello')
    await download({ decompress: false })
    expect(same(await readFile(path('to/z')), zipped)).toBe(true)
  })

  test('goes on where connections broke, and where the server failed', async () => {
    const big = bytesOf(9_000_000)
    await store({ big, small: 's' })
    const seen: TransferProgress[] = []
    box.emulator.fail(GET, ['return-broken-stream-after-1024K', 'return-503', 'return-reset-connection'])
    const run = download({ options: { onProgress: (progress) => void seen.push(progress) } })
    expect(await run).toMatchObject({ done: 2, bytes: 9_000_001 })
    expect(same(await readFile(path('to/big')), big)).toBe(true)
    expect(await tree()).toEqual(['big', 'small'])
    expect(seen.at(-1)).toMatchObject({ bytes: 9_000_001, total: { files: 2, bytes: 9_000_001 }, done: 2 })
    expect(box.emulator.unusedFaults()).toEqual({})
  })

  test('fails as a whole when the bucket is not there', async () => {
    expect(await failureOf(download({ bucket: 'nobox' }))).toBeInstanceOf(NotFoundError)
  })

  test('says of each file when nothing can be written', async () => {
    await store({ a: 'A', b: 'B' })
    await mkdir(path('to'))
    await writeFile(path('to/a'), 'old')
    await chmod(path('to'), 0o555)
    const summary = await download()
    await chmod(path('to'), 0o755)
    if (process.getuid?.() === 0) return expect(summary.done).toBe(2) // who may do anything
    expect(summary).toMatchObject({ done: 0, failed: 2 })
    expect(await read('a')).toBe('old')
  })
})

describe('a large object', () => {
  test('whose name leaves no room for another beside it comes all the same', async () => {
    const name = 'n'.repeat(250)
    await store({ [name]: bytesOf(8_500_000) })
    expect(await download()).toMatchObject({ done: 1 })
    expect(await tree()).toEqual([name])
  })
})

describe('a server that is not Cloud Storage', () => {
  const ANSWERS: readonly (readonly [string, unknown])[] = [
    ['no object', { items: [null] }],
    ['no name', { items: [{ size: '1', generation: '1' }] }],
    ['no size', { items: [{ name: 'a', generation: '1' }] }],
    ['no generation', { items: [{ name: 'a', size: '1' }] }],
    ['a size that is none', { items: [{ name: 'a', size: '-1', generation: '1' }] }],
  ]
  test.each(ANSWERS)('is an error of its own: %s', async (_, answer) => {
    const server = await rawServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    })
    const { google } = await connectTo(server.url)
    const { upload, download: down } = createTransfer(google, { skipUnchanged: true })
    const place = { bucket: 'box' }
    expect(await failureOf(down(place, folder(path('to'))))).toBeInstanceOf(ParseError)
    expect(await failureOf(upload([{ name: 'a', media: 'a' }], place))).toBeInstanceOf(ParseError)
    const one = await down({ ...place, objects: ['a'] }, folder(path('to')))
    expect(one.failures).toMatchObject([{ name: 'a', error: { code: 'unreadable_answer' } }])
    await google.close()
    await server.close()
  })

  test('may list what it likes, in any order and twice', async () => {
    const names = ['b/c', 'a', 'b', 'a', '../x', 'a/../../x', 'b']
    const server = await rawServer(({ url = '' }, response) => {
      const items = names.map((name) => ({ name, size: '1', generation: '1' }))
      const list = { 'content-type': 'application/json' }
      if (url.includes('/b/box/o?')) response.writeHead(200, list).end(JSON.stringify({ items }))
      else response.writeHead(200, { 'content-type': 'a/b', 'content-length': '1' }).end('x')
    })
    const { google } = await connectTo(server.url)
    await createTransfer(google).download({ bucket: 'box' }, folder(path('to')))
    expect(await readdir(path())).toEqual(['to'])
    expect(await tree()).toEqual(expect.arrayContaining(['a', 'b']))
    await google.close()
    await server.close()
  })
})

describe('hostile names', () => {
  const BAD = [
    '../up',
    'a/../../up',
    '/abs',
    './x',
    'a//b',
    'a/b\\..\\c',
    'CON',
    'a/nul.txt',
    '.x.discokit.json',
  ]

  test('are refused, and the others come', async () => {
    await mkdir(path('to'))
    await writeFile(path('up'), 'mine')
    await store({ ...Object.fromEntries(BAD.map((name) => [name, 'bad'])), 'ok/fine': 'good' })
    const run = download()
    const lines = await linesOf(run)
    expect(lines.filter((line) => line.includes(' failed '))).toHaveLength(BAD.length)
    expect((await run).failures.every(({ error }) => error instanceof ValidationError)).toBe(true)
    expect(await tree()).toEqual(['ok', 'ok/fine'])
    expect(await readFile(path('up'), 'utf8')).toBe('mine')
    expect(await readdir(path())).toEqual(['to', 'up'])
  })

  test('below a name that is a file are refused, in the same way each time', async () => {
    await store({ a: 'file', 'a-b': 'x', 'a/b': 'x', 'a/b/c': 'x' })
    expect(await linesOf(download({ options: { concurrency: 1 } }))).toEqual([
      'a done',
      'a-b done',
      "a/b failed is below 'a', which is a file",
      "a/b/c failed is below 'a', which is a file",
    ])
  })

  test('that are one file where cases are not told apart are refused from the second on', async () => {
    await store({ A: '1', a: '2', é: '3', 'e\u0301': '4', É: '5', b: '6' })
    const to = folder(path('to'), { caseSensitive: false })
    const lines = await linesOf(download({ to }))
    expect(lines.filter((line) => line.endsWith('is the same file as another name here'))).toHaveLength(3)
    expect(await download()).toMatchObject({ done: 6 })
  })

  test('do not go through links, over them, or over folders', async () => {
    await store({ 'in/x': 'x', link: 'x', 'sub/deep/x': 'x', taken: 'x', 'file/x': 'x' })
    await mkdir(path('to/sub'), { recursive: true })
    await mkdir(path('to/taken'))
    await mkdir(path('out'))
    await writeFile(path('victim'), 'mine')
    await writeFile(path('to/file'), 'a file')
    await symlink(path('out'), path('to/in'))
    await symlink(path('out'), path('to/sub/deep'))
    await symlink(path('victim'), path('to/link'))
    const lines = await linesOf(download())
    expect(lines).toEqual([
      expect.stringMatching(/^file\/x failed is below .*, which is a file$/),
      expect.stringMatching(/^in\/x failed is below .*, which is a link$/),
      expect.stringMatching(/^link failed is a link at .*, which is not written over$/),
      expect.stringMatching(/^sub\/deep\/x failed is below .*, which is a link$/),
      expect.stringMatching(/^taken failed is a folder at /),
    ])
    expect(await readdir(path('out'))).toEqual([])
    expect(await readFile(path('victim'), 'utf8')).toBe('mine')
    expect(await readlink(path('to/link'))).toBe(path('victim'))
  })

  test.each([
    ['linux', 'a:b', undefined],
    ['win32', 'a:b', 'a character'],
    ['win32', 'c:/x', 'a character'],
    ['win32', 'a./b', 'takes away'],
    ['win32', 'a ', 'takes away'],
    ['linux', '../x', 'elsewhere'],
    ['linux', 'a//x', 'elsewhere'],
    ['linux', '/x', 'elsewhere'],
  ])('on %s %j is looked at once more where it is written', async (system, name, why) => {
    const found = placeFinder(path('to'), true, system)(name)
    if (why === undefined) expect(await found).toMatchObject({ names: [name] })
    else expect((await failureOf(found)).message).toContain(why)
  })

  test('a folder that is a link itself may be written to', async () => {
    await store({ a: 'A' })
    await mkdir(path('real'))
    await symlink(path('real'), path('to'))
    expect(await download()).toMatchObject({ done: 1 })
    expect(await readFile(path('real/a'), 'utf8')).toBe('A')
  })
})

describe('unchanged files', () => {
  test('are left out by size and CRC-32C', async () => {
    await store({ a: 'A', b: 'B', 'c/d': 'CD', e: 'E' })
    await download()
    await writeFile(path('to/b'), 'X')
    await writeFile(path('to/c/d'), 'other')
    const { mtimeMs } = await stat(path('to/a'))
    expect(await linesOf(download({ options: { skipUnchanged: true } }))).toEqual([
      'a skipped unchanged',
      'b done',
      'c/d done',
      'e skipped unchanged',
    ])
    expect((await stat(path('to/a'))).mtimeMs).toBe(mtimeMs)
    expect(await read('b')).toBe('B')
  })

  test('of a manifest are left out without being read, as long as object and file are the same', async () => {
    await store({ a: 'A', b: 'B', c: 'C', d: 'D' })
    const options = { manifest: fileManifest(path('manifest.jsonl')) }
    await download({ options })
    await store({ b: 'new' })
    await writeFile(path('to/c'), 'changed')
    await truncate(path('to/d'), 0)
    box.emulator.journal.clear()
    expect(await linesOf(download({ options }))).toEqual([
      'a skipped unchanged',
      'b done',
      'c done',
      'd done',
    ])
    expect(box.calls(GET)).toHaveLength(3)
    expect([await read('b'), await read('c'), await read('d')]).toEqual(['new', 'C', 'D'])
    expect(await download({ options, to: folder(path('elsewhere')) })).toMatchObject({ done: 4 })
  })
})

describe('a download that is stopped', () => {
  test('says what was done, and goes on in the middle of large files', async () => {
    const big = bytesOf(40_000_000)
    await store({ big, a: 'A', b: 'B' })
    const options = { manifest: fileManifest(path('manifest.jsonl')) }
    const controller = new AbortController()
    const onProgress = ({ file }: TransferProgress): void => {
      if (file.name === 'big' && file.bytes > 25_000_000) controller.abort()
    }
    const stopped = await download({ options: { ...options, onProgress, signal: controller.signal } })
    expect(stopped).toMatchObject({ done: 2, failed: 1, aborted: true })
    expect(await tree()).toEqual(expect.arrayContaining(['.big.discokit.part', '.big.discokit.json']))
    box.emulator.journal.clear()
    expect(await download({ options })).toMatchObject({ done: 1, skipped: 2, aborted: false })
    expect(same(await readFile(path('to/big')), big)).toBe(true)
    expect(await tree()).toEqual(['a', 'b', 'big'])
    const first = Math.min(
      ...box.calls(GET).map(({ headers }) => Number(/^bytes=(\d+)-/.exec(headers['range'] ?? '')?.[1] ?? 0)),
    )
    expect(first).toBeGreaterThan(8_000_000)
  })
})
