import { type AuthError, ValidationError } from 'discokit'
import { adc, authorizedFetch, gcloudCli, type GcloudOptions } from 'discokit/auth'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { failureOf } from '../transport/contexts.ts'
import { API, endpoint } from './endpoint.ts'
import { type Programs, programFolder } from './programs.ts'
import { NOW } from './provider.ts'

/** A time as gcloud writes it, so many seconds from now. */
const inSeconds = (seconds: number): string =>
  new Date(NOW + seconds * 1_000).toISOString().replace('.000', '')
const configuration = (token: string, token_expiry: unknown = inSeconds(3_600)): unknown => ({
  configuration: { active_configuration: 'default', properties: { core: { account: 'ada@example.com' } } },
  credential: { access_token: token, token_expiry },
  sentinels: {},
})

let programs: Programs
let now = NOW
const clock = { now: () => now }
beforeEach(async () => {
  now = NOW
  programs = await programFolder()
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await programs.remove()
})

/** At one, then at eleven, then at nine in the evening of the day that `NOW` begins. */
const LATER = '2026-01-01TRUNS1:00:00Z'

/** A gcloud that prints this; `runs` in it counts how often it ran before. */
const gcloud = (answer: unknown): Promise<string> =>
  programs.write(
    'gcloud',
    `const runs = fs.existsSync(__filename + '.runs') ? fs.readFileSync(__filename + '.runs').length : 0
     fs.appendFileSync(__filename + '.runs', '.')
     note(process.argv.slice(2))
     console.log(${JSON.stringify(JSON.stringify(answer))}.replaceAll('RUNS', runs))`,
  )

/** Calls an API as whoever is logged in, and gives what let the calls in. */
async function call(options: GcloudOptions, times = 1): Promise<(string | undefined)[]> {
  const google = endpoint()
  const fetch = google.fetch(gcloudCli(options), clock)
  for (let i = 0; i < times; i++) await fetch(API)
  return google.calls.map(({ headers }) => headers['authorization'])
}
const failure = (options: GcloudOptions): Promise<AuthError> => failureOf(call(options))

describe('the credential of gcloud', () => {
  test('is a token that gcloud prints, kept as long as it holds', async () => {
    const command = await gcloud(configuration('ya29.token-RUNS', LATER))
    const google = endpoint()
    const fetch = google.fetch(gcloudCli({ command }), clock)
    await Promise.all(Array.from({ length: 10 }, () => fetch(API)))
    now += 3_370_000
    await fetch(API)
    expect(await programs.notes()).toEqual([
      ['config', 'config-helper', '--min-expiry=300s', '--format=json'],
    ])
    now += 300_000
    await fetch(API)
    const tokens = google.calls.map(({ headers }) => headers['authorization'])
    expect(new Set(tokens.slice(0, 11))).toEqual(new Set(['Bearer ya29.token-0']))
    expect(tokens[11]).toBe('Bearer ya29.token-1')
    expect(google.forms).toEqual([])
  })

  test.each<[GcloudOptions, string[]]>([
    [{ account: 'ada@example.com' }, ['--account=ada@example.com']],
    [
      { account: 'ada@example.com', impersonateServiceAccount: 'robot@p.iam.gserviceaccount.com' },
      ['--account=ada@example.com', '--impersonate-service-account=robot@p.iam.gserviceaccount.com'],
    ],
  ])('is asked for with %j', async (options, args) => {
    await call({ ...options, command: await gcloud(configuration('t')) })
    expect((await programs.notes())[0].slice(3)).toEqual(['--format=json', ...args])
  })

  test('may have fewer scopes, and is new then', async () => {
    const command = await gcloud({ token: 'for-scopes' })
    const scopes = ['https://www.googleapis.com/auth/drive.readonly', 'openid']
    expect(await call({ command, scopes, account: 'ada@example.com' })).toEqual(['Bearer for-scopes'])
    expect(await programs.notes()).toEqual([
      [
        'auth',
        'print-access-token',
        `--scopes=${scopes.join(',')}`,
        '--format=json',
        '--account=ada@example.com',
      ],
    ])
  })

  test('is asked for anew when it was refused, and not for the same again', async () => {
    const command = await gcloud(configuration('token-RUNS', LATER))
    const google = endpoint()
    const sent: (string | undefined)[] = []
    const fetch = authorizedFetch(gcloudCli({ command }), {
      clock,
      transport: async (request, context) => {
        sent.push(request.headers['authorization'])
        const answer = await google.transport(request, context)
        return { ...answer, status: sent.length === 1 ? 401 : 200 }
      },
    })
    expect((await fetch(API)).status).toBe(200)
    expect(sent).toEqual(['Bearer token-0', 'Bearer token-1'])
    now += 40_000_000
    await fetch(API)
    expect(sent.at(-1)).toBe('Bearer token-2')
    expect((await programs.notes()).map((args) => args[2])).toEqual([
      '--min-expiry=300s',
      '--force-auth-refresh',
      '--min-expiry=300s',
    ])
  })

  test.each(['', null, undefined])('is asked for again soon when its end is %j', async (token_expiry) => {
    const command = await programs.write(
      'gcloud',
      `note(1); print({ credential: { access_token: 't', token_expiry: ${JSON.stringify(token_expiry)} } })`,
    )
    const google = endpoint()
    const fetch = google.fetch(gcloudCli({ command }), clock)
    await fetch(API)
    now += 200_000
    await fetch(API)
    expect(await programs.notes()).toHaveLength(1)
    now += 100_000
    await fetch(API)
    expect(await programs.notes()).toHaveLength(2)
  })

  test('is asked for without questions to the person', async () => {
    const command = await programs.write(
      'gcloud',
      `note(process.env.CLOUDSDK_CORE_DISABLE_PROMPTS); note(fs.readFileSync(0, 'utf8'))
       print(${JSON.stringify(configuration('t'))})`,
    )
    await call({ command })
    expect(await programs.notes()).toEqual(['1', ''])
  })

  test('is found by the variable PATH, and no search for credentials looks there', async () => {
    await gcloud(configuration('of-path'))
    vi.stubEnv('PATH', programs.folder)
    for (const name of ['GOOGLE_APPLICATION_CREDENTIALS', 'APPDATA', 'ComSpec']) vi.stubEnv(name, undefined)
    vi.stubEnv('CLOUDSDK_CONFIG', programs.folder)
    vi.stubEnv('METADATA_SERVER_DETECTION', 'none')
    await failureOf(endpoint().fetch(adc())(API))
    expect(await programs.notes()).toEqual([])
    expect(await call({})).toEqual(['Bearer of-path'])
  })

  test('is asked for through the command interpreter where there is one', async () => {
    const interpreter = await programs.write(
      'cmd',
      `note(process.argv.slice(2)); print(${JSON.stringify(configuration('t'))})`,
    )
    vi.stubEnv('ComSpec', interpreter)
    await call({ account: 'ada@example.com' })
    expect((await programs.notes())[0].slice(0, 5)).toEqual(['/d', '/c', 'gcloud', 'config', 'config-helper'])
  })
})

describe('gcloud', () => {
  test('that is not there is told how to get', async () => {
    vi.stubEnv('PATH', programs.folder)
    vi.stubEnv('ComSpec', undefined)
    const { reason, message } = await failure({})
    expect([reason, message]).toEqual(['gcloud', expect.stringContaining('gcloud does not exist; install')])
  })

  test('where nobody is logged in is told how to, in its words', async () => {
    const command = await programs.write(
      'gcloud',
      `console.error('WARNING: old\\nERROR: (gcloud.config.config-helper) You do not have an active account.\\nmore')
       process.exitCode = 1`,
    )
    const { reason, message } = await failure({ command })
    expect(reason).toBe('gcloud')
    expect(message).toBe(
      `${command} gave no token (1): You do not have an active account. To log in: gcloud auth login`,
    )
  })

  test.each([
    ['Traceback: access_token=ya29.secret-token', ''],
    ['ERROR: (gcloud.auth) ya29.secret-token and 1//secret-refresh', ': … and …'],
    ['ERROR: \u001b[31mbad\u0007 thing\u001b[0m', ': [31mbad thing [0m'],
    [`ERROR: ${'long '.repeat(200)}`, `: ${'long '.repeat(60)}`],
  ])('is quoted only with clean and few words: %j', async (stderr, said) => {
    const command = await programs.write(
      'gcloud',
      `process.stderr.write(${JSON.stringify(stderr)}); process.exitCode = 2`,
    )
    expect((await failure({ command })).message).toBe(
      `${command} gave no token (2)${said}. To log in: gcloud auth login`,
    )
  })

  test.each<[unknown, string]>([
    ['{"credential":{"access_token":"very-secret', 'it is not JSON'],
    ['', 'it is not JSON'],
    [[], 'it has no access_token'],
    [{}, 'it has no access_token'],
    [{ credential: { token_expiry: inSeconds(60) } }, 'it has no access_token'],
    [configuration('two words'), 'it has no access_token'],
    [configuration('t', inSeconds(0)), 'the token has expired already'],
    [configuration('t', inSeconds(-60)), 'the token has expired already'],
    [configuration('t', 'soon'), 'it does not say when the token ends'],
    [configuration('t', 1_767_225_600), 'it does not say when the token ends'],
    [configuration('t', '2026-13-40T00:00:00Z'), 'it does not say when the token ends'],
  ])('is not believed when it prints %j', async (answer, why) => {
    const text = typeof answer === 'string' ? answer : JSON.stringify(answer)
    const command = await programs.write('gcloud', `process.stdout.write(${JSON.stringify(text)})`)
    const { reason, message } = await failure({ command })
    expect([reason, message]).toEqual(['gcloud', expect.stringContaining(`gcloud answered, but ${why}`)])
    expect(message).toContain('gcloud auth login')
    expect(message).not.toContain('very-')
  })

  test('is stopped after its time', async () => {
    const command = await programs.write('gcloud', 'setInterval(() => {}, 1000)')
    const { reason, message } = await failure({ command, timeoutMs: 50 })
    expect([reason, message]).toEqual([
      'gcloud',
      `${command} did not end within 50 ms; the option timeoutMs allows more time`,
    ])
  })

  test.each<[object, string]>([
    [{ account: '--configuration=x' }, 'account'],
    [{ account: '-q' }, 'account'],
    [{ account: '' }, 'account'],
    [{ account: 'ada@example.com & calc' }, 'account'],
    [{ account: '%PATH%' }, 'account'],
    [{ account: 5 }, 'account'],
    [{ impersonateServiceAccount: '--flags-file=x' }, 'impersonateServiceAccount'],
    [{ impersonateServiceAccount: 'a b' }, 'impersonateServiceAccount'],
    [{ scopes: [] }, 'scopes'],
    [{ scopes: 'openid' }, 'scopes'],
    [{ scopes: ['-x'] }, 'scopes'],
    [{ scopes: ['a,b'] }, 'scopes'],
    [{ timeoutMs: 0 }, 'timeoutMs'],
    [{ timeoutMs: '5' }, 'timeoutMs'],
    [{ timeoutMs: 600_001 }, 'timeoutMs'],
    [{ command: '-x' }, 'command'],
    [{ command: '' }, 'command'],
    [{ command: 'a\u0000b' }, 'command'],
    [{ acount: 'ada@example.com' }, 'acount'],
  ])('is not asked with %j', (options, path) => {
    const make = () => gcloudCli(options)
    expect(make).toThrow(ValidationError)
    expect(make).toThrow(expect.objectContaining({ problems: [expect.objectContaining({ path })] }))
  })
})
