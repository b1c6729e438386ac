import { type Problem, ValidationError } from '../../errors.ts'
import { checkOptionNames } from '../../request/option-names.ts'
import { originOf } from '../../transport/origin.ts'
import type { SignatureAlgorithm } from '../signer.ts'
import type { VerifyIdTokenOptions } from '../verify-id-token.ts'

/** What a token is held against. */
export interface Settings {
  readonly audiences: readonly string[]
  readonly issuers: readonly string[]
  readonly jwksUri: string
  readonly nonce: string | undefined
  /** Undefined where any will do, and none. */
  readonly hostedDomains: readonly string[] | undefined
  readonly maxAgeMs: number
  readonly maxLifetimeMs: number
  readonly clockToleranceMs: number
  readonly algorithms: readonly SignatureAlgorithm[]
}

/**
 * Checks the options and fills in what they leave open.
 * @throws {ValidationError} with all that is wrong with them
 */
export function readSettings(options: VerifyIdTokenOptions): Settings {
  checkOptionNames(WHAT, options, OPTIONS)
  const {
    audience,
    issuers = GOOGLE_ISSUERS,
    jwksUri = GOOGLE_JWKS_URI,
    nonce,
    hostedDomain,
    maxAgeMs = Infinity,
    maxLifetimeMs = DAY_MS,
    clockToleranceMs = DEFAULT_TOLERANCE_MS,
    algorithms = DEFAULT_ALGORITHMS,
    clock,
    transport,
    keys,
    timeoutMs = Infinity,
  } = options
  const given = (name: 'nonce' | 'hostedDomain'): boolean => Object.hasOwn(options, name)
  check([
    ['audience', isTexts(list(audience)), 'must say whom the token is for: a text, or a list of texts'],
    ['issuers', isTexts(issuers), 'must be a list of texts'],
    ['jwksUri', isAllowedAddress(jwksUri), 'must be an https address, or http on this machine'],
    // One that got lost must not switch the check off.
    ['nonce', !given('nonce') || isText(nonce), 'must be a text; leave it out where none was sent'],
    [
      'hostedDomain',
      !given('hostedDomain') || isTexts(list(hostedDomain)),
      'must be a domain or a list of domains; leave it out where any will do',
    ],
    ['maxAgeMs', maxAgeMs > 0, 'must be a number above 0'],
    ['maxLifetimeMs', maxLifetimeMs > 0, 'must be a number above 0'],
    [
      'clockToleranceMs',
      clockToleranceMs >= 0 && clockToleranceMs <= MAX_TOLERANCE_MS,
      `must be a number from 0 to ${MAX_TOLERANCE_MS}`,
    ],
    [
      'algorithms',
      isTexts(algorithms) && algorithms.every((name) => ALGORITHMS.includes(name)),
      `must be a list of some of ${ALGORITHMS.join(', ')}`,
    ],
    ['clock', clock === undefined || typeof clock.now === 'function', 'must have a function now'],
    ['transport', transport === undefined || typeof transport === 'function', 'must be a function'],
    ['keys', keys === undefined || keys?.kind === 'JWKS cache', 'must be what jwksCache() gives'],
    ['timeoutMs', timeoutMs > 0, 'must be a number above 0'],
  ])
  const hostedDomains = given('hostedDomain') ? [...list(hostedDomain)] : undefined
  return {
    audiences: [...list(audience)],
    issuers: [...issuers],
    jwksUri,
    nonce,
    hostedDomains,
    maxAgeMs,
    maxLifetimeMs,
    clockToleranceMs,
    algorithms: [...algorithms],
  }
}

const WHAT = 'the ID token cannot be verified'
const OPTIONS = [
  'audience',
  'issuers',
  'jwksUri',
  'nonce',
  'hostedDomain',
  'maxAgeMs',
  'maxLifetimeMs',
  'clockToleranceMs',
  'algorithms',
  'clock',
  'transport',
  'keys',
  'timeoutMs',
  'signal',
]
const GOOGLE_ISSUERS = ['https://accounts.google.com', 'accounts.google.com']
const GOOGLE_JWKS_URI = 'https://www.googleapis.com/oauth2/v3/certs'
const ALGORITHMS: readonly SignatureAlgorithm[] = ['RS256', 'ES256', 'ES384', 'PS256']
const DEFAULT_ALGORITHMS: readonly SignatureAlgorithm[] = ['RS256', 'ES256', 'ES384']
const DAY_MS = 86_400_000
const DEFAULT_TOLERANCE_MS = 10_000
const MAX_TOLERANCE_MS = 60_000

function check(rules: readonly (readonly [path: string, holds: boolean, message: string])[]): void {
  const problems: Problem[] = rules.flatMap(([path, holds, message]) => (holds ? [] : [{ path, message }]))
  if (problems.length > 0) throw new ValidationError(WHAT, problems)
}

function list(value: string | readonly string[] | undefined): readonly string[] {
  return Array.isArray(value) ? (value as readonly string[]) : [value as string]
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(isText)
}

function isAllowedAddress(address: unknown): boolean {
  const origin = typeof address === 'string' ? originOf(address) : undefined
  return origin !== undefined && (origin.protocol === 'https:' || origin.loopback)
}
