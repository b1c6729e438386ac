import { ISSUER } from './decide.ts'

/** Where everything is, and what it can do, in the words of OpenID Connect Discovery and of RFC 8414. */
export interface OpenIdConfiguration {
  readonly issuer: string
  readonly authorization_endpoint: string
  readonly device_authorization_endpoint: string
  readonly token_endpoint: string
  readonly userinfo_endpoint: string
  readonly revocation_endpoint: string
  readonly jwks_uri: string
  readonly authorization_response_iss_parameter_supported: true
  readonly response_types_supported: readonly string[]
  readonly response_modes_supported: readonly string[]
  readonly subject_types_supported: readonly string[]
  readonly id_token_signing_alg_values_supported: readonly string[]
  readonly scopes_supported: readonly string[]
  readonly token_endpoint_auth_methods_supported: readonly string[]
  readonly claims_supported: readonly string[]
  readonly code_challenge_methods_supported: readonly string[]
  readonly grant_types_supported: readonly string[]
}

/**
 * The issuer is Google's wherever the emulator is, as its ID tokens are.
 * @param addressOf a host of Google's as it is reached: `https://accounts.google.com`, or below the emulator's address
 */
export function openIdConfiguration(addressOf: (host: string) => string): OpenIdConfiguration {
  const oauth2 = addressOf('oauth2.googleapis.com')
  return {
    issuer: ISSUER,
    authorization_endpoint: `${addressOf('accounts.google.com')}/o/oauth2/v2/auth`,
    device_authorization_endpoint: `${oauth2}/device/code`,
    token_endpoint: `${oauth2}/token`,
    userinfo_endpoint: `${addressOf('openidconnect.googleapis.com')}/v1/userinfo`,
    revocation_endpoint: `${oauth2}/revoke`,
    jwks_uri: `${addressOf('www.googleapis.com')}/oauth2/v3/certs`,
    authorization_response_iss_parameter_supported: true,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    scopes_supported: ['openid', 'email', 'profile'],
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
    claims_supported: CLAIMS,
    code_challenge_methods_supported: ['plain', 'S256'],
    grant_types_supported: GRANT_TYPES,
  }
}

const CLAIMS = [
  'aud',
  'email',
  'email_verified',
  'exp',
  'family_name',
  'given_name',
  'iat',
  'iss',
  'name',
  'picture',
  'sub',
]
const GRANT_TYPES = [
  'authorization_code',
  'refresh_token',
  'urn:ietf:params:oauth:grant-type:device_code',
  'urn:ietf:params:oauth:grant-type:jwt-bearer',
]
