import { type Problem, ValidationError } from '../errors.ts'
import { checkOptionNames } from '../request/option-names.ts'
import type { Credentials, CredentialsContext } from '../transport/credentials.ts'
import { originOf } from '../transport/origin.ts'
import { signAssertion } from './account/assertion.ts'
import { checkedSigner } from './account/checked-signer.ts'
import { plainCopy } from './account/plain-copy.ts'
import type { Signer } from './signer.ts'
import type { AccessToken } from './tokens/token-cache.ts'
import { tokenCredentials } from './tokens/token-credentials.ts'
import { requestToken } from './tokens/token-endpoint.ts'

/** An assertion (RFC 7523) and where it is exchanged for a token. */
export interface AssertionOptions {
  /** The token endpoint: https, or http on this machine. */
  readonly tokenEndpoint: string
  /** Who asserts: the claim `iss`. */
  readonly issuer: string
  /** For whom: the claim `sub`. Default: nobody in particular. */
  readonly subject?: string
  /** To whom: the claim `aud`. Default: the token endpoint. */
  readonly audience?: string
  /** Signs the assertion; `keySigner()` makes one of a key. */
  readonly signer: Signer
  /** Further claims, which win over the others. A `jti` of yours stays; otherwise each assertion has a new one. */
  readonly claims?: Readonly<Record<string, unknown>>
  /** Further members of the header. */
  readonly header?: Readonly<Record<string, unknown>>
  /** What the token may do, sent beside the assertion. For Google it is a claim, `claims: { scope }`. */
  readonly scope?: string
}

/**
 * A credential for any server that takes signed assertions: it signs one, exchanges it for an access token, keeps that,
 * and renews it by itself. For Google's own, `serviceAccount()` knows the rest.
 *
 * ```ts
 * import { assertionCredentials, authorizedFetch, keySigner } from 'discokit/auth'
 *
 * const credentials = assertionCredentials({
 *   tokenEndpoint: 'https://auth.example.com/token',
 *   issuer: 'my-client',
 *   subject: 'my-client',
 *   signer: keySigner({ privateKey: process.env.PRIVATE_KEY ?? '', keyId: '1', algorithm: 'ES256' }),
 * })
 * const fetch = authorizedFetch(credentials, { allowedOrigins: ['https://api.example.com'] })
 * console.log((await fetch('https://api.example.com/things')).status)
 * ```
 *
 * @throws {ValidationError} for options that cannot be used.
 */
export function assertionCredentials(options: AssertionOptions): Credentials {
  check(options)
  const { tokenEndpoint, issuer, subject, audience = tokenEndpoint, scope } = options
  const claims = plainCopy(options.claims, WHAT, 'claims')
  const header = plainCopy(options.header, WHAT, 'header')
  const signer = checkedSigner(options.signer)
  const assertion = (context: CredentialsContext): Promise<string> => {
    const own = { iss: issuer, sub: subject, aud: audience, jti: crypto.randomUUID(), claims }
    return signAssertion(own, signer, context, header)
  }
  const fetchToken = (context: CredentialsContext): Promise<AccessToken> =>
    requestToken(
      {
        tokenUri: tokenEndpoint,
        what: `the assertion of ${issuer}`,
        identity: [issuer, subject, audience, claims, header, scope],
        signer,
        form: async () => ({
          grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
          assertion: await assertion(context),
          ...(scope !== undefined && { scope }),
        }),
      },
      context,
    )
  return tokenCredentials({ kind: 'assertion', fetchToken })
}

const WHAT = 'the assertion cannot be used'
const OPTIONS = ['tokenEndpoint', 'issuer', 'subject', 'audience', 'signer', 'claims', 'header', 'scope']

function check(options: AssertionOptions | undefined): void {
  checkOptionNames(WHAT, options ?? {}, OPTIONS)
  const { tokenEndpoint, issuer, signer, scope }: Partial<AssertionOptions> = options ?? {}
  const origin = typeof tokenEndpoint === 'string' ? originOf(tokenEndpoint) : undefined
  const problems: Problem[] = []
  if (!origin || !(origin.protocol === 'https:' || origin.loopback))
    problems.push({ path: 'tokenEndpoint', message: 'must be an https address, or http on this machine' })
  if (typeof issuer !== 'string' || issuer === '')
    problems.push({ path: 'issuer', message: 'must say who asserts' })
  if (scope !== undefined && typeof scope !== 'string')
    problems.push({ path: 'scope', message: 'must be a text, scopes with spaces between' })
  if (typeof signer?.sign !== 'function')
    problems.push({ path: 'signer', message: 'must have a function sign; keySigner() makes one of a key' })
  if (problems.length > 0) throw new ValidationError(WHAT, problems)
}
