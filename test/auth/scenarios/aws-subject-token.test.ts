/** Scenario 111: the subject token of a machine or a program at Amazon. */
import { AwsClient } from 'google-auth-library'
import type { HttpRequest } from 'discokit'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { subjectTokenSource } from '../../../src/auth/subject-token/subject-token-source.ts'
import { failureOf } from '../../transport/contexts.ts'
import type { Scripted } from '../endpoint.ts'
import { AUDIENCE, contextOf, NOW, provider, subjectToken } from '../provider.ts'

const METADATA = 'http://169.254.169.254/latest'
const SOURCE = {
  environment_id: 'aws1',
  region_url: `${METADATA}/meta-data/placement/availability-zone`,
  url: `${METADATA}/meta-data/iam/security-credentials`,
  regional_cred_verification_url:
    'https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15',
}
const V2 = { ...SOURCE, imdsv2_session_token_url: `${METADATA}/api/token` }
const KEYS = { AccessKeyId: 'ASIAROLE', SecretAccessKey: 'role-secret-key', Token: 'role-session-token' }
const VARIABLES =
  'AWS_REGION AWS_DEFAULT_REGION AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN'.split(' ')

beforeEach(() => {
  for (const name of VARIABLES) vi.stubEnv(name, undefined)
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
})

/** A machine with a role; answers may be given otherwise, by the end of the path. */
function machine(otherwise: Readonly<Record<string, Scripted>> = {}) {
  const answers: Readonly<Record<string, Scripted>> = {
    'availability-zone': { text: 'us-east-2b' },
    'security-credentials': { text: 'my-role@x' },
    'my-role@x': { text: JSON.stringify({ Code: 'Success', ...KEYS }) },
    token: { text: 'v2-session' },
    ...otherwise,
  }
  return provider(({ url }) => answers[url.split('/').at(-1)!] ?? { status: 404 })
}
const withKeys = (): void => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDENV')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'environment-secret-key')
}

/** The request that a token stands for. */
function read(token: string): { url: string; method: string; headers: Record<string, string> } {
  const { headers, ...rest } = JSON.parse(decodeURIComponent(token))
  const pairs = headers.map(({ key, value }: { key: string; value: string }) => [key.toLowerCase(), value])
  return { ...rest, headers: Object.fromEntries(pairs) }
}
const asked = (requests: readonly HttpRequest[]): string[] =>
  requests.map(({ method, url }) => `${method} ${url}`)

describe('the subject token of Amazon', () => {
  test('[111] is signed with the credentials of the environment, which nobody is asked for', async () => {
    withKeys()
    vi.stubEnv('AWS_SESSION_TOKEN', 'environment-session')
    vi.stubEnv('AWS_REGION', 'eu-west-1')
    const token = await subjectToken(V2)
    const { url, method, headers } = read(token)
    expect([method, url]).toEqual([
      'POST',
      'https://sts.eu-west-1.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15',
    ])
    expect(headers).toMatchObject({
      host: 'sts.eu-west-1.amazonaws.com',
      'x-amz-date': '20260101T000000Z',
      'x-amz-security-token': 'environment-session',
      'x-goog-cloud-target-resource': AUDIENCE,
    })
    expect(headers['authorization']).toContain('Credential=AKIDENV/20260101/eu-west-1/sts/aws4_request')
    expect(headers['authorization']).toContain('x-goog-cloud-target-resource')
    expect(decodeURIComponent(token)).not.toMatch(/\s"|environment-secret/)
    expect(token).toBe(encodeURIComponent(decodeURIComponent(token)))
  })

  test("[111] has the members of the one of Google's own client", async () => {
    withKeys()
    vi.stubEnv('AWS_SESSION_TOKEN', 'environment-session')
    vi.stubEnv('AWS_REGION', 'eu-west-1')
    vi.useFakeTimers({ now: NOW, toFake: ['Date'] })
    const client = new AwsClient({
      type: 'external_account',
      audience: AUDIENCE,
      subject_token_type: 'urn:ietf:params:aws:token-type:aws4_request',
      token_url: 'https://sts.googleapis.com/v1/token',
      credential_source: SOURCE,
    })
    const { authorization: _, ...theirs } = read(await client.retrieveSubjectToken()).headers
    const { authorization, ...ours } = read(await subjectToken(SOURCE)).headers
    expect(ours).toEqual(theirs)
    expect(authorization).toMatch(/^AWS4-HMAC-SHA256 /)
  })

  test('[111] is signed with the credentials of the role of the machine, in its region', async () => {
    const there = machine()
    const { url, headers } = read(await subjectToken(SOURCE, contextOf(there.transport)))
    expect(asked(there.asked)).toEqual([
      `GET ${SOURCE.region_url}`,
      `GET ${SOURCE.url}`,
      `GET ${SOURCE.url}/my-role@x`,
    ])
    expect(there.asked.every((request) => Object.keys(request.headers).length === 0)).toBe(true)
    expect(url).toContain('https://sts.us-east-2.amazonaws.com?')
    expect(headers['x-amz-security-token']).toBe('role-session-token')
    expect(headers['authorization']).toContain('Credential=ASIAROLE/20260101/us-east-2/')
  })

  test('[111] is asked for with a session token, got once, where the machine wants one (IMDSv2)', async () => {
    const there = machine()
    await subjectToken(V2, contextOf(there.transport))
    expect(asked(there.asked)).toEqual([
      `PUT ${V2.imdsv2_session_token_url}`,
      `GET ${SOURCE.region_url}`,
      `GET ${SOURCE.url}`,
      `GET ${SOURCE.url}/my-role@x`,
    ])
    const [put, ...gets] = there.asked.map((request) => request.headers)
    expect(put).toEqual({ 'x-aws-ec2-metadata-token-ttl-seconds': '300' })
    for (const headers of gets) expect(headers).toEqual({ 'x-aws-ec2-metadata-token': 'v2-session' })
  })

  test('[111] may be asked for at the IPv6 address of the machine', async () => {
    const ipv6 = (url: string): string => url.replace('169.254.169.254', '[fd00:ec2::254]')
    const source = Object.fromEntries(Object.entries(V2).map(([name, value]) => [name, ipv6(value)]))
    const there = machine()
    await subjectToken(source, contextOf(there.transport))
    expect(asked(there.asked)[3]).toBe(
      'GET http://[fd00:ec2::254]/latest/meta-data/iam/security-credentials/my-role@x',
    )
  })

  test.each([
    [{ AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'us-west-2' }, 'eu-west-1'],
    [{ AWS_DEFAULT_REGION: 'us-gov-west-1' }, 'us-gov-west-1'],
    [{ AWS_REGION: '', AWS_DEFAULT_REGION: 'us-west-2' }, 'us-west-2'],
  ])('[111] is for the region that the environment names: %j', async (variables, region) => {
    withKeys()
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
    expect(read(await subjectToken(SOURCE)).url).toContain(`https://sts.${region}.amazonaws.com?`)
  })

  test.each([
    ['https://sts.amazonaws.com?Action=GetCallerIdentity', 'us-east-1'],
    ['https://sts.eu-north-1.amazonaws.com/?Action=GetCallerIdentity', 'eu-north-1'],
    ['https://sts.cn-north-1.amazonaws.com.cn?Action=GetCallerIdentity', 'cn-north-1'],
  ])('[111] is for the region of its address: %s', async (address, region) => {
    withKeys()
    vi.stubEnv('AWS_REGION', 'us-west-2')
    const { url, headers } = read(await subjectToken({ ...SOURCE, regional_cred_verification_url: address }))
    expect(url).toBe(address)
    expect(headers['host']).toBe(new URL(address).host)
    expect(headers['authorization']).toContain(`/${region}/sts/`)
  })

  test('[111] cannot be had without a region', async () => {
    withKeys()
    const { region_url: _, ...source } = SOURCE
    const error = await failureOf(subjectToken(source))
    expect([error.reason, error.message]).toEqual([
      'subject_token',
      expect.stringContaining('set AWS_REGION, or name region_url'),
    ])
  })

  test('[111] cannot be had without credentials', async () => {
    vi.stubEnv('AWS_REGION', 'eu-west-1')
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'alone')
    const { url: _, ...source } = SOURCE
    expect((await failureOf(subjectToken(source))).message).toContain('set AWS_ACCESS_KEY_ID')
  })

  test.each([
    ['AWS_REGION', 'eu-west-1.evil.example/'],
    ['AWS_REGION', 'evil.example?'],
    ['AWS_DEFAULT_REGION', '{region}'],
    ['AWS_SESSION_TOKEN', 'line\nend-of-secret'],
  ])('[111] is not signed with %s=%j', async (name, value) => {
    withKeys()
    vi.stubEnv('AWS_DEFAULT_REGION', 'eu-west-1')
    vi.stubEnv(name, value)
    const error = await failureOf(subjectToken(SOURCE))
    expect([error.reason, error.message]).toEqual(['subject_token', expect.stringContaining(name)])
    expect(error.message).not.toContain('end-of-secret')
  })

  test.each<[string, Scripted, string]>([
    ['availability-zone', { text: 'evil.example/x' }, 'calls its zone is none'],
    ['availability-zone', { text: '' }, 'calls its zone is none'],
    ['availability-zone', { status: 404 }, 'answered 404 when asked for the zone'],
    ['security-credentials', { text: '../../../user-data' }, 'calls the role of this machine is none'],
    ['security-credentials', { status: 404 }, 'answered 404 when asked for the role'],
    ['my-role@x', { text: '{"SecretAccessKey":"role-secret-key' }, 'gave no credentials of a role'],
    ['my-role@x', { text: '{"Code":"Failed"}' }, 'gave no credentials of a role'],
    ['my-role@x', { text: JSON.stringify({ ...KEYS, Token: 'a\r\nb' }) }, 'gave no credentials of a role'],
    ['my-role@x', { status: 403 }, 'answered 403 when asked for the credentials'],
    ['token', { text: 'two words' }, 'gave no session token'],
    ['token', { status: 403 }, 'answered 403 when asked for a session token'],
  ])('[111] cannot be had when %s is answered with %j', async (path, answer, why) => {
    const error = await failureOf(subjectToken(V2, contextOf(machine({ [path]: answer }).transport)))
    expect([error.reason, error.message]).toEqual(['subject_token', expect.stringContaining(why)])
    expect(error.message).toContain('169.254.169.254')
    expect(error.message).not.toContain('role-secret')
  })
})

describe('a source at Amazon', () => {
  test.each([
    [{ environment_id: 'aws2' }, 'of the version aws2; only aws1 is supported'],
    [{ environment_id: 'azure1' }, 'environment_id is not aws1'],
    [{ environment_id: 5 }, 'environment_id is not a text'],
    [{ regional_cred_verification_url: undefined }, 'lacks regional_cred_verification_url'],
    [{ url: 'http://169.254.169.253/x' }, 'url is at 169.254.169.253, and not at 169.254.169.254'],
    [{ url: 'https://evil.example/' }, 'url is at evil.example'],
    [{ region_url: 'http://[fd00:ec2::253]/' }, 'region_url is at [fd00:ec2::253]'],
    [{ imdsv2_session_token_url: 'http://metadata.google.internal/' }, 'imdsv2_session_token_url is at'],
    [{ imdsv2_session_token_url: 'http://169.254.169.254@evil.example/' }, 'is no plain address'],
    [{ region_url: 5 }, 'region_url is no plain address'],
  ])('[111] is refused at once with %j', (more, why) => {
    const file = { credential_source: { ...SOURCE, ...more } }
    expect(() => subjectTokenSource(file, 'the file external.json')).toThrow(
      expect.objectContaining({ reason: 'invalid_key_file', message: expect.stringContaining(why) }),
    )
  })

  test.each([
    'http://sts.{region}.amazonaws.com?Action=GetCallerIdentity',
    'https://sts.{region}.amazonaws.com.evil.example?Action=GetCallerIdentity',
    'https://evil.example?x=sts.{region}.amazonaws.com',
    'https://sts.evil.example/.{region}.amazonaws.com?Action=x',
    'https://user@sts.{region}.amazonaws.com?Action=GetCallerIdentity',
    'https://sts.{region}.amazonaws.com:8443?Action=GetCallerIdentity',
    'https://sts.amazonaws.com/path?Action=GetCallerIdentity',
    'https://sts.{region}.amazonaws.com?Action=GetCallerIdentity#x',
    'https://iam.amazonaws.com?Action=GetCallerIdentity',
    'https://sts.{region}.amazonaws.com',
  ])('[111] may not have its requests signed for %s', (address) => {
    const file = { credential_source: { ...SOURCE, regional_cred_verification_url: address } }
    expect(() => subjectTokenSource(file, 'the file')).toThrow('regional_cred_verification_url is not at')
  })
})
