import type { DocumentCache } from './discovery/document-cache.ts'
import { isPositive } from './check-call.ts'
import { type Problem, ValidationError } from './errors.ts'
import type { ClientOptions } from './options.ts'
import { isHeaderValue } from './protocol/header-value.ts'
import { checkOptionNames } from './request/option-names.ts'
import type { Credentials } from './transport/credentials.ts'
import { emulatorAddress } from './transport/emulator-address.ts'
import { originOf } from './transport/origin.ts'
import { platform } from '#platform'

const CLIENT_OPTIONS = [
  'auth',
  'endpoint',
  'universeDomain',
  'quotaProject',
  'transport',
  'retry',
  'timeoutMs',
  'validate',
  'maxAnswerBytes',
  'userAgent',
  'cache',
  'tokenStore',
  'clock',
]

/**
 * Refuses options that cannot be used.
 * @throws {ValidationError} naming all of them.
 */
export function checkOptions(options: ClientOptions): void {
  checkOptionNames('the client cannot be made', options, CLIENT_OPTIONS)
  const { endpoint, universeDomain, userAgent, quotaProject, timeoutMs } = options
  const problems: { path: string; message: string }[] = []
  if (endpoint !== undefined) {
    const origin = originOf(endpoint)
    if (!origin || !URL.canParse(endpoint) || !/^[\x21-\x7e]+$/.test(endpoint) || /[?#]/.test(endpoint)) {
      problems.push({
        path: 'endpoint',
        message: 'must be an address such as https://host or http://127.0.0.1:8080',
      })
    } else if (origin.protocol === 'http:' && !origin.loopback) {
      problems.push({ path: 'endpoint', message: 'must be https, unless it is on this machine' })
    }
  }
  if (options.auth !== undefined && !isCredentials(options.auth)) problems.push(NO_CREDENTIALS('auth'))
  if (universeDomain !== undefined && !/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(universeDomain)) {
    problems.push({ path: 'universeDomain', message: 'must be a domain name such as googleapis.com' })
  }
  if (!isHeaderValue(userAgent ?? '')) problems.push({ path: 'userAgent', message: 'must be visible ASCII' })
  if (!isHeaderValue(quotaProject ?? ''))
    problems.push({ path: 'quotaProject', message: 'must be a project id' })
  if (timeoutMs !== undefined && !(typeof timeoutMs === 'number' && timeoutMs > 0)) {
    problems.push({ path: 'timeoutMs', message: 'must be a positive number of milliseconds' })
  }
  if (!isCache(options.cache ?? false)) {
    problems.push({ path: 'cache', message: 'must be an object with the functions get and set, or false' })
  }
  if (options.tokenStore !== undefined && typeof options.tokenStore?.load !== 'function') {
    problems.push({ path: 'tokenStore', message: 'must be what sharedTokens(store) gives' })
  }
  const { maxAnswerBytes } = options
  if (maxAnswerBytes !== undefined && !isPositive(maxAnswerBytes)) {
    problems.push({ path: 'maxAnswerBytes', message: 'must be a positive number of bytes' })
  }
  if (problems.length > 0) throw new ValidationError('the client cannot be made', problems)
}

function isCache(cache: Partial<DocumentCache> | false): boolean {
  return cache === false || (typeof cache.get === 'function' && typeof cache.set === 'function')
}

/** @throws {ValidationError} for what is no credential: nothing must become anonymous by mistake. */
export function checkCredentials(value: unknown): Credentials {
  if (isCredentials(value)) return value
  throw new ValidationError('the client cannot be used for others', [NO_CREDENTIALS('credentials')])
}

function isCredentials(value: unknown): value is Credentials {
  return typeof (value as Partial<Credentials> | null | undefined)?.headers === 'function'
}

const NO_CREDENTIALS = (path: string): Problem => ({
  path,
  message: 'must be a credential, such as serviceAccount({ keyFile }) or anonymous()',
})

/** The emulator that the variable `DISCOKIT_EMULATOR` names. */
export function emulatorInEnvironment(): string | undefined {
  return emulatorAddress(platform.environment('DISCOKIT_EMULATOR'))
}
