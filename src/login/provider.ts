import type { Problem } from '../errors.ts'
import { originOf } from '../transport/origin.ts'

/**
 * What a provider says of itself, under the names of RFC 8414 and OpenID Connect Discovery. Addresses are https, or http on
 * this machine. Members that are not named here stand beside them.
 */
export interface OAuthProvider {
  /** Who it is: what `iss` says in its answers and its ID tokens. */
  readonly issuer: string
  readonly authorization_endpoint?: string
  readonly token_endpoint?: string
  readonly revocation_endpoint?: string
  readonly userinfo_endpoint?: string
  readonly device_authorization_endpoint?: string
  /** Where the keys of ID tokens are, as a JWKS. */
  readonly jwks_uri?: string
  /** Google's own: what a token stands for. */
  readonly tokeninfo_endpoint?: string
  /** Google's own: the profile of `userinfo.v2.me.get`. */
  readonly meinfo_endpoint?: string
  /** Whether each answer to a request for consent names the issuer (RFC 9207). One that does not is refused then. */
  readonly authorization_response_iss_parameter_supported?: boolean
  readonly [name: string]: unknown
}

/**
 * Google as a provider.
 *
 * ```ts
 * import { GOOGLE_PROVIDER } from 'discokit/login'
 *
 * console.log(GOOGLE_PROVIDER.token_endpoint)
 * ```
 */
export const GOOGLE_PROVIDER: OAuthProvider = /* @__PURE__ */ Object.freeze({
  issuer: 'https://accounts.google.com',
  authorization_endpoint: 'https://accounts.google.com/o/oauth2/v2/auth',
  token_endpoint: 'https://oauth2.googleapis.com/token',
  revocation_endpoint: 'https://oauth2.googleapis.com/revoke',
  userinfo_endpoint: 'https://openidconnect.googleapis.com/v1/userinfo',
  device_authorization_endpoint: 'https://oauth2.googleapis.com/device/code',
  jwks_uri: 'https://www.googleapis.com/oauth2/v3/certs',
  tokeninfo_endpoint: 'https://oauth2.googleapis.com/tokeninfo',
  meinfo_endpoint: 'https://www.googleapis.com/userinfo/v2/me',
})

/** Google, with every address below that of an emulator; who issues the ID tokens stays the same. @param url without a `/` at its end */
export function googleAt(url: string): OAuthProvider {
  const below = Object.entries(GOOGLE_PROVIDER).map(([name, value]) => [
    name,
    name === 'issuer' || typeof value !== 'string' ? value : value.replace('https://', `${url}/`),
  ])
  // The compiler cannot see that no member is lost.
  return Object.freeze(Object.fromEntries(below)) as OAuthProvider
}

/** Whether rules apply that only Google has. */
export function isGoogle({ issuer }: OAuthProvider): boolean {
  return issuer === GOOGLE_PROVIDER.issuer
}

/** The addresses that are asked, or sent to, with something secret. */
export type Endpoint = (typeof ENDPOINTS)[number] | 'issuer_metadata'

const ENDPOINTS = [
  'authorization_endpoint',
  'token_endpoint',
  'revocation_endpoint',
  'userinfo_endpoint',
  'device_authorization_endpoint',
  'jwks_uri',
  'tokeninfo_endpoint',
  'meinfo_endpoint',
] as const

/** What is wrong with a provider. An address that is no plain https one would show secrets to others. */
export function providerProblems(provider: unknown): readonly Problem[] {
  if (typeof provider !== 'object' || provider === null)
    return [{ path: 'provider', message: 'must be what the provider says of itself, an object' }]
  const { issuer } = provider as OAuthProvider
  const named = typeof issuer === 'string' && issuer !== ''
  return [
    ...(named ? [] : [{ path: 'provider.issuer', message: 'is required' }]),
    ...ENDPOINTS.filter((name) => !isEndpoint((provider as OAuthProvider)[name])).map((name) => ({
      path: `provider.${name}`,
      message: 'must be an https address without a fragment, or http on this machine',
    })),
  ]
}

function isEndpoint(address: unknown): boolean {
  if (address === undefined) return true
  if (typeof address !== 'string' || !/^[\x21\x22\x24-\x7e]{1,2048}$/.test(address)) return false
  const origin = originOf(address)
  return origin !== undefined && (origin.protocol === 'https:' || origin.loopback)
}
