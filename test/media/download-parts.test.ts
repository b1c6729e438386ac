import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { readdir, readFile, rm, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { type Client, type DownloadProgress, type DownloadSummary, ValidationError } from 'discokit'
import { file } from 'discokit/node'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { bytesOf, connectTo, failureOf, same } from './connection.ts'
import {
  type ContentServer,
  contentServer,
  headersOf,
  type Mishap,
  type ServedContent,
} from './content-server.ts'
import { useFolder } from './folder.ts'

const MIB = 1_048_576
const BIG = bytesOf(12 * MIB)
const path = useFolder()

let server: ContentServer
let google: Client
let storage: any
afterEach(async () => {
  vi.restoreAllMocks()
  await google.close()
  await server.close()
})

async function serving(content: ServedContent, ...mishaps: Mishap[]): Promise<void> {
  server = await contentServer(content, ...mishaps)
  ;({ google, storage } = await connectTo(server.url))
}

const save = (options: object, name = 'a', download = {}): Promise<DownloadSummary> =>
  storage.objects.get.download({ bucket: 'b', object: 'o' }, download).to(file(path(name)), options)
const saved = (): Promise<Buffer> => readFile(path('a'))
const big: ServedContent = { bytes: BIG, generation: '7' }
const small: ServedContent = { bytes: BIG.subarray(0, 1_000_000), generation: '7' }
const resume = { resume: true }

describe('a file in slices', () => {
  test.each([
    [4, 2_500_000],
    [1, 5_000_000],
    [64, 400_000],
    [3, 100_000_000],
    [3, BIG.length],
    [3, BIG.length - 1],
  ])('of which %i come at a time, of %i bytes each, is whole', async (slices, sliceBytes) => {
    await serving(big)
    await writeFile(path('a'), 'old')
    const summary = await save({ slices, sliceBytes })
    expect(summary).toMatchObject({ length: BIG.length, contentType: 'a/b', verified: true })
    expect(headersOf(big)['x-goog-hash']).toContain(`crc32c=${summary.crc32c}`)
    expect(same(await saved(), BIG)).toBe(true)
    expect(await readdir(path())).toEqual(['a'])
    expect(server.requests).toHaveLength(Math.ceil(BIG.length / sliceBytes))
    expect(server.requests.slice(1).every(({ url }) => url.endsWith('&generation=7'))).toBe(true)
    expect(server.sent()).toBe(BIG.length)
  })

  test('comes over as many connections at the same time as were asked for', async () => {
    let open = 0
    let most = 0
    const counting: Mishap = (request, response) => {
      most = Math.max(most, ++open)
      response.on('close', () => open--)
      const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range!)!.map(Number)
      const head = { ...headersOf(big), 'content-range': `bytes ${first}-${last}/${BIG.length}` }
      response.writeHead(206, head)
      setTimeout(() => response.end(BIG.subarray(first, last! + 1)), 100)
    }
    await serving(big, ...Array.from({ length: 6 }, () => counting))
    await save({ slices: 3, sliceBytes: 2 * MIB })
    expect(most).toBe(3)
    expect(same(await saved(), BIG)).toBe(true)
  })

  test('goes on with each slice that breaks, and tells the progress of all', async () => {
    const mishaps = [100_000, 0, 1, 300_000, 900_000, 5].map((closeAfter) => ({ closeAfter }))
    await serving(big, ...mishaps)
    const seen: DownloadProgress[] = []
    const onProgress = (progress: DownloadProgress): void => void seen.push(progress)
    await save({ slices: 4, sliceBytes: MIB }, 'a', { onProgress })
    expect(same(await saved(), BIG)).toBe(true)
    expect(seen[0]).toMatchObject({ received: 0, total: BIG.length })
    expect(seen.at(-1)).toMatchObject({ received: BIG.length, total: BIG.length, remainingMs: 0 })
  })

  test.each<[string, ServedContent]>([
    ['nothing', { bytes: new Uint8Array(0), generation: '7' }],
    ['one byte', { bytes: BIG.subarray(0, 1), generation: '7' }],
    ['what has no version', { bytes: small.bytes }],
    ['what has no ranges', { ...small, ranges: false }],
    ['what has only an ETag', { bytes: small.bytes, etag: '"v"' }],
    [
      'what has only an MD5',
      { ...small, headers: { 'x-goog-hash': headersOf(small)['x-goog-hash']!.split(',')[1]! } },
    ],
  ])('of %s is whole too', async (_, content) => {
    await serving(content)
    expect(await save({ slices: 3, sliceBytes: 100_000 })).toMatchObject({
      length: content.bytes.length,
      verified: true,
    })
    expect(same(await saved(), content.bytes)).toBe(true)
    expect(await readdir(path())).toEqual(['a'])
  })

  test('of gzip is inflated, or comes in slices as it is stored', async () => {
    const stored = gzipSync(BIG.subarray(0, MIB))
    const headers = { 'content-encoding': 'gzip', 'x-goog-stored-content-encoding': 'gzip' }
    await serving({ bytes: stored, generation: '7', headers })
    await save({ slices: 3, sliceBytes: 500_000 })
    expect(same(await saved(), BIG.subarray(0, MIB))).toBe(true)
    await save({ slices: 3, sliceBytes: 500_000 }, 'a', { decompress: false })
    expect(same(await saved(), stored)).toBe(true)
  })

  test('has no more than 10,000, however long the server says it is', async () => {
    const length = 999_999_999_999_999
    const ranges: string[] = []
    const lying: Mishap = (request, response) => {
      const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(ranges[ranges.push(request.headers.range!) - 1]!)!
      if (ranges.length > 1) return request.socket.destroy()
      const head = { 'x-goog-generation': '7', 'content-range': `bytes ${first}-${last}/${length}` }
      return response.writeHead(206, head).end(BIG.subarray(0, 65_536))
    }
    await serving(big, ...Array.from({ length: 9 }, () => lying))
    const failure = await failureOf(save({ slices: 2, sliceBytes: 65_536 }, 'a', { retry: false }))
    expect(failure).toMatchObject({ name: 'TransportError' })
    const [first, last] = ranges[1]!.slice('bytes='.length).split('-').map(Number)
    expect(first).toBe(65_536)
    expect(last! - first! + 1).toBe(Math.ceil((length - 65_536) / 9_999))
  })

  test('is a DataLossError when the content changes between slices, and the old file stays', async () => {
    await serving(big, (_, response) => {
      response.writeHead(206, { ...headersOf(big), 'content-range': `bytes 0-${MIB - 1}/${BIG.length}` })
      server.content = { ...big, generation: '8' }
      response.end(BIG.subarray(0, MIB))
    })
    await writeFile(path('a'), 'old')
    expect(await failureOf(save({ slices: 4, sliceBytes: MIB }))).toMatchObject({ name: 'DataLossError' })
    expect(await readFile(path('a'), 'utf8')).toBe('old')
    expect(await readdir(path())).toEqual(['a'])
    await vi.waitFor(async () => expect(await server.connections()).toBeLessThanOrEqual(4))
  })

  test.each(['crc32c=AAAAAA==', 'md5=XUFAKrxLKna5cZ2REBfFkg=='])(
    'is a DataLossError when the whole is not %s',
    async (hash) => {
      await serving({ ...small, headers: { 'x-goog-hash': hash } })
      expect(await failureOf(save({ slices: 4, sliceBytes: 300_000 }))).toMatchObject({
        name: 'DataLossError',
      })
      expect(await readdir(path())).toEqual([])
    },
  )

  test('ends at once and leaves nothing when it is aborted, or put away', async () => {
    await serving(big, { stallAfter: 900_000 }, { stallAfter: 0 }, { stallAfter: 10 })
    const controller = new AbortController()
    const aborted = failureOf(save({ slices: 3, sliceBytes: MIB }, 'a', { signal: controller.signal }))
    await vi.waitFor(() => expect(server.requests).toHaveLength(3), { interval: 5 })
    controller.abort('enough')
    expect(await aborted).toBe('enough')
    expect(await readdir(path())).toEqual([])
    server.mishaps = [{ stallAfter: 10 }]
    const download = storage.objects.get.download({ bucket: 'b', object: 'o' })
    const failure = failureOf(download.to(file(path('a')), resume))
    await vi.waitFor(() => expect(server.requests).toHaveLength(4), { interval: 5 })
    await download[Symbol.asyncDispose]()
    expect(await failure).toMatchObject({ name: 'AbortError' })
  })
})

describe('a file that is gone on with', () => {
  /** Comes up to so many bytes, and then never again. */
  async function cutAt(closeAfter: number, options: object = resume, content = big): Promise<void> {
    await serving(content, { closeAfter })
    expect(await failureOf(save(options, 'a', { retry: false }))).toMatchObject({ name: 'TransportError' })
    server.requests.length = 0
  }

  test('has what came beside it until it is whole', async () => {
    await cutAt(6 * MIB)
    expect((await readdir(path())).sort()).toEqual(['.a.discokit.json', '.a.discokit.part'])
    const kept = JSON.parse(await readFile(path('.a.discokit.json'), 'utf8'))
    expect(kept).toMatchObject({ version: 1, generation: '7', length: BIG.length })
    const { received } = kept.parts[0]
    expect(received).toBeGreaterThan(4 * MIB)
    const sent = server.sent()
    expect(await save(resume)).toMatchObject({ length: BIG.length, contentType: 'a/b', verified: true })
    expect(same(await saved(), BIG)).toBe(true)
    expect(server.requests.map(({ headers }) => headers.range)).toEqual([
      `bytes=${received}-${BIG.length - 1}`,
    ])
    expect(server.sent() - sent).toBe(BIG.length - received)
    expect(await readdir(path())).toEqual(['a'])
  })

  test('is gone on with whatever the number of its slices', async () => {
    const length = 999_999_999_999_999
    const lying: Mishap = (request, response) => {
      const last = Number(request.headers.range!.split('-')[1])
      if (last > 65_535) return request.socket.destroy()
      const head = { 'x-goog-generation': '7', 'content-range': `bytes 0-${last}/${length}` }
      return response.writeHead(206, head).end(BIG.subarray(0, last + 1))
    }
    await serving(big, ...Array.from({ length: 9 }, () => lying))
    const sliced = { resume: true, slices: 1, sliceBytes: 65_536 }
    await failureOf(save(sliced, 'a', { retry: false }))
    const { parts } = JSON.parse(await readFile(path('.a.discokit.json'), 'utf8'))
    expect(parts).toHaveLength(10_000)
    await failureOf(save(sliced, 'a', { retry: false }))
    const ranges = server.requests.map(({ headers }) => headers.range)
    expect(ranges[0]).toBe('bytes=0-65535')
    expect(ranges.slice(1)).toEqual([ranges[1], ranges[1]])
    expect(ranges[1]).toMatch(/^bytes=65536-/)
  })

  test('tells its progress from where it stands', async () => {
    await cutAt(6 * MIB)
    const seen: DownloadProgress[] = []
    await save(resume, 'a', { onProgress: (progress: DownloadProgress) => void seen.push(progress) })
    expect(seen[0]!.received).toBeGreaterThan(4 * MIB)
    expect(seen.at(-1)).toMatchObject({ received: BIG.length, total: BIG.length })
  })

  test('may come in slices, each of which goes on', async () => {
    const sliced = { resume: true, slices: 3, sliceBytes: 4 * MIB }
    await serving(big, { stallAfter: 3 * MIB }, { stallAfter: 2 * MIB }, { stallAfter: MIB })
    await failureOf(save(sliced, 'a', { retry: false, stallTimeoutMs: 300 }))
    const { received } = kept()
    expect(received).toBeGreaterThan(4 * MIB)
    const sent = server.sent()
    await save(resume)
    expect(same(await saved(), BIG)).toBe(true)
    expect(server.sent() - sent).toBe(BIG.length - received)
  })

  test.each<[string, () => Promise<unknown>]>([
    [
      'is of another version by now',
      async () => (server.content = { ...big, bytes: bytesOf(100).fill(3), generation: '8' }),
    ],
    ['was tampered with', async () => writeFile(path('.a.discokit.part'), bytesOf(6 * MIB).fill(1))],
    ['was cut', async () => truncate(path('.a.discokit.part'), 1_000)],
    ['is gone', async () => rm(path('.a.discokit.part'))],
    [
      'is a link to something else',
      async () => {
        await writeFile(path('victim'), 'mine')
        await rm(path('.a.discokit.part'))
        await symlink(path('victim'), path('.a.discokit.part'))
      },
    ],
    ['is not described any more', async () => rm(path('.a.discokit.json'))],
    ['is described by half a text', async () => truncate(path('.a.discokit.json'), 50)],
    ['is described by something else', async () => writeFile(path('.a.discokit.json'), '[{"version":1}]')],
    [
      'is of another object',
      async () => {
        const kept = JSON.parse(await readFile(path('.a.discokit.json'), 'utf8'))
        await writeFile(path('.a.discokit.json'), JSON.stringify({ ...kept, source: '0'.repeat(64) }))
      },
    ],
    [
      'is said to be longer than it is',
      async () => {
        const kept = JSON.parse(await readFile(path('.a.discokit.json'), 'utf8'))
        await writeFile(
          path('.a.discokit.json'),
          JSON.stringify({ ...kept, parts: [{ ...kept.parts[0], received: 9e9 }] }),
        )
      },
    ],
    [
      'is of a generation that there never was',
      async () => {
        const kept = JSON.parse(await readFile(path('.a.discokit.json'), 'utf8'))
        await writeFile(path('.a.discokit.json'), JSON.stringify({ ...kept, generation: '6' }))
      },
    ],
  ])('begins anew when what came %s', async (_, change) => {
    await cutAt(5 * MIB)
    await change()
    await save(resume)
    expect(same(await saved(), server.content.bytes)).toBe(true)
    expect((await readdir(path())).filter((name) => name.startsWith('.'))).toEqual([])
    if (existsSync(path('victim'))) expect(await readFile(path('victim'), 'utf8')).toBe('mine')
  })

  test('is written by one download at a time', async () => {
    await serving(big, { stallAfter: MIB })
    const controller = new AbortController()
    const first = failureOf(save(resume, 'a', { signal: controller.signal }))
    await vi.waitFor(() => expect(existsSync(path('.a.discokit.part'))).toBe(true), { interval: 5 })
    const second = await failureOf(save(resume))
    expect(second).toBeInstanceOf(ValidationError)
    expect(second.message).toContain('is being written by another download')
    controller.abort()
    await first
    await save(resume)
    expect(same(await saved(), BIG)).toBe(true)
  })

  test('takes over from another machine whose lock is not renewed any more', async () => {
    await serving(small)
    await writeFile(path('.a.discokit.lock'), '1 other-machine x')
    const ago = (ms: number): Date => new Date(Date.now() - ms)
    await utimes(path('.a.discokit.lock'), ago(100_000), ago(100_000))
    expect(await failureOf(save(resume))).toBeInstanceOf(ValidationError)
    await utimes(path('.a.discokit.lock'), ago(130_000), ago(130_000))
    await save(resume)
    expect(same(await saved(), small.bytes)).toBe(true)
    expect(await readdir(path())).toEqual(['a'])
  })

  test('renews its lock, and leaves one that is not its own any more', async () => {
    const every = vi.spyOn(globalThis, 'setInterval')
    await serving(big, { stallAfter: MIB })
    const controller = new AbortController()
    const aborted = failureOf(save(resume, 'a', { signal: controller.signal }))
    const lock = path('.a.discokit.lock')
    await vi.waitFor(() => expect(existsSync(path('.a.discokit.part'))).toBe(true), { interval: 5 })
    await utimes(lock, new Date(0), new Date(0))
    const [renew, ms] = every.mock.calls.at(-1)!
    expect(ms).toBeLessThanOrEqual(60_000)
    renew()
    await vi.waitFor(async () => expect((await stat(lock)).mtimeMs).toBeGreaterThan(Date.now() - 60_000))
    await writeFile(lock, '1 other-machine x')
    controller.abort()
    await aborted
    expect(await readFile(lock, 'utf8')).toBe('1 other-machine x')
  })

  test('takes over from a process that has ended, and not from one of another machine', async () => {
    await serving(small)
    await writeFile(path('.a.discokit.lock'), '1 other-machine x')
    expect(await failureOf(save(resume))).toBeInstanceOf(ValidationError)
    const child = spawn(process.execPath, ['-e', ''])
    await once(child, 'exit')
    const { hostname } = await import('node:os')
    await writeFile(path('.a.discokit.lock'), `${child.pid} ${hostname()} x`)
    await save(resume)
    expect(same(await saved(), small.bytes)).toBe(true)
    expect(await readdir(path())).toEqual(['a'])
  })

  test('keeps nothing that is known to be wrong', async () => {
    await serving({ ...small, headers: { 'x-goog-hash': 'crc32c=AAAAAA==' } })
    expect(await failureOf(save(resume))).toMatchObject({ name: 'DataLossError' })
    expect(await readdir(path())).toEqual([])
  })

  test('of what cannot be pinned is saved as without it', async () => {
    await serving({ bytes: small.bytes })
    await save(resume)
    expect(same(await saved(), small.bytes)).toBe(true)
    expect(await readdir(path())).toEqual(['a'])
  })

  test('is a range alone where a header of the call asks for one', async () => {
    await serving(big)
    for (const options of [resume, { slices: 3, sliceBytes: 65_536 }]) {
      const headers = { range: 'bytes=10-300000' }
      expect(await save(options, 'a', { headers })).toMatchObject({ length: 299_991, verified: false })
      expect(same(await saved(), BIG.subarray(10, 300_001))).toBe(true)
    }
  })

  test('keeps the mode of the file it replaces', async () => {
    await writeFile(path('a'), 'old', { mode: 0o640 })
    await cutKeeping(0o640)
    async function cutKeeping(mode: number): Promise<void> {
      await cutAt(5 * MIB)
      expect((await stat(path('.a.discokit.part'))).mode & 0o777).toBe(mode)
      await save(resume)
      expect((await stat(path('a'))).mode & 0o777).toBe(mode)
    }
  })

  /** Each start: where its requests stall, and how much is kept by the time it is killed. */
  test.each<[number, [number[], number][]]>([
    [
      1,
      [
        [[2], 0],
        [[6], 4],
        [[5], 8],
      ],
    ],
    [
      3,
      [
        [[2, 2, 2], 4],
        [[1.5, 1.5, 1.5], 8],
      ],
    ],
  ])(
    'comes whole when its process is killed again and again, in %i slices',
    async (slices, starts) => {
      await serving(big)
      const program = fileURLToPath(new URL('children/download.ts', import.meta.url))
      for (const [stalls, least] of starts) {
        server.mishaps = stalls.map((mebibytes) => ({ stallAfter: mebibytes * MIB }))
        const args = [
          '--conditions=discokit-source',
          '--import',
          'tsx',
          program,
          server.url,
          path('a'),
          String(slices),
        ]
        const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
        const isThere = (): void => {
          expect(server.mishaps).toEqual([])
          expect(existsSync(path('.a.discokit.part'))).toBe(true)
          expect(kept().received).toBeGreaterThanOrEqual(least * MIB)
        }
        await vi.waitFor(isThere, { timeout: 15_000, interval: 10 })
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
      expect(existsSync(path('.a.discokit.lock'))).toBe(true)
      const sent = server.sent()
      const { received } = kept()
      expect(await save(resume)).toMatchObject({ verified: true })
      expect(same(await saved(), BIG)).toBe(true)
      expect(server.sent() - sent).toBe(BIG.length - received)
      expect(await readdir(path())).toEqual(['a'])
    },
    60_000,
  )

  function kept(): { received: number } {
    if (!existsSync(path('.a.discokit.json'))) return { received: 0 }
    const { parts } = JSON.parse(readFileSync(path('.a.discokit.json'), 'utf8')) as {
      parts: { received: number }[]
    }
    return { received: parts.reduce((sum, part) => sum + part.received, 0) }
  }
})

describe('the options of saving', () => {
  test.each<[object, string]>([
    [{ resume: 1 }, 'resume'],
    [{ slices: 0 }, 'slices'],
    [{ slices: 65 }, 'slices'],
    [{ slices: 1.5 }, 'slices'],
    [{ sliceBytes: 0 }, 'sliceBytes'],
    [{ sliceBytes: 65_535 }, 'sliceBytes'],
    [{ sliceBytes: 65_536.5 }, 'sliceBytes'],
    [{ slice: 1 }, 'slice'],
  ])('%j are refused before anything is sent', async (options, where) => {
    await serving(small)
    const failure = await failureOf(save(options))
    expect(failure).toBeInstanceOf(ValidationError)
    expect(failure.problems).toMatchObject([{ path: where }])
    expect(server.requests).toEqual([])
    expect(await readdir(path())).toEqual([])
  })

  test.each([{ resume: true }, { slices: 2 }, { sliceBytes: 65_536 }])(
    '%j need a place that can',
    async (options) => {
      await serving(small)
      const download = storage.objects.get.download({ bucket: 'b', object: 'o' })
      const failure = await failureOf(download.to({ save: async () => {} }, options))
      expect(failure.problems).toEqual([
        { path: 'destination', message: 'can be written from its beginning to its end only' },
      ])
      expect(server.requests).toEqual([])
    },
  )
})
