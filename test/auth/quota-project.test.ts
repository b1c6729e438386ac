import { ValidationError } from 'discokit'
import {
  accessToken,
  adc,
  type Credentials,
  externalAccount,
  idTokenCredentials,
  impersonated,
  metadataCredentials,
  serviceAccount,
  userCredentials,
} from 'discokit/auth'
import { describe, expect, test } from 'vitest'
import { keyFile } from './keys.ts'

const ROBOT = 'robot@p.iam.gserviceaccount.com'
const POOL = '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci/providers/builds'
const external = {
  audience: POOL,
  subjectTokenType: 'urn:ietf:params:oauth:token-type:jwt',
  subjectToken: async () => 'subject',
}

const kinds: [string, (quotaProject: string | undefined) => Credentials][] = [
  ['serviceAccount', (quotaProject) => serviceAccount({ key: keyFile(), quotaProject })],
  ['withQuotaProject', (quotaProject) => serviceAccount({ key: keyFile() }).withQuotaProject(quotaProject)],
  [
    'idTokenCredentials',
    (quotaProject) => idTokenCredentials({ key: keyFile(), targetAudience: 'a', quotaProject }),
  ],
  ['userCredentials', (quotaProject) => userCredentials({ clientId: 'c', refreshToken: 'r', quotaProject })],
  ['metadataCredentials', (quotaProject) => metadataCredentials({ quotaProject })],
  [
    'impersonated',
    (quotaProject) => impersonated({ source: accessToken('t'), serviceAccount: ROBOT, quotaProject }),
  ],
  ['externalAccount', (quotaProject) => externalAccount({ ...external, quotaProject })],
  [
    'externalAccount with a service account',
    (quotaProject) => externalAccount({ ...external, serviceAccount: ROBOT, quotaProject }),
  ],
  ['adc', (quotaProject) => adc({ quotaProject })],
]

describe.each(kinds)('%s', (_, credentials) => {
  test.each(['p\r\nx-injected: 1', 'p\n', 'a b', 'prøject', '', 7, null, ['p'], { toString: () => 'p' }])(
    'is refused with the quota project %j',
    (quotaProject) => {
      const make = (): unknown => credentials(quotaProject as never)
      expect(make).toThrow(ValidationError)
      expect(make).toThrow('quotaProject: must be the id of a project')
      expect(make).not.toThrow('x-injected')
    },
  )

  test.each([undefined, 'my-project', 'example.com:my-project', '123456789012'])(
    'may have the quota project %j',
    (quotaProject) => {
      expect(() => credentials(quotaProject)).not.toThrow()
    },
  )
})
