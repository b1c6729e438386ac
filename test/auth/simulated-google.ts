import type { HttpRequest, Transport } from 'discokit'
import { responseBody } from '../../src/protocol/http-body.ts'

/** How the servers behave. */
export interface Habits {
  /** How long a token lives. Default an hour. */
  readonly lifetimeS?: number
  /** A metadata server gives the token that it has while more than so many seconds of its life are left. Default 300. */
  readonly sameUntilS?: number
}

/** A token endpoint, a metadata server and an API that live by one clock, and what they saw. */
export interface SimulatedGoogle {
  readonly transport: Transport
  tokenRequests: number
  /** Calls that came with a token. */
  calls: number
  /** Calls whose token had expired, was taken back, or never given out. */
  refused: number
  /** Takes back all tokens that are out. */
  revoke(): void
}

/** @param now the servers' time, in milliseconds since 1970 */
export function simulatedGoogle(
  now: () => number,
  { lifetimeS = 3_600, sameUntilS = 300 }: Habits = {},
): SimulatedGoogle {
  /** When each token that is out ends. */
  const ends = new Map<string, number>()
  let machine = ''
  let made = 0

  function issue(): string {
    const token = `token-${made++}`
    ends.set(token, now() + lifetimeS * 1_000)
    return token
  }
  const left = (token: string): number => ((ends.get(token) ?? -Infinity) - now()) / 1_000

  function answerTo({ url, headers }: HttpRequest): { status: number; content: object } {
    const isMachine = url.startsWith('http://metadata.google.internal/')
    if (isMachine || url.endsWith('/token')) {
      google.tokenRequests++
      if (isMachine && left(machine) <= sameUntilS) machine = issue()
      const access_token = isMachine ? machine : issue()
      const expires_in = Math.floor(left(access_token))
      return { status: 200, content: { access_token, expires_in, token_type: 'Bearer' } }
    }
    google.calls++
    const isGood = left((headers['authorization'] ?? '').replace('Bearer ', '')) > 0
    if (!isGood) google.refused++
    return { status: isGood ? 200 : 401, content: {} }
  }

  const google: SimulatedGoogle = {
    tokenRequests: 0,
    calls: 0,
    refused: 0,
    revoke: () => ends.clear(),
    async transport(request) {
      const { status, content } = answerTo(request)
      const body = responseBody(JSON.stringify(content))
      return { status, headers: { 'metadata-flavor': 'Google' }, body }
    },
  }
  return google
}
