import { createHash, timingSafeEqual } from 'node:crypto'

/** The answer that a login waits for. */
export interface ExpectedAnswer {
  /** Where the browser is sent back to. */
  readonly redirectUri: string
  /** What the request for consent said that the answer must bring back. */
  readonly state: string
}

/**
 * Why an address is not the answer to this request for consent; undefined when it is. The `state` is compared before anything else
 * is read: an error that somebody made up ends no login (RFC 6749 section 10.12).
 */
export function whyNoAnswer(address: string, { redirectUri, state }: ExpectedAnswer): string | undefined {
  if (address.length > MAX_LENGTH || !URL.canParse(address)) return 'it is no address'
  const { origin, pathname, searchParams, username, password } = new URL(address)
  if (username !== '' || password !== '' || !isSame(`${origin}${pathname}`, redirectUri))
    return `it does not begin with ${new URL(redirectUri).origin}/ and what this login has behind it`
  const [given, ...more] = searchParams.getAll('state')
  if (given === undefined) return 'it has no state; copy all of the address'
  if (more.length > 0 || !isSame(given, state)) return 'it is the answer to another login'
  return undefined
}

/** Whether two texts are the same, without telling by the time how much of a guess is right. */
export function isSame(given: string, expected: string): boolean {
  return timingSafeEqual(hash(given), hash(expected))
}

const MAX_LENGTH = 16_384

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
