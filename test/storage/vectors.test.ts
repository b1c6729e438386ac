import { createHash, createVerify } from 'node:crypto'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { type BucketHost, type PolicyCondition, postPolicy, signedUrl } from 'discokit/storage'
import { say } from '../documents/say.ts'
import { readVectors, type VectorPlace } from './vectors.ts'

const vectors = readVectors()
const WHY = 'Google’s vectors of signing are not in ../shared/conformance'
if (!vectors) say(`left out, since ${WHY}: the tests over them`)
beforeEach((context) => context.skip(!vectors, WHY))

/** The account of the vectors. Of its key only the public half is at hand, so what it is to sign is kept. */
function account(): { signed: string[]; signerEmail: string; load(): Promise<void>; signBytes: Sign } {
  const signed: string[] = []
  return {
    signed,
    signerEmail: 'test-iam-credentials@dummy-project-id.iam.gserviceaccount.com',
    load: async () => {},
    signBytes: async (data) => {
      signed.push(new TextDecoder().decode(data))
      return Uint8Array.of(0xab)
    },
  }
}
type Sign = (data: Uint8Array) => Promise<Uint8Array>

const clockOf = ({ timestamp }: VectorPlace): { now(): number } => ({ now: () => Date.parse(timestamp) })

function placeOf({ scheme = 'https', urlStyle, bucketBoundHostname }: VectorPlace): BucketHost {
  if (urlStyle === 'BUCKET_BOUND_HOSTNAME') return { boundHost: `${scheme}://${bucketBoundHostname}` }
  return urlStyle === 'VIRTUAL_HOSTED_STYLE' ? { style: 'virtual-hosted' } : {}
}

function verifies(text: string, signature: string): boolean {
  return createVerify('RSA-SHA256').update(text).verify(vectors!.publicKey, signature, 'hex')
}

describe('signedUrl, Google’s vectors', () => {
  test('are all there', () => expect(vectors!.signing).toHaveLength(29))

  test.each(vectors?.signing ?? [])('$description', async (vector) => {
    const { bucket, object, method, headers, queryParameters: query, scheme = 'https' } = vector
    if (vector.emulatorHostname !== undefined) vi.stubEnv('STORAGE_EMULATOR_HOST', vector.emulatorHostname)
    const signer = account()
    const url = await signedUrl({
      ...placeOf(vector),
      ...(vector.hostname !== undefined && { hostname: `${scheme}://${vector.hostname}` }),
      ...(vector.clientEndpoint !== undefined && { endpoint: vector.clientEndpoint }),
      ...(vector.universeDomain !== undefined && { universeDomain: vector.universeDomain }),
      signer,
      bucket,
      object,
      method,
      headers,
      query,
      expiresMs: vector.expiration * 1_000,
      clock: clockOf(vector),
    })
    expect(signer.signed).toEqual([vector.expectedStringToSign])
    // Of the last of them the canonical request is another than the one that was hashed and signed.
    const digest = createHash('sha256').update(vector.expectedCanonicalRequest).digest('hex')
    expect(vector.expectedStringToSign.endsWith(digest)).toBe(
      vector.description !== 'Universe domain with virtual hosted style',
    )
    const [expected, signature = ''] = vector.expectedUrl.split('&X-Goog-Signature=')
    expect(url).toBe(`${expected}&X-Goog-Signature=ab`)
    expect(verifies(signer.signed[0]!, signature)).toBe(true)
  })
})

describe('postPolicy, Google’s vectors', () => {
  test('are all there', () => expect(vectors!.policies).toHaveLength(11))

  test.each(vectors?.policies ?? [])('$description', async ({ policyInput, policyOutput }) => {
    const { bucket, object, expiration, fields, conditions = {} } = policyInput
    const { startsWith, contentLengthRange } = conditions
    const demanded: PolicyCondition[] = [
      ...(startsWith ? [['starts-with', ...startsWith] as const] : []),
      ...(contentLengthRange ? [['content-length-range', ...contentLengthRange] as const] : []),
    ]
    const signer = account()
    const made = await postPolicy({
      ...placeOf(policyInput),
      signer,
      bucket,
      object,
      expiresMs: expiration * 1_000,
      fields,
      conditions: demanded,
      clock: clockOf(policyInput),
    })
    const { 'x-goog-signature': signature = '', ...expected } = policyOutput.fields
    expect(made).toEqual({ url: policyOutput.url, fields: { ...expected, 'x-goog-signature': 'ab' } })
    expect(JSON.parse(atob(made.fields['policy']!))).toEqual(JSON.parse(policyOutput.expectedDecodedPolicy))
    expect(signer.signed).toEqual([expected['policy']])
    expect(verifies(signer.signed[0]!, signature)).toBe(true)
  })
})
