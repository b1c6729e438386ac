/** Signatures of Amazon: as published, as computed otherwise, and as Google's own client makes them. */
import { createHash, createHmac } from 'node:crypto'
import { AwsRequestSigner } from 'google-auth-library/build/src/auth/awsrequestsigner.js'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type AwsRequest, signAwsRequest } from '../../src/auth/subject-token/aws-signature.ts'

/** The credential and the time of Amazon's published examples. */
const EXAMPLE = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
}
const now = Date.UTC(2015, 7, 30, 12, 36, 0)
const REGION = 'us-east-1'
const HOST = 'https://example.amazonaws.com'

afterEach(() => {
  vi.useRealTimers()
})

const signatureOf = (headers: Record<string, string>): string =>
  /Signature=([0-9a-f]{64})$/.exec(headers['authorization']!)![1]!

describe('a signed request', () => {
  test.each<[string, AwsRequest, string]>([
    [
      'get-vanilla',
      { method: 'GET', url: `${HOST}/` },
      '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    ],
    [
      'get-vanilla-query-order-key-case',
      { method: 'GET', url: `${HOST}/?Param2=value2&Param1=value1` },
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
    [
      'post-vanilla',
      { method: 'POST', url: `${HOST}/` },
      '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
    ],
    [
      'post-x-www-form-urlencoded',
      {
        method: 'POST',
        url: `${HOST}/`,
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        body: 'Param1=value1',
      },
      'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
    ],
    [
      'get-header-value-trim',
      { method: 'GET', url: `${HOST}/`, headers: { 'My-Header1': ' value1', 'My-Header2': ' "a   b   c"' } },
      'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
    ],
  ])('is the one that Amazon published as %s', async (_, request, signature) => {
    const headers = await signAwsRequest(request, EXAMPLE, { region: REGION, service: 'service', now })
    expect(signatureOf(headers)).toBe(signature)
    expect(headers['x-amz-date']).toBe('20150830T123600Z')
    expect(headers['authorization']).toContain(
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=',
    )
  })

  test('is the one of the example in the manual of IAM', async () => {
    const request = {
      method: 'GET',
      url: 'https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08',
      headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    }
    const headers = await signAwsRequest(request, EXAMPLE, { region: REGION, service: 'iam', now })
    expect(signatureOf(headers)).toBe('5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7')
  })

  test('is what Node computes of the text that is to be signed', async () => {
    const hex = (text: string): string => createHash('sha256').update(text).digest('hex')
    const canonical = [
      'POST',
      '/a%2520b/',
      'a=1&a=2&b=%20%27%28%29%2A&c=',
      'host:sts.eu-west-1.amazonaws.com',
      'x-amz-date:20150830T123600Z',
      'x-amz-security-token:session',
      'x-test:a b',
      '',
      'host;x-amz-date;x-amz-security-token;x-test',
      hex('body'),
    ].join('\n')
    const toSign = `AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/eu-west-1/sts/aws4_request\n${hex(canonical)}`
    const key = ['20150830', 'eu-west-1', 'sts', 'aws4_request'].reduce<string | Buffer>(
      (last, part) => createHmac('sha256', last).update(part).digest(),
      `AWS4${EXAMPLE.secretAccessKey}`,
    )
    const headers = await signAwsRequest(
      {
        method: 'POST',
        url: `https://sts.eu-west-1.amazonaws.com/a%20b/?b=%20'()*&a=2&a=1&c`,
        headers: { 'X-Test': ' a   b ' },
        body: 'body',
      },
      { ...EXAMPLE, sessionToken: 'session' },
      { region: 'eu-west-1', service: 'sts', now },
    )
    expect(signatureOf(headers)).toBe(createHmac('sha256', key).update(toSign).digest('hex'))
    expect(headers['x-amz-security-token']).toBe('session')
  })

  test.each([undefined, 'a/session+token=='])(
    "is the one that Google's own client makes, with the session token %j",
    async (token) => {
      vi.useFakeTimers({ now, toFake: ['Date'] })
      const url = 'https://sts.us-east-2.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15'
      const signer = new AwsRequestSigner(async () => ({ ...EXAMPLE, ...(token && { token }) }), 'us-east-2')
      const { headers } = await signer.getRequestOptions({ url, method: 'POST' })
      const ours = await signAwsRequest(
        { method: 'POST', url },
        { ...EXAMPLE, sessionToken: token },
        { region: 'us-east-2', service: 'sts', now },
      )
      expect(ours).toEqual(Object.fromEntries(headers as Headers))
    },
  )
})
