import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { runCommand, startCommand } from './run-command.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'discokit-cli-'))
})
afterEach(() => rm(folder, { recursive: true }))

const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex')

describe('discokit demo', () => {
  test('moves 64 MiB through the emulator, tells each step, and leaves nothing behind', async () => {
    const { code, stdout, stderr } = await runCommand(['demo'], { cwd: folder, env: { TMPDIR: folder } })
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const steps = stdout.split('\n').filter((line) => line.startsWith('ok '))
    expect(steps.map((line) => line.slice(3, 23).trim())).toEqual([
      'key made',
      'document discovered',
      'token obtained',
      'bucket created',
      'uploaded',
      'listed',
      'downloaded',
      'SHA-256 equal',
      'CRC-32C equal',
    ])
    expect(stdout).toMatch(/uploading random-64-MiB\.bin 50 % \(32 MiB of 64 MiB\)/)
    expect(stdout).not.toContain('\u001b') // plain lines when the output is no terminal
    expect((await readdir(folder)).filter((name) => !name.startsWith('tsx-'))).toEqual([]) // tsx keeps a cache
  })

  test('moves the given files and folders and prints the SHA-256 of each', async () => {
    await mkdir(join(folder, 'docs/deep'), { recursive: true })
    await writeFile(join(folder, 'docs/a.txt'), 'a')
    await writeFile(join(folder, 'docs/deep/b.json'), '{}')
    await writeFile(join(folder, 'empty'), '')
    const { code, stdout } = await runCommand(['demo', 'docs', 'empty'], { cwd: folder })
    expect(code).toBe(0)
    for (const content of ['a', '{}', '']) expect(stdout).toContain(sha256(content))
    expect(stdout).toContain('docs/deep/b.json, 2 B, application/json')
    expect(stdout).toContain('All 3 files went up and came back, byte for byte.')
  })

  test.each([
    [['demo', 'missing.txt'], 1, 'discokit: nothing was moved: PATH: missing.txt does not exist\n'],
    [['demo', '.'], 1, 'discokit: nothing was moved: PATH: . holds no files\n'],
    [['demo', '--key', 'missing.json', '--bucket', 'b'], 2, 'missing.json cannot be read (ENOENT)'],
    [['demo', '--key', 'missing.json'], 2, '--key needs --bucket'],
    [['demo', '--key=', '--bucket', 'b'], 2, '--key needs a value'],
    [['demo', '--bucket', ''], 2, '--bucket needs a value'],
    [['demo', '--bukcet', 'b'], 2, "there is no option '--bukcet' (did you mean '--bucket'?)"],
  ])('refuses %j in one line', async (argv, code, message) => {
    const outcome = await runCommand(argv, { cwd: folder })
    expect(outcome).toMatchObject({ code, stdout: '' })
    expect(outcome.stderr).toContain(message)
    expect(outcome.stderr.trimEnd().split('\n')).toHaveLength(1)
  })

  test('refuses two files that would have one name', async () => {
    await mkdir(join(folder, 'sub'))
    await writeFile(join(folder, 'a'), '1')
    await writeFile(join(folder, 'sub/a'), '2')
    const { code, stderr } = await runCommand(['demo', 'a', 'sub/a'], { cwd: folder })
    expect(code).toBe(1)
    expect(stderr).toContain('would both be named a')
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('ends and leaves nothing behind when %s comes, with %i', async (signal, exitCode) => {
    const silent = createServer()
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
    await using emulator = await createEmulator()
    await writeFile(join(folder, 'key.json'), JSON.stringify(await emulator.serviceAccountKey()))
    await mkdir(join(folder, 'tmp'))
    const running = startCommand(['demo', '--key', 'key.json', '--bucket', 'b', 'key.json'], {
      cwd: folder,
      env: { DISCOKIT_EMULATOR: url, TMPDIR: join(folder, 'tmp') },
    })
    await new Promise((resolve) => silent.once('connection', resolve))
    running.child.kill(signal)
    expect(await running.outcome).toMatchObject({ code: exitCode, stderr: '' })
    expect((await readdir(join(folder, 'tmp'))).filter((name) => !name.startsWith('tsx-'))).toEqual([])
    silent.close()
  })
})

describe('discokit demo --key', () => {
  let emulator: Emulator
  let run: () => ReturnType<typeof runCommand>

  beforeEach(async () => {
    emulator = await createEmulator()
    const { url } = await emulator.listen()
    await writeFile(join(folder, 'key.json'), JSON.stringify(await emulator.serviceAccountKey()))
    await writeFile(join(folder, 'photo.png'), 'a photo')
    run = () =>
      runCommand(['demo', '--key', 'key.json', '--bucket', 'mine', 'photo.png'], {
        cwd: folder,
        env: { DISCOKIT_EMULATOR: url },
      })
    return () => emulator.close()
  })

  test('does the same through the service that the key is for, and uses a bucket that exists', async () => {
    const first = await run()
    expect(first).toMatchObject({ code: 0, stderr: '' })
    expect(first.stdout).toContain('ok bucket created       mine')
    const second = await run()
    expect(second).toMatchObject({ code: 0, stderr: '' })
    expect(second.stdout).toContain('ok bucket found         mine')
    expect(second.stdout).toContain(sha256('a photo'))
  })

  test('fails in one clear line when a byte comes back changed', async () => {
    emulator.fail('storage.objects.get', ['return-corrupted-data'])
    const { code, stderr } = await run()
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^discokit: storage\.objects\.get: the bytes that came are not those that were stored: [^\n]+\n$/,
    )
  })

  test('fails in one clear line when the account is refused', async () => {
    emulator.disableServiceAccount((await emulator.serviceAccountKey()).client_email)
    const { code, stderr } = await run()
    expect(code).toBe(1)
    expect(stderr).toMatch(/^discokit: [^\n]+invalid_grant[^\n]+\n$/)
  })
})
