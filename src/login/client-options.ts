import { isScopes } from '../auth/user/user-options.ts'
import { type Problem, ValidationError } from '../errors.ts'
import { checkOptionNames } from '../request/option-names.ts'
import type { Clock } from '../transport/clock.ts'
import { emulatorAddress } from '../transport/emulator-address.ts'
import { originOf } from '../transport/origin.ts'
import type { Transport } from '../transport/transport.ts'
import { GOOGLE_PROVIDER, googleAt, type OAuthProvider, providerProblems } from './provider.ts'
import { platform } from '#platform'

/** An OAuth client, as it is entered with its provider. */
export interface OAuthClientOptions {
  readonly clientId: string
  /** Of a client that has one. That of an installed app is no secret, and is sent all the same. */
  readonly clientSecret?: string | undefined
  /** Where the provider sends the browser back to: as it is entered there, letter by letter. Default: said per call. */
  readonly redirectUri?: string | undefined
  /** What is asked for where a call does not say. */
  readonly scopes?: readonly string[] | undefined
  /** Whether every request asks who the person is: `openid` is put first. Default: where the scopes name it. */
  readonly openid?: boolean | undefined
  /**
   * Where the client shows its secret: in the form, in a header (RFC 6749 section 2.3.1), or not at all. Default: in the form,
   * where it has one.
   */
  readonly clientAuthentication?: 'body' | 'basic' | 'none' | undefined
  /**
   * Default: Google, or without a `transport` the emulator that `DISCOKIT_EMULATOR` names, if any. `discoverProvider` asks another.
   */
  readonly provider?: OAuthProvider | undefined
  /** Default: the runtime's own. */
  readonly transport?: Transport | undefined
  readonly clock?: Clock | undefined
  /** For each thing that is asked, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number | undefined
}

/** The options with what they leave open filled in. */
export interface ClientSettings extends OAuthClientOptions {
  readonly provider: OAuthProvider
  readonly clientAuthentication: 'body' | 'basic' | 'none'
}

/** @throws {ValidationError} with all that is wrong with the options. */
export function readClientOptions(options: OAuthClientOptions): ClientSettings {
  checkOptionNames(WHAT, options, OPTIONS)
  const { clientId, clientSecret, redirectUri, scopes, openid, provider = usualProvider(options) } = options
  const { clientAuthentication = clientSecret === undefined ? 'none' : 'body' } = options
  const { transport, clock, timeoutMs = Infinity } = options
  const problems: Problem[] = [...providerProblems(provider)]
  const must = (holds: boolean, path: string, message: string): void => {
    if (!holds) problems.push({ path, message })
  }
  must(isText(clientId), 'clientId', 'is required')
  must(clientSecret === undefined || isText(clientSecret), 'clientSecret', 'must be a text')
  must(redirectUri === undefined || isRedirectUri(redirectUri), 'redirectUri', NO_REDIRECT)
  must(isScopes(scopes), 'scopes', 'must be a list of scopes')
  must(openid === undefined || typeof openid === 'boolean', 'openid', 'must be true or false')
  must(/^(body|basic|none)$/.test(clientAuthentication), 'clientAuthentication', PLACES)
  must(
    clientAuthentication === 'none' || isText(clientSecret),
    'clientSecret',
    'is needed to show who the client is',
  )
  must(transport === undefined || typeof transport === 'function', 'transport', 'must be a function')
  must(clock === undefined || typeof clock?.now === 'function', 'clock', 'must have a function now')
  must(timeoutMs > 0, 'timeoutMs', 'must be a number above 0')
  if (problems.length > 0) throw new ValidationError(WHAT, problems)
  return Object.freeze({
    ...options,
    provider: Object.freeze({ ...provider }),
    clientAuthentication,
    ...(scopes && { scopes: [...scopes] }),
  })
}

/** What a client in the same program asks: `createClient` looks at the variable too. */
function usualProvider({ transport }: OAuthClientOptions): OAuthProvider {
  const emulator =
    transport === undefined ? emulatorAddress(platform.environment('DISCOKIT_EMULATOR')) : undefined
  return emulator === undefined ? GOOGLE_PROVIDER : googleAt(emulator)
}

/** Whether browsers can be sent there: https, http on this machine, or an app's own scheme, which has a dot (RFC 8252). */
export function isRedirectUri(address: unknown): boolean {
  if (typeof address !== 'string' || !/^[\x21\x22\x24-\x7e]{1,2048}$/.test(address)) return false
  if (!URL.canParse(address)) return false
  if (/^[a-z][a-z0-9+-]*\.[a-z0-9.+-]+:\//i.test(address)) return true
  const origin = originOf(address.split('?', 1)[0]!)
  return origin !== undefined && (origin.protocol === 'https:' || origin.loopback)
}

export const NO_REDIRECT =
  "must be an https address without a fragment, http on this machine, or one of an app's own scheme"

const WHAT = 'the OAuth client cannot be made'
const PLACES = "must be 'body', 'basic' or 'none'"
const OPTIONS = [
  'clientId',
  'clientSecret',
  'redirectUri',
  'scopes',
  'openid',
  'clientAuthentication',
  'provider',
  'transport',
  'clock',
  'timeoutMs',
]

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}
