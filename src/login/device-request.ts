import { type Problem, ValidationError } from '../errors.ts'
import { isScopes } from '../auth/user/user-options.ts'
import { checkOptionNames } from '../request/option-names.ts'
import type { CredentialsContext } from '../transport/credentials.ts'
import { originOf } from '../transport/origin.ts'
import type { ClientSettings } from './client-options.ts'
import { askProvider } from './protocol/ask-provider.ts'
import { clientAuthentication, clientSecrets } from './protocol/client-authentication.ts'
import { isGoogle } from './provider.ts'
import { openIdScopes } from './scopes.ts'

/** What a device asks for. */
export interface DeviceFlowOptions {
  /**
   * Default: those of the client. Google grants devices few: `openid`, `email`, `profile`, `drive.file`, `drive.appdata`,
   * `youtube` and `youtube.readonly`.
   */
  readonly scopes?: readonly string[] | undefined
}

/** What a person is to do on another device, as JSON; and what the device keeps for itself. */
export interface DeviceRequest {
  /** What the person types in. */
  readonly userCode: string
  /** Where. */
  readonly verificationUri: string
  /** The same with the code in it, for a QR code. */
  readonly verificationUriComplete?: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
  /** Secret. */
  readonly deviceCode: string
  readonly scopes: readonly string[]
  /** How long to wait between two questions, in milliseconds. */
  readonly intervalMs: number
}

/**
 * Begins a login on a device without a browser (RFC 8628).
 * @throws {ValidationError} for scopes that Google does not grant devices. Nothing was sent then.
 */
export async function beginDeviceFlow(
  options: DeviceFlowOptions,
  client: ClientSettings,
  context: CredentialsContext,
): Promise<DeviceRequest> {
  const scopes = readScopes(options, client)
  const { provider, clientId } = client
  const asked = context.clock.now()
  const { json, bad } = await askProvider(
    {
      provider,
      endpoint: 'device_authorization_endpoint',
      what: `a device's code for the client ${clientId}`,
      secrets: clientSecrets(client),
      mayRepeat: () => true,
      send: (oauth, sending, server) =>
        oauth.deviceAuthorizationRequest(
          server,
          { client_id: clientId },
          isGoogle(provider) ? () => {} : clientAuthentication(client),
          { scope: scopes.join(' ') },
          sending,
        ),
    },
    context,
  )
  const { device_code: deviceCode, user_code: userCode, expires_in: lifetime, interval = 5 } = json
  // Google's older word is that of a draft.
  const { verification_uri: uri = json['verification_url'], verification_uri_complete: complete } = json
  if (!isLine(deviceCode) || !isLine(userCode)) throw bad('it has no codes')
  if (!isWebAddress(uri)) throw bad('its verification_uri is no plain https address')
  if (complete !== undefined && !isWebAddress(complete))
    throw bad('its verification_uri_complete is no plain https address')
  if (!(typeof lifetime === 'number' && lifetime > 0)) throw bad('its expires_in is no number above 0')
  if (!(typeof interval === 'number' && interval > 0)) throw bad('its interval is no number above 0')
  return {
    userCode,
    verificationUri: uri,
    ...(complete !== undefined && { verificationUriComplete: complete }),
    expiresAt: asked + Math.min(lifetime, MAX_LIFETIME_S) * 1_000,
    deviceCode,
    scopes,
    intervalMs: Math.min(interval, MAX_INTERVAL_S) * 1_000,
  }
}

function readScopes(options: DeviceFlowOptions, client: ClientSettings): readonly string[] {
  const what = 'the device cannot log in'
  checkOptionNames(what, options, ['scopes'])
  const { scopes: named = client.scopes } = options
  const problems: Problem[] = []
  if (named === undefined || !isScopes(named))
    throw new ValidationError(what, [{ path: 'scopes', message: 'must be a list of one scope at least' }])
  const scopes = client.openid || named.includes('openid') ? openIdScopes(named, problems) : [...named]
  const strange = isGoogle(client.provider) ? scopes.filter((scope) => !OF_DEVICES.has(scope)) : []
  for (const scope of strange)
    problems.push({
      path: 'scopes',
      message: `Google does not grant ${scope} to devices; use authorizationUrl`,
    })
  if (problems.length > 0) throw new ValidationError(what, problems)
  return scopes
}

const GOOGLE_SCOPE = 'https://www.googleapis.com/auth/'
const OF_DEVICES = new Set([
  'openid',
  'email',
  'profile',
  `${GOOGLE_SCOPE}userinfo.email`,
  `${GOOGLE_SCOPE}userinfo.profile`,
  `${GOOGLE_SCOPE}drive.file`,
  `${GOOGLE_SCOPE}drive.appdata`,
  `${GOOGLE_SCOPE}youtube`,
  `${GOOGLE_SCOPE}youtube.readonly`,
])
const MAX_LIFETIME_S = 86_400
const MAX_INTERVAL_S = 300

function isLine(text: unknown): text is string {
  return typeof text === 'string' && /^[\x20-\x7e]{1,1024}$/.test(text)
}

/** People open it: an address of another scheme would start something else. */
function isWebAddress(address: unknown): address is string {
  if (typeof address !== 'string' || !/^[\x21-\x7e]{1,2048}$/.test(address)) return false
  const origin = originOf(address.split('?', 1)[0]!)
  return origin !== undefined && (origin.protocol === 'https:' || origin.loopback)
}
