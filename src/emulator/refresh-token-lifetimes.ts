import { ValidationError } from '../errors.ts'
import type { RefreshTokenLifetimes } from './refresh-tokens.ts'

/** What an emulator is told of how long refresh tokens live. */
export interface RefreshTokenOptions {
  /**
   * What Google's console says of the project's page of consent. In `testing`, refresh tokens live seven days, but for those that
   * only tell who somebody is. Default `production`.
   */
  readonly publishingStatus?: 'production' | 'testing'
  /** After how long without use refresh tokens are worth nothing any more, in milliseconds; default six months. */
  readonly refreshTokenIdleMs?: number
}

/** @throws {ValidationError} */
export function refreshTokenLifetimes({
  publishingStatus = 'production',
  refreshTokenIdleMs: idleMs = SIX_MONTHS_MS,
}: RefreshTokenOptions): RefreshTokenLifetimes {
  const problems = [
    ...(['production', 'testing'].includes(publishingStatus)
      ? []
      : [
          {
            path: 'publishingStatus',
            message: `'${publishingStatus}' is none; there are production, testing`,
          },
        ]),
    ...(idleMs > 0
      ? []
      : [{ path: 'refreshTokenIdleMs', message: `${idleMs} is not a number of milliseconds` }]),
  ]
  if (problems.length > 0) throw new ValidationError('createEmulator', problems)
  return { idleMs, lifetimeMs: publishingStatus === 'testing' ? SEVEN_DAYS_MS : undefined }
}

const DAY_MS = 24 * 3_600_000
const SEVEN_DAYS_MS = 7 * DAY_MS
const SIX_MONTHS_MS = 183 * DAY_MS
