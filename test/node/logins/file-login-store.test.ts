import { execFileSync } from 'node:child_process'
import fs, { existsSync } from 'node:fs'
import {
  chmod,
  chown,
  copyFile,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { AuthError, ValidationError } from 'discokit'
import { createSecret, problemsOfLoginStore, type SavedLogin } from 'discokit/login'
import { type FileLoginStore, fileLoginStore } from 'discokit/node'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { failureOf } from '../../media/connection.ts'
import { useFolder } from '../../media/folder.ts'

const path = useFolder()
afterEach(() => vi.restoreAllMocks())

const store = (): FileLoginStore => fileLoginStore({ folder: path('logins') })
const login = {
  accessToken: 'ya29.canary',
  refreshToken: '1//canary',
  claims: { sub: 'canary-sub' },
} as SavedLogin
const windows = process.platform === 'win32'
const NO_POSIX = 'Windows has no permissions of this kind'

/** The files of logins, in the order of their names. */
async function files(): Promise<string[]> {
  const names = await readdir(path('logins'))
  return names.filter((name) => name.endsWith('.login')).map((name) => path(`logins/${name}`))
}

/** What an error may not say, nor a file. */
async function expectNoSecret(text: string): Promise<void> {
  expect(text).not.toContain('canary')
  const key = await readFile(path('logins.key'), 'utf8').catch(() => undefined)
  if (key) expect(text).not.toContain(key.trim())
}

async function refusal(work: Promise<unknown>): Promise<Error & { reason?: string }> {
  const failure = await failureOf(work)
  expect(failure instanceof AuthError || failure instanceof ValidationError).toBe(true)
  await expectNoSecret(`${failure.stack} ${JSON.stringify(failure)} ${String(failure.cause)}`)
  return failure
}

test('does all that a store of logins has to, for other processes too', async () => {
  expect(await problemsOfLoginStore(store, { level: 'durable' })).toEqual([])
  const key = createSecret()
  const open = (): FileLoginStore => fileLoginStore({ folder: path('given'), key })
  expect(await problemsOfLoginStore(open, { level: 'durable' })).toEqual([])
})

test('keeps members that nobody knows', async () => {
  const more = { ...login, ours: { a: [1, null] }, scopes: ['a', 'b'] }
  await store().put('ada', more, undefined)
  expect((await store().get('ada'))?.login).toEqual(more)
})

test('makes nothing while nothing is put', async () => {
  expect(await store().get('ada')).toBeUndefined()
  expect(await store().accounts()).toEqual([])
  expect(await store().delete('ada')).toBe(false)
  expect(await store().keyPlace()).toBeUndefined()
  expect(await readdir(path())).toEqual([])
})

test('has its place in the folder of the command line', async () => {
  vi.stubEnv('DISCOKIT_CONFIG', path('config'))
  const place = fileLoginStore()
  expect(place.folder).toBe(path('config/logins'))
  await place.put('ada', login, undefined)
  expect((await readdir(path('config'))).sort()).toEqual(['logins', 'logins.key'])
})

test('leaves nothing of a login, an account or the key in clear, and no other files', async () => {
  await store().put('canary@example.com', login, undefined)
  const all = await readdir(path(), { recursive: true, withFileTypes: true })
  const names = all.filter((entry) => entry.isFile()).map(({ name }) => name)
  expect(names.sort()).toEqual([expect.stringMatching(/^[\da-f]{64}\.login$/), 'key.json', 'logins.key'])
  const key = (await readFile(path('logins.key'), 'utf8')).trim()
  for (const entry of all.filter((entry) => entry.isFile())) {
    const bytes = await readFile(`${entry.parentPath}/${entry.name}`)
    const texts = [
      bytes.toString(),
      bytes
        .toString()
        .split('.')
        .map((part) => Buffer.from(part, 'base64url').toString('latin1'))
        .join(''),
    ]
    for (const text of texts) {
      expect(text).not.toContain('canary')
      if (entry.name !== 'logins.key') expect(text).not.toContain(key)
    }
  }
  await store().delete('canary@example.com')
  expect(await files()).toEqual([])
})

test('twenty puts at once in one process: one is the first, and each may be the next', async () => {
  const one = store()
  const first = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      (i % 2 ? store() : one).put('ada', { accessToken: `token-${i}` }, undefined),
    ),
  )
  expect(first.filter(Boolean)).toHaveLength(1)
  const count = async (): Promise<void> => {
    for (;;) {
      const { login, version } = (await one.get('ada'))!
      const next = { ...login, count: ((login as { count?: number }).count ?? 0) + 1 }
      if (await one.put('ada', next, version)) return
    }
  }
  await Promise.all(Array.from({ length: 20 }, count))
  expect((await store().get('ada'))!.login).toMatchObject({ count: 20 })
  expect((await readdir(path('logins'))).filter((name) => !/\.login$|^key\.json$/.test(name))).toEqual([])
})

describe('what is not for this user alone is refused', () => {
  test('is made so', async (context) => {
    context.skip(windows, NO_POSIX)
    await store().put('ada', login, undefined)
    const mode = async (place: string): Promise<string> => ((await stat(place)).mode & 0o777).toString(8)
    expect(await mode(path('logins'))).toBe('700')
    for (const place of [path('logins.key'), path('logins/key.json'), ...(await files())])
      expect(await mode(place)).toBe('600')
  })

  const all = (): readonly (() => Promise<unknown>)[] => [
    () => store().get('ada'),
    () => store().put('ada', login, undefined),
    () => store().delete('ada', 'x'),
    () => store().accounts(),
  ]

  test.for([0o701, 0o710, 0o755, 0o770, 0o777])('a folder of the mode %o', async (mode, context) => {
    context.skip(windows, NO_POSIX)
    await store().put('ada', login, undefined)
    await chmod(path('logins'), mode)
    for (const work of all()) {
      const { message } = await refusal(work())
      expect(message).toContain(`${path('logins')} is open to other users (mode ${mode.toString(8)})`)
      expect(message).toContain('chmod 700')
    }
    await chmod(path('logins'), 0o700)
    expect((await store().get('ada'))?.login).toEqual(login)
  })

  test.for([0o604, 0o640, 0o666])('a file of the mode %o', async (mode, context) => {
    context.skip(windows, NO_POSIX)
    await store().put('ada', login, undefined)
    const [file = ''] = await files()
    for (const place of [file, path('logins.key'), path('logins/key.json')]) {
      await chmod(place, mode)
      for (const work of all()) {
        const { message } = await refusal(work())
        expect(message).toContain(`${place} is open to other users`)
      }
      await chmod(place, 0o600)
    }
    expect((await store().get('ada'))?.login).toEqual(login)
  })

  test('of another user', async (context) => {
    context.skip(process.getuid?.() !== 0, 'only root can give files away')
    await store().put('ada', login, undefined)
    const [file = ''] = await files()
    for (const place of [path('logins'), file, path('logins.key'), path('logins/key.json')]) {
      await chown(place, 65_534, 65_534)
      for (const work of all())
        expect((await refusal(work())).message).toContain(`${place} belongs to another user`)
      await chown(place, 0, 0)
    }
  })

  test('a link', async (context) => {
    context.skip(windows, NO_POSIX)
    await store().put('ada', login, undefined)
    const [file = ''] = await files()
    for (const place of [path('logins'), file, path('logins.key'), path('logins/key.json')]) {
      await fs.promises.rename(place, path('elsewhere'))
      await symlink(path('elsewhere'), place)
      for (const work of all()) expect((await refusal(work())).message).toContain(`${place} is a link`)
      await rm(place)
      await fs.promises.rename(path('elsewhere'), place)
    }
    // Without a version the link goes, and not what it leads to.
    await fs.promises.rename(file, path('elsewhere'))
    await symlink(path('elsewhere'), file)
    expect(await store().delete('ada')).toBe(true)
    expect(existsSync(path('elsewhere'))).toBe(true)
    await expect(lstat(file)).rejects.toThrow('ENOENT')
  })

  test('what is no folder, or no file', async (context) => {
    context.skip(windows, NO_POSIX)
    await writeFile(path('logins'), '', { mode: 0o600 })
    for (const work of all()) expect((await refusal(work())).message).toContain('is no folder')
    await rm(path('logins'))
    await store().put('ada', login, undefined)
    const [file = ''] = await files()
    await rm(file)
    execFileSync('mkfifo', ['-m', '600', file])
    for (const work of all()) expect((await refusal(work())).message).toContain(`${file} is no file`)
    await rm(file)
    await mkdir(file, 0o700)
    for (const work of all()) expect((await refusal(work())).message).toContain(`${file} is no file`)
    expect((await refusal(store().delete('ada'))).message).toContain('cannot be written')
  })
})

describe('a file that is not what was put there', () => {
  const spoiled: readonly (readonly [string, (file: string) => unknown])[] = [
    ['nothing', (file) => truncate(file, 0)],
    ['a piece', async (file) => truncate(file, (await stat(file)).size - 1)],
    ['half of it', async (file) => truncate(file, Math.floor((await stat(file)).size / 2))],
    ['its nonce', (file) => truncate(file, 16)],
    ['more than it', (file) => fs.appendFileSync(file, 'AAAA')],
    ['a line break more', (file) => fs.appendFileSync(file, '\n')],
    ['another character in the middle', async (file) => flip(file, 40)],
    ['another nonce', async (file) => flip(file, 0)],
    ['another text', (file) => writeFile(file, JSON.stringify(login))],
    ['bytes that are no text', (file) => writeFile(file, Buffer.from([0, 255, 254]))],
  ]
  test.each(spoiled)('but %s is an error, and is not written over', async (_, spoil) => {
    await store().put('ada', login, undefined)
    const [file = ''] = await files()
    await spoil(file)
    const before = await readFile(file)
    for (const work of [
      () => store().get('ada'),
      () => store().put('ada', login, undefined),
      () => store().put('ada', login, 'x'),
      () => store().delete('ada', 'x'),
      () => store().accounts(),
    ]) {
      const failure = await refusal(work())
      expect(failure).toMatchObject({ name: 'AuthError', reason: 'unreadable_login' })
      expect(failure.message).toContain(file)
      expect(failure.message).toContain('log in again')
    }
    expect(await readFile(file)).toEqual(before)
    await store().put('bob', login, undefined)
    expect((await store().get('bob'))?.login).toEqual(login)
    expect(await store().delete('ada')).toBe(true)
    expect(await store().put('ada', login, undefined)).toBe(true)
  })

  async function flip(file: string, at: number): Promise<void> {
    const text = await readFile(file, 'utf8')
    await writeFile(file, text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1))
  }

  test('but larger than any is refused before it is read', async () => {
    await store().put('ada', login, undefined)
    const [file = ''] = await files()
    await truncate(file, 5_000_000_000)
    expect((await refusal(store().get('ada'))).message).toContain(`${file} has more than 1048576 bytes`)
  })

  test('but that of another account cannot be opened in its place', async () => {
    await store().put('ada', login, undefined)
    const [ada = ''] = await files()
    await store().put('bob', { refreshToken: '1//of-bob' }, undefined)
    const bob = (await files()).find((name) => name !== ada)!
    await copyFile(bob, ada)
    expect(await refusal(store().get('ada'))).toMatchObject({ reason: 'unreadable_login' })
    await rm(ada)
    await link(bob, ada)
    expect(await refusal(store().get('ada'))).toMatchObject({ reason: 'unreadable_login' })
    expect((await store().get('bob'))?.login).toEqual({ refreshToken: '1//of-bob' })
  })

  test('nor that of another folder', async () => {
    await store().put('ada', login, undefined)
    const [file = ''] = await files()
    const other = fileLoginStore({ folder: path('other') })
    await other.put('ada', { refreshToken: '1//other' }, undefined)
    await copyFile(path(`other/${file.split('/').at(-1)}`), file)
    expect(await refusal(store().get('ada'))).toMatchObject({ reason: 'unreadable_login' })
  })
})

describe('a disk that', () => {
  const coded = (code: string): Error => Object.assign(new Error(`${code}: it is so`), { code })

  test.each([
    ['EACCES', 'may not be written (EACCES)'],
    ['EROFS', 'may not be written (EROFS)'],
    ['ENOSPC', 'has no room left (ENOSPC)'],
    ['EIO', 'cannot be written (EIO)'],
  ])('answers %s leaves the old login, and says so', async (code, words) => {
    await store().put('ada', login, undefined)
    const { version } = (await store().get('ada'))!
    const next = { refreshToken: '1//next' }
    for (const name of ['rename', 'writeFile'] as const) {
      vi.spyOn(fs.promises, name).mockRejectedValue(coded(code))
      const failure = await refusal(store().put('ada', next, version))
      expect(failure).toBeInstanceOf(ValidationError)
      expect(failure.message).toContain(words)
      vi.restoreAllMocks()
      expect((await store().get('ada'))?.login).toEqual(login)
      expect((await readdir(path('logins'))).filter((left) => left.endsWith('.unfinished'))).toEqual([])
    }
    expect(await store().put('ada', next, version)).toBe(true)
  })
})

describe('a lock', () => {
  const lock = async (): Promise<string> => (await files())[0]!.replace('.login', '.lock')

  test('that another program has for too long is an error that passes, and leaves the login', async () => {
    await store().put('ada', login, undefined)
    const { version } = (await store().get('ada'))!
    await writeFile(await lock(), '1 other-machine x')
    let now = 0
    vi.spyOn(performance, 'now').mockImplementation(() => (now += 5_000))
    for (const work of [
      () => store().put('ada', { refreshToken: '1//next' }, version),
      () => store().delete('ada'),
    ]) {
      const failure = await refusal(work())
      expect(failure).toMatchObject({ name: 'AuthError', reason: 'login_locked', retryable: true })
      expect(failure.message).toContain(`remove ${await lock()}`)
    }
    expect((await store().get('ada'))?.login).toEqual(login)
    expect(await readFile(await lock(), 'utf8')).toBe('1 other-machine x')
    await rm(await lock())
    expect(await store().put('ada', { refreshToken: '1//next' }, version)).toBe(true)
  })

  test('that was taken over while this process stood still stops its put', async () => {
    await store().put('ada', login, undefined)
    const { version } = (await store().get('ada'))!
    const handle = await fs.promises.open(path('logins/key.json'))
    const prototype = Object.getPrototypeOf(handle) as typeof handle
    await handle.close()
    const place = await lock()
    const sync = vi
      .spyOn(prototype, 'sync')
      .mockImplementation(async () => fs.writeFileSync(place, '1 other-machine x'))
    expect(await store().put('ada', { refreshToken: '1//next' }, version)).toBe(false)
    expect(sync).toHaveBeenCalledOnce()
    expect((await store().get('ada'))?.login).toEqual(login)
    expect(await readFile(place, 'utf8')).toBe('1 other-machine x')
    expect((await readdir(path('logins'))).filter((name) => name.endsWith('.unfinished'))).toEqual([])
  })
})

test('options and arguments that cannot be used are refused before anything is made', async () => {
  expect(() => fileLoginStore({ floder: 'x' } as never)).toThrow(/did you mean 'folder'/)
  expect(() => fileLoginStore({ folder: '' })).toThrow(/must be the path of a folder/)
  expect(() => fileLoginStore({ folder: 5 as never })).toThrow(ValidationError)
  for (const account of ['', 'x'.repeat(201), 'a\nb', undefined]) {
    for (const work of [
      () => store().get(account as never),
      () => store().put(account as never, login, undefined),
      () => store().delete(account as never),
    ])
      expect(await failureOf(work())).toBeInstanceOf(ValidationError)
  }
  expect(await refusal(store().put('ada', { canary: 1 } as never, undefined))).toBeInstanceOf(ValidationError)
  const large = { ...login, more: 'x'.repeat(1_000_000) }
  expect((await refusal(store().put('ada', large, undefined))).message).toContain('login: ')
  expect(await store().get('ada')).toBeUndefined()
  expect(existsSync(path('logins')) ? await files() : []).toEqual([])
})
