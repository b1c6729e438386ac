/** Scenario 111: where an external account's own token comes from, be it a file or an address. */
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AuthError, TransportError } from 'discokit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { subjectTokenSource } from '../../../src/auth/subject-token/subject-token-source.ts'
import { failureOf } from '../../transport/contexts.ts'
import { contextOf, provider, subjectToken } from '../provider.ts'
import { withoutWaiting } from '../waits.ts'

const JSON_FORMAT = { type: 'json', subject_token_field_name: 'token' }
const SECRET = 'very-secret-subject-token'
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'discokit-subject-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function place(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}

/** What is said of a file with this source, without anybody being asked. */
function refusal(credential_source: unknown): AuthError {
  try {
    subjectTokenSource({ credential_source }, 'the file external.json')
  } catch (error) {
    return error as AuthError
  }
  return expect.unreachable('it was taken')
}

describe('a credential source', () => {
  const file = '/token'
  const url = 'https://idp.example/token'
  const executable = { command: 'run' }
  const environment_id = 'aws1'

  test.each([
    [undefined, 'has no credential_source'],
    [null, 'has no credential_source'],
    ['text', 'has no credential_source'],
    [[], 'has no credential_source'],
    [{}, 'names none of file, url, executable and environment_id'],
    [{ file: null }, 'names none of file, url, executable and environment_id'],
    [{ file, url }, 'ambiguous credential_source: it names file and url'],
    [{ file, executable }, 'it names file and executable'],
    [{ url, executable }, 'it names url and executable'],
    [{ environment_id, url, file }, 'it names environment_id and file'],
    [{ environment_id, executable }, 'it names environment_id and executable'],
    [{ url, certificate: {} }, 'it names url and certificate'],
    [{ certificate: {} }, 'certificate-based federation (X.509) is not supported'],
    [{ file: 5 }, 'file is not a text'],
    [{ file: ' ' }, 'file is not a text'],
    [{ file: 'a\u0000b' }, 'file is not a text'],
    [{ url: 5 }, 'url is no plain address'],
    [{ file, format: { type: 'xml' } }, 'format is neither text nor json'],
    [{ file, format: { type: 'json' } }, 'lacks subject_token_field_name'],
    [{ url, format: { type: 'json', subject_token_field_name: 5 } }, 'lacks subject_token_field_name'],
  ])('[111] is refused at once: %j', (source, why) => {
    const { reason, message } = refusal(source)
    expect(reason).toBe('invalid_key_file')
    expect(message).toContain('the file external.json has')
    expect(message).toContain(why)
  })

  test.each([
    'http://idp.example/token',
    'http://10.0.0.1/',
    'http://169.254.169.254.idp.example/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://[fd00:ec2::253]/',
    'https://user:secret@idp.example/',
    'http://127.0.0.1@idp.example/',
    'http://localhost\\@idp.example/',
    'https://idp.example/#fragment',
    'https://idp.example/a b',
    'https://idp.example/\u0000',
    'https://idp.example:99999/',
    'HTTPS://idp.example/',
    'ftp://idp.example/',
    'file:///etc/passwd',
    '//idp.example/',
    'https://',
    `https://idp.example/${'a'.repeat(5_000)}`,
  ])('[111] may not have the address %j', (address) => {
    const { reason, message } = refusal({ url: address })
    expect(reason).toBe('invalid_key_file')
    expect(message).not.toContain('secret')
  })

  test.each([
    'https://idp.example/token?audience=a%20b',
    'https://idp.example?audience=a',
    'https://10.0.0.1:8443/',
    'http://localhost:8080/',
    'http://127.0.0.1/',
    'http://[::1]:80/x',
    'http://169.254.170.2/v2',
    'http://169.254.169.254/metadata/identity/oauth2/token?resource=a',
    'http://[fd00:ec2::254]/',
    'http://[fe80::1]/',
  ])('[111] may have the address %j', async (address) => {
    const { asked, transport } = provider(() => ({ text: 'a' }))
    await subjectToken({ url: address }, contextOf(transport))
    expect(asked.map((request) => request.url)).toEqual([new URL(address).href])
  })

  test.each([
    [{ 'x-a': 'line\nend' }],
    [{ 'x a': 'b' }],
    [{ '': 'b' }],
    [{ 'x-a': 5 }],
    [{ Host: 'metadata.google.internal' }],
    [{ 'Content-Length': '5' }],
    [{ 'transfer-encoding': 'chunked' }],
    [{ 'Proxy-Authorization': 'Basic abc' }],
    [['x-a']],
    ['x-a: b'],
    [Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`x-${i}`, 'a']))],
  ])('[111] may not have the headers %j', (headers) => {
    const { reason, message } = refusal({ url, headers })
    expect([reason, message]).toEqual(['invalid_key_file', expect.stringContaining('headers cannot be sent')])
  })
})

describe('a subject token in a file', () => {
  test('[111] is the text of it, read anew each time', async () => {
    const file = await place('text', `${SECRET}\n`)
    expect(await subjectToken({ file })).toBe(SECRET)
    await writeFile(file, 'another')
    expect(await subjectToken({ file, format: { type: 'text' } })).toBe('another')
  })

  test('[111] is a field of its JSON', async () => {
    const file = await place('json', `\uFEFF${JSON.stringify({ token: SECRET })}`)
    expect(await subjectToken({ file, format: JSON_FORMAT })).toBe(SECRET)
  })

  test('[111] may be reached by a link, as those of Kubernetes are', async () => {
    const link = join(folder, 'link')
    await symlink(await place('linked', SECRET), link)
    expect(await subjectToken({ file: link })).toBe(SECRET)
  })

  test.each([
    ['{}', 'lacks the field'],
    ['{"other":1}', 'lacks the field'],
    ['{"token":5}', 'has no text in the field'],
    ['{"token":""}', 'has no text in the field'],
    ['{"token":null}', 'has no text in the field'],
    ['[]', 'lacks the field'],
    ['null', 'lacks the field'],
    [`{"token":"${SECRET}`, 'is not JSON'],
    [SECRET, 'is not JSON'],
    ['', 'is not JSON'],
  ])('[111] is missing from the JSON %j', async (content, why) => {
    const file = await place('bad.json', content)
    const { reason, message } = await failureOf(subjectToken({ file, format: JSON_FORMAT }))
    expect([reason, message]).toEqual(['subject_token', expect.stringContaining(why)])
    expect(message).toContain(file)
    expect(message).not.toContain('very-')
  })

  test.each(['constructor', 'toString', '__proto__'])(
    '[111] is missing when its field is %j, which objects have',
    async (name) => {
      const file = await place('empty.json', '{}')
      const format = { type: 'json', subject_token_field_name: name }
      expect((await failureOf(subjectToken({ file, format }))).message).toContain('lacks the field')
    },
  )

  test('[111] is missing where there is no file, a folder, nothing in it, or too much', async () => {
    const why = async (path: string): Promise<string> => {
      const { message, reason } = await failureOf(subjectToken({ file: path }))
      expect(reason).toBe('subject_token')
      return message
    }
    expect(await why(join(folder, 'nowhere'))).toContain('does not exist')
    expect(await why(folder)).toContain('is a folder')
    expect(await why(await place('empty', ' \n'))).toContain('is empty')
    expect(await why(await place('large', new Uint8Array(1_048_577).fill(97)))).toContain(
      'is larger than 1048576 bytes',
    )
  })

  test('[111] is not waited for in a pipe or a device, which may have no end', async (context) => {
    context.skip(process.platform === 'win32', 'Windows has neither of them in its file system')
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    for (const path of [pipe, '/dev/zero'])
      expect((await failureOf(subjectToken({ file: path }))).message).toContain('is not a plain file')
  })
})

describe('a subject token at an address', () => {
  const url = 'https://idp.example/token'

  test('[111] is the text of the answer, asked for with the headers of the file', async () => {
    const { asked, transport } = provider(() => ({ text: `${SECRET}\n` }))
    const headers = { 'Metadata-Flavor': 'Google', authorization: 'Bearer a' }
    expect(await subjectToken({ url, headers }, contextOf(transport))).toBe(SECRET)
    expect(asked).toEqual([
      { method: 'GET', url, headers: { 'metadata-flavor': 'Google', authorization: 'Bearer a' } },
    ])
  })

  test('[111] is a field of the JSON of the answer', async () => {
    const { transport } = provider(() => ({ text: JSON.stringify({ token: SECRET }) }))
    expect(await subjectToken({ url, format: JSON_FORMAT }, contextOf(transport))).toBe(SECRET)
  })

  test.each([
    ['{}', 'lacks the field'],
    [SECRET, 'is not JSON'],
  ])('[111] is missing from the answer %j', async (text, why) => {
    const { transport } = provider(() => ({ text }))
    const error = await failureOf(subjectToken({ url, format: JSON_FORMAT }, contextOf(transport)))
    expect([error.reason, error.message]).toEqual(['subject_token', expect.stringContaining(why)])
    expect(error.message).toContain('idp.example')
    expect(error.message).not.toContain('very-')
  })

  test.each([201, 204, 301, 302, 307, 400, 401, 403, 404, 501])(
    '[111] is not there when the answer is %i, and is not asked for again or elsewhere',
    async (status) => {
      const { asked, transport } = provider(() => ({
        status,
        text: SECRET,
        headers: { location: 'https://elsewhere.example/' },
      }))
      const error = await failureOf(subjectToken({ url }, contextOf(transport)))
      expect(error).toMatchObject({ reason: 'subject_token', status, retryable: false })
      expect(error.message).toContain(`idp.example answered ${status}`)
      expect(error.message).not.toContain(SECRET)
      expect(asked).toHaveLength(1)
    },
  )

  test.each([408, 429, 500, 502, 503, 504])('[111] is asked for again after %i', async (status) => {
    const { asked, transport } = provider((_, index) => (index < 2 ? { status } : { text: SECRET }))
    const { result, waits } = await withoutWaiting(() => subjectToken({ url }, contextOf(transport)))
    expect(result).toBe(SECRET)
    expect(asked).toHaveLength(3)
    expect(waits).toEqual([1_000, 2_000])
  })

  test('[111] is asked for five times at most', async () => {
    const { asked, transport } = provider(() => ({ status: 503 }))
    const { result } = await withoutWaiting(() => failureOf(subjectToken({ url }, contextOf(transport))))
    expect(result).toMatchObject({ status: 503, retryable: true })
    expect(asked).toHaveLength(5)
  })

  test('is asked for again after a connection that broke, and not after one that cannot be', async () => {
    const broken = (reason: string) =>
      provider((_, index) => {
        if (index === 0) throw new TransportError('GET x: broken', { reason, progress: 'unsent' })
        return { text: SECRET }
      })
    const reset = broken('ECONNRESET')
    const { result } = await withoutWaiting(() => subjectToken({ url }, contextOf(reset.transport)))
    expect(result).toBe(SECRET)
    const unknown = broken('ENOTFOUND')
    const error = await failureOf(subjectToken({ url }, contextOf(unknown.transport)))
    expect(error).toMatchObject({ reason: 'ENOTFOUND', retryable: false })
    expect(unknown.asked).toHaveLength(1)
  })

  test('[111] is given up when the answer is too large', async () => {
    let given = 0
    const { asked, transport } = provider(() => ({
      text: (async function* () {
        for (; given < 1_073_741_824; given += 65_536) yield new Uint8Array(65_536).fill(97)
      })(),
    }))
    const error = await failureOf(subjectToken({ url }, contextOf(transport)))
    expect(error).toMatchObject({ code: 'auth_failed', reason: 'ANSWER_TOO_LARGE', retryable: false })
    expect(given).toBeLessThan(2_000_000)
    expect(asked).toHaveLength(1)
  })
})
