/** When something is signed, in the forms that signatures have it. */
export interface SigningTime {
  /** `20190201T090000Z` */
  readonly date: string
  /** `20190201` */
  readonly day: string
  /** What a key signs for: `20190201/auto/storage/goog4_request`. */
  readonly scope: string
}

/** @param now milliseconds since 1970 */
export function signingTime(now: number): SigningTime {
  const date = `${new Date(now).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
  const day = date.slice(0, 8)
  return { date, day, scope: `${day}/auto/storage/goog4_request` }
}

/** The longest that a signature of version 4 holds: seven days. */
const LONGEST_MS = 604_800_000

/** What is wrong with how long something is to hold, or undefined. */
export function expiryProblem(expiresMs: unknown): string | undefined {
  return typeof expiresMs === 'number' && expiresMs >= 1_000 && expiresMs <= LONGEST_MS
    ? undefined
    : 'must be a number of milliseconds from a second to seven days (604,800,000)'
}
