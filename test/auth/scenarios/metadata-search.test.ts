/** Scenarios 107 and 108: the search for a metadata server, by many at once and on bad networks, and what it says. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AuthError,
  createClient,
  DiscokitError,
  type HttpRequest,
  type Transport,
  TransportError,
} from 'discokit'
import { adc, authorizedFetch, type Credentials, metadataCredentials } from 'discokit/auth'
import { createEmulator } from 'discokit/emulator'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { responseBody } from '../../../src/protocol/http-body.ts'
import { API } from '../endpoint.ts'
import { withoutWaiting } from '../waits.ts'

const VARIABLES = (
  'GOOGLE_APPLICATION_CREDENTIALS CLOUDSDK_CONFIG APPDATA GOOGLE_CLOUD_QUOTA_PROJECT NO_GCE_CHECK K_SERVICE ' +
  'CLOUD_RUN_JOB CLOUD_RUN_WORKER_POOL FUNCTION_NAME FUNCTION_TARGET GAE_SERVICE GCE_METADATA_HOST ' +
  'GCE_METADATA_ROOT GCE_METADATA_IP GCE_METADATA_TIMEOUT GCE_METADATA_DETECT_RETRIES DETECT_GCP_RETRIES'
).split(' ')
beforeEach(() => {
  for (const name of VARIABLES) vi.stubEnv(name, undefined)
  vi.stubEnv('HOME', '/nowhere')
  vi.stubEnv('METADATA_SERVER_DETECTION', 'ping-only')
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

interface Answer {
  readonly status?: number
  readonly text?: string
  readonly type?: string
}
const NAME = 'http://metadata.google.internal/'
const ADDRESS = 'http://169.254.169.254/'
const TOKEN: Answer = {
  text: JSON.stringify({ access_token: 't', expires_in: 3600 }),
  type: 'application/json',
}
const isPing = (url: string): boolean => new URL(url).pathname === '/'
const never = (): Promise<never> => new Promise(() => {})
function failing(reason: string): never {
  throw new TransportError('failed', { reason, progress: 'unsent' })
}

/** A network with metadata servers, of which each client has a transport of its own. */
function network(answer: (request: HttpRequest, i: number) => Answer | Promise<Answer>) {
  const asked: string[] = []
  const connect = () => {
    let close = (): void => {}
    const closed = new Promise<never>((_, reject) => {
      close = () =>
        reject(new TransportError('the client is closed', { reason: 'CLOSED', progress: 'unsent' }))
    })
    closed.catch(() => {})
    const exchange = async (request: HttpRequest) => {
      if (request.url === API) return { status: 200, headers: {}, body: responseBody('{}') }
      const {
        status = 200,
        text = '',
        type = 'application/text',
      } = await answer(request, asked.push(request.url) - 1)
      const headers = { 'metadata-flavor': 'Google', 'content-type': type }
      return { status, headers, body: responseBody(text) }
    }
    const transport: Transport = (request) => Promise.race([exchange(request), closed])
    return { transport, close }
  }
  return {
    asked,
    connect,
    call: (credentials: Credentials = adc()) =>
      authorizedFetch(credentials, { transport: connect().transport })(API),
  }
}

describe('the search for a metadata server', () => {
  test('[107] asks again where a connection fails, three times in all', async () => {
    const { asked, call } = network(({ url }, i) => (isPing(url) && i < 4 ? failing('ECONNREFUSED') : TOKEN))
    const { result, waits } = await withoutWaiting(() => call())
    expect(result.status).toBe(200)
    expect(asked.filter((url) => url === NAME)).toHaveLength(3)
    expect(waits.filter((ms) => ms === 1_000 || ms === 2_000)).toEqual([1_000, 1_000, 2_000, 2_000])
    const none = network(() => failing('ECONNRESET'))
    const { result: error } = await withoutWaiting(() => none.call().catch((reason: unknown) => reason))
    expect(error).toMatchObject({ reason: 'no_default_credentials' })
    expect(none.asked).toHaveLength(6)
  })

  test.each(['ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH'])(
    '[107] does not ask again where there is no way to anybody: %s',
    async (reason) => {
      const { asked, call } = network(() => failing(reason))
      await expect(call()).rejects.toMatchObject({ reason: 'no_default_credentials' })
      expect(asked).toEqual([NAME, ADDRESS])
    },
  )

  test('[107] goes by whichever host answers first', async () => {
    const { asked, call } = network(({ url }) => (url === NAME ? never() : TOKEN))
    expect((await call()).status).toBe(200)
    expect(asked.slice(0, 2)).toEqual([NAME, ADDRESS])
  })

  test('[107] ends the question to the other one', async () => {
    const ended: string[] = []
    const transport: Transport = async ({ url }, call) => {
      if (url === NAME) {
        call.onEnd(() => ended.push(url))
        return never()
      }
      const headers = { 'metadata-flavor': 'Google' }
      return { status: 200, headers, body: responseBody(TOKEN.text!) }
    }
    await authorizedFetch(adc(), { transport })(API)
    expect(ended).toEqual([NAME])
  })

  test.each([
    [{ GCE_METADATA_TIMEOUT: '0.5' }, 500, 2],
    [{}, 3_000, 2],
  ])('[107] waits for an answer as long as %j says', async (variables, timeoutMs, questions) => {
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
    const { asked, call } = network(never)
    const { result, waits } = await withoutWaiting(() => call().catch((error: unknown) => error))
    expect(result).toMatchObject({ reason: 'no_default_credentials' })
    expect(asked).toHaveLength(questions)
    expect(waits).toEqual([timeoutMs, timeoutMs])
  })

  test.each([
    [{ GCE_METADATA_DETECT_RETRIES: '1' }, 2],
    [{ GCE_METADATA_DETECT_RETRIES: '2' }, 4],
    [{ DETECT_GCP_RETRIES: '0' }, 2],
    [{ DETECT_GCP_RETRIES: '1' }, 4],
  ])('[107] asks as often as %j says', async (variables, questions) => {
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
    const { asked, call } = network(() => failing('ECONNREFUSED'))
    await withoutWaiting(() => call().catch(() => {}))
    expect(asked).toHaveLength(questions)
  })

  test.each([
    ['GCE_METADATA_TIMEOUT', 'soon'],
    ['GCE_METADATA_DETECT_RETRIES', '-1'],
    ['DETECT_GCP_RETRIES', '1e9'],
    ['GCE_METADATA_HOST', 'https://metadata.example'],
    ['GCE_METADATA_HOST', 'meta data'],
    ['GCE_METADATA_HOST', 'metadata.example/path'],
    ['GCE_METADATA_HOST', 'user@metadata.example'],
    ['GCE_METADATA_ROOT', 'ftp://metadata.example'],
    ['GCE_METADATA_IP', '169.254.169.254 '],
  ])('[107] [108] is refused with %s=%s, by the name of the variable', async (name, value) => {
    vi.stubEnv(name, value)
    const { asked, call } = network(() => TOKEN)
    const error = (await call().catch((reason: unknown) => reason)) as AuthError
    expect(error).toBeInstanceOf(AuthError)
    expect(error).toMatchObject({
      reason: 'invalid_environment',
      message: expect.stringContaining(name) as string,
    })
    expect((await adc().why())[2]).toMatchObject({ outcome: 'unusable', detail: error.message })
    if (name.startsWith('GCE_METADATA_') && !/TIMEOUT|RETRIES/.test(name))
      await expect(call(metadataCredentials())).rejects.toThrow(name)
    expect(asked).toEqual([])
  })

  test('[107] asks the address that GCE_METADATA_IP names', async () => {
    vi.stubEnv('GCE_METADATA_IP', '10.0.0.7')
    const { asked, call } = network(() => TOKEN)
    await call()
    expect(asked.map((url) => new URL(url).host)).toEqual(['10.0.0.7', '10.0.0.7'])
  })

  test.each([
    ['Google Compute Engine', 200],
    ['Standard PC', undefined],
  ])('[107] only looks at the maker of the machine in the mode bios-only: %s', async (maker, status) => {
    vi.stubEnv('METADATA_SERVER_DETECTION', 'bios-only')
    const folder = await mkdtemp(join(tmpdir(), 'discokit-bios-'))
    const { promises } = process.getBuiltinModule('node:fs')
    const { open } = promises
    await writeFile(join(folder, 'product_name'), maker)
    vi.spyOn(promises, 'open').mockImplementation((path, ...rest) =>
      open(path === '/sys/class/dmi/id/product_name' ? join(folder, 'product_name') : path, ...rest),
    )
    const { asked, call } = network(() => TOKEN)
    const answer = await call().catch(() => ({ status: undefined }))
    await rm(folder, { recursive: true })
    expect(answer.status).toBe(status)
    expect(asked.filter(isPing)).toEqual([])
  })
})

describe('one search', () => {
  const search = () => {
    const waiting: ((answer: Answer) => void)[] = []
    const at = network(({ url }) => (isPing(url) ? new Promise((resolve) => waiting.push(resolve)) : TOKEN))
    return { ...at, answerAll: () => waiting.splice(0).forEach((resolve) => resolve({})) }
  }

  test('[107] is enough for many that ask at once, and for those whose time ends before', async () => {
    const { asked, connect, answerAll } = search()
    const fetch = authorizedFetch(adc(), { transport: connect().transport })
    const early = await Promise.allSettled(Array.from({ length: 50 }, () => fetch(API, { timeoutMs: 10 })))
    for (const { reason } of early as PromiseRejectedResult[])
      expect(reason).toMatchObject({ code: 'timeout' })
    expect(asked).toHaveLength(2)
    const late = Array.from({ length: 50 }, () => fetch(API))
    answerAll()
    expect((await Promise.all(late)).map(({ status }) => status)).toEqual(
      Array.from({ length: 50 }, () => 200),
    )
    expect(asked.filter(isPing)).toHaveLength(2)
  })

  test('that was begun through a client that is closed goes on through another', async () => {
    const { asked, connect, answerAll } = search()
    const auth = adc()
    const [first, second] = [connect(), connect()]
    const begun = authorizedFetch(auth, { transport: first.transport })(API)
    const waiting = authorizedFetch(auth, { transport: second.transport })(API)
    begun.catch(() => {})
    while (asked.length < 2) await new Promise((resolve) => setImmediate(resolve))
    first.close()
    const error = await begun.catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(DiscokitError)
    expect(error).toMatchObject({ code: 'auth_failed', reason: 'CLOSED' })
    while (asked.length < 4) await new Promise((resolve) => setImmediate(resolve))
    answerAll()
    expect((await waiting).status).toBe(200)
  })

  test('is that of clients with sockets too', async () => {
    const emulator = await createEmulator()
    const { url } = await emulator.listen()
    vi.stubEnv('GCE_METADATA_HOST', new URL(url).host)
    const auth = adc()
    const [first, second] = [createClient({ auth, endpoint: url }), createClient({ auth, endpoint: url })]
    const list = async (client: typeof first): Promise<unknown> =>
      (await client.discover('storage:v1')).buckets.list({ project: 'p' })
    const begun = list(first).catch((error: unknown) => error)
    const other = list(second)
    await first.close()
    expect(await begun).toBeInstanceOf(DiscokitError)
    expect(await other).toMatchObject({ kind: 'storage#buckets' })
    await second.close()
    await emulator.close()
  })
})

describe('the universe', () => {
  const machineOf = async (answer: Answer) => {
    const emulator = process.getBuiltinModule('node:http').createServer((request, response) => {
      const {
        status = 200,
        text = '',
        type = 'application/text',
      } = request.url!.includes('universe') ? answer : {}
      response.writeHead(status, { 'metadata-flavor': 'Google', 'content-type': type }).end(text)
    })
    await new Promise<void>((resolve) => emulator.listen(0, '127.0.0.1', resolve))
    vi.stubEnv('GCE_METADATA_HOST', `127.0.0.1:${(emulator.address() as { port: number }).port}`)
    return { close: () => void emulator.close() }
  }

  test.each([
    [{ text: 'example.org\n' }, 'example.org'],
    [{ text: '' }, 'googleapis.com'],
    [{ status: 404, text: 'Not Found' }, 'googleapis.com'],
    [{ text: '"example.org"', type: 'application/json; charset=utf-8' }, 'example.org'],
    [{ text: '"example.org"', type: 'Application/JSON;charset="UTF-8"' }, 'example.org'],
  ])('[108] of a machine is what it says, or the one of old: %j', async (answer, domain) => {
    const server = await machineOf(answer)
    expect(await metadataCredentials().universeDomain()).toBe(domain)
    expect(await adc().universeDomain()).toBe(domain)
    server.close()
  })

  test.each([
    [{ text: '{"a', type: 'application/json' }, 'it is not JSON'],
    [{ text: '<html>' }, 'its universe-domain is no domain'],
    [{ text: '7', type: 'application/json' }, 'its universe-domain is no domain'],
  ])('[108] of a machine that makes no sense is an error: %j', async (answer, why) => {
    const server = await machineOf(answer)
    const error: unknown = await metadataCredentials()
      .universeDomain()
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'auth_failed', reason: 'unreadable_answer' })
    expect((error as AuthError).message).toContain(why)
    server.close()
  })
})
