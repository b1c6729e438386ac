/** Scenario 69: how long is waited between tries, whoever is asked. */
import {
  accessToken,
  type Credentials,
  externalAccount,
  externalAccountFile,
  impersonated,
  metadataCredentials,
  serviceAccount,
  verifyIdToken,
} from 'discokit/auth'
import { beforeAll, describe, expect, test } from 'vitest'
import { failureOf } from '../../transport/contexts.ts'
import { API, scripted } from '../endpoint.ts'
import { type IssuerKey, keyServer, makeKey, sign } from '../issuer.ts'
import { keyFile } from '../keys.ts'
import { withoutWaiting } from '../waits.ts'

const NOW = 1_767_225_600_000
const clock = { now: () => NOW }
const PROVIDER = 'https://ci.example.com/token'
let key: IssuerKey
beforeAll(async () => {
  key = await makeKey('ES256', 'one')
})

/** Calls an API with a credential, where everybody who is asked for a token is busy. */
const calling = (credentials: () => Credentials) => (): Promise<unknown> =>
  failureOf(scripted(() => ({ status: 503, text: 'busy' })).fetch(credentials(), clock)(API))

async function verifying(): Promise<unknown> {
  const iat = NOW / 1_000
  const claims = { iss: 'https://accounts.google.com', aud: 'client', sub: 'ada', iat, exp: iat + 3_600 }
  const { transport } = keyServer(() => ({ status: 503 }))
  return failureOf(verifyIdToken(await sign(key, claims), { audience: 'client', transport, clock }))
}

const provided = (): Credentials =>
  externalAccount(
    externalAccountFile({
      type: 'external_account',
      audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci/providers/builds',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      credential_source: { url: PROVIDER },
    }),
  )

const asked: [string, () => Promise<unknown>, number[]][] = [
  ['a token endpoint', calling(() => serviceAccount({ key: keyFile() })), [1_000, 2_000]],
  [
    'IAM',
    calling(() =>
      impersonated({ source: accessToken('t'), serviceAccount: 'robot@p.iam.gserviceaccount.com' }),
    ),
    [1_000, 2_000],
  ],
  ['a metadata server', calling(() => metadataCredentials()), [1_000, 2_000, 4_000, 8_000]],
  ['the provider of an external account', calling(provided), [1_000, 2_000, 4_000, 8_000]],
  ['a server of keys', verifying, [1_000, 2_000]],
]

describe.each(asked)('between the tries to ask %s', (_, ask, expected) => {
  const waitsOf = async (chance: number): Promise<number[]> => {
    const { result, waits } = await withoutWaiting(ask, chance)
    expect(result).toMatchObject({ code: 'auth_failed', retryable: true })
    return waits.filter((ms) => ms > 0).map(Math.round)
  }

  test('[69] the waits double, and are a tenth shorter or longer at most', async () => {
    expect(await waitsOf(0)).toEqual(expected.map((ms) => ms * 0.9))
    expect(await waitsOf(0.5)).toEqual(expected)
    expect(await waitsOf(1 - Number.EPSILON)).toEqual(expected.map((ms) => ms * 1.1))
  })
})
