import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createClient } from 'discokit'
import { type RecordingServer, startRecordingServer } from './recording-server.ts'
import { runProgram } from './stage.ts'
import { formatTranscript } from './transcript.ts'

const photo = Buffer.concat([
  Buffer.from([0xff, 0xd8, 0xff, 0xe0]),
  Buffer.alloc(20_000, 'a photo, more or less '),
])
let server: RecordingServer
let folder: string

beforeAll(async () => {
  server = await startRecordingServer()
})
afterAll(() => server[Symbol.asyncDispose]())

beforeEach(async () => {
  server.emulator.reset()
  folder = await mkdtemp(join(tmpdir(), 'discokit-examples-'))
  const key = { ...(await server.emulator.serviceAccountKey()), token_uri: `${server.url}/token` }
  await writeFile(join(folder, 'key.json'), JSON.stringify(key))
  await writeFile(join(folder, 'photo.jpg'), photo)
  const google = createClient({ ...server.emulator.connect(), auth: server.emulator.serviceAccount() })
  const storage = await google.discover('storage:v1')
  await storage['buckets'].insert({ project: 'p', body: { name: 'my-photos' } })
  server.exchanges.length = 0
  return () => rm(folder, { recursive: true })
})

/** Runs an example as a reader would, in a folder of its own, against the emulator. */
function run(example: string): Promise<string> {
  return runProgram(join('examples', example), [], folder, {
    ...process.env,
    DISCOKIT_EMULATOR: server.url,
  })
}

/** The wire exchange of an example, held against the one that was committed. `-u` writes it anew. */
async function expectTranscript(name: string): Promise<void> {
  const transcript = `${formatTranscript(server.exchanges, server.url)}\n`
  await expect(transcript).toMatchFileSnapshot(`../transcripts/${name}.txt`)
}

describe('examples', () => {
  test('upload-and-download moves a photo up and down', async () => {
    const output = await run('upload-and-download.ts')
    expect(output).toContain(
      `${photo.length} of ${photo.length} bytes\nphoto.jpg ${photo.length} image/jpeg\n`,
    )
    expect(await readFile(join(folder, 'copy.jpg'))).toEqual(photo)
    await expectTranscript('upload-and-download')
  })

  test('list-objects prints what is in the bucket', async () => {
    await run('upload-and-download.ts')
    server.exchanges.length = 0
    expect(await run('list-objects.ts')).toMatch(new RegExp(`^photo.jpg ${photo.length} \\d{4}-`))
    await expectTranscript('list-objects')
  })

  test('list-objects says when there is no such bucket', async () => {
    server.emulator.reset()
    expect(await run('list-objects.ts')).toBe('There is no bucket my-photos.\n')
  })

  test('test-with-the-emulator passes as a test', async () => {
    expect(await run('test-with-the-emulator.ts')).toMatch(/^. pass 1\n. fail 0$/m)
    expect(server.exchanges).toEqual([]) // it brought its own
  })

  test('batch asks for many things in one request', async () => {
    expect(await run('batch.ts')).toBe(
      "my-photos { location: 'US' }\nno-such-bucket does not exist\nfulfilled fulfilled\n",
    )
    expect(server.exchanges.filter(({ path }) => path === '/batch/storage/v1')).toHaveLength(2)
    expect(server.exchanges).toHaveLength(4) // the document and the token
  })

  test('multipart-upload sends metadata and image in one request', async () => {
    const output = await run('multipart-upload.ts')
    expect(output).toMatch(/^200 \{/m)
    expect(output).toContain("cacheControl: 'no-store'")
    await expectTranscript('multipart-upload')
  })
})

describe('README', () => {
  test('its programs are the files in examples', async () => {
    const readme = await readFile('README.md', 'utf8')
    const shown = [...readme.matchAll(/\(examples\/([\w-]+\.ts)\)\)\*?\*?\n\n```ts\n([\s\S]*?)```/g)]
    expect(shown.map(([, name]) => name)).toEqual([
      'upload-and-download.ts',
      'list-objects.ts',
      'test-with-the-emulator.ts',
    ])
    for (const [, name, code] of shown) {
      const file = await readFile(join('examples', name!), 'utf8')
      expect(file.replace(/^\/\*\*[\s\S]*?\*\/\n/, '')).toBe(code)
    }
  })

  test('the program of the page about batches is a file too', async () => {
    const [, code] = /```ts\n([\s\S]*?)```/.exec(await readFile('docs/batch.md', 'utf8'))!
    const file = await readFile('examples/batch.ts', 'utf8')
    expect(file.replace(/^\/\*\*[\s\S]*?\*\/\n/, '')).toBe(code)
  })

  test('its links lead to files', async () => {
    const docs = (await readdir('docs')).map((name) => join('docs', name))
    for (const page of ['README.md', 'CONTRIBUTING.md', ...docs]) {
      const text = await readFile(page, 'utf8')
      for (const [, target] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
        await expect(readFile(resolve(page, '..', target!)), `${target} in ${page}`).resolves.toBeDefined()
      }
    }
  })
})
