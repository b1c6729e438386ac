/** What token caches promise, in simulated days: few token requests, and no token that has expired. */
import { setImmediate as turn } from 'node:timers/promises'
import { createClient } from 'discokit'
import {
  authorizedFetch,
  type AuthorizedFetch,
  type Credentials,
  metadataCredentials,
  serviceAccount,
  userCredentials,
} from 'discokit/auth'
import { createEmulator } from 'discokit/emulator'
import { describe, expect, test } from 'vitest'
import { API } from './endpoint.ts'
import { keyFile } from './keys.ts'
import { type Habits, simulatedGoogle } from './simulated-google.ts'

const START = 1_767_225_600_000
const KINDS: [string, () => Credentials][] = [
  ['a service account', () => serviceAccount({ key: keyFile() })],
  ['a person', () => userCredentials({ clientId: 'client', refreshToken: 'refresh' })],
  ['a machine', () => metadataCredentials()],
]

/** A caller and servers in one simulated time. The caller's clock may be wrong. */
function simulation(credentials: Credentials, habits: Habits & { skewMs?: number } = {}) {
  const time = { now: START }
  const google = simulatedGoogle(() => time.now, habits)
  const clock = { now: () => time.now + (habits.skewMs ?? 0) }
  const fetch = authorizedFetch(credentials, { transport: google.transport, clock })
  return { time, google, fetch }
}

/** Calls for some hours, every so many milliseconds. */
async function callFor(hours: number, everyMs: number, time: { now: number }, fetch: AuthorizedFetch) {
  const end = time.now + hours * 3_600_000
  for (let i = 0; time.now < end; i++, time.now += everyMs) {
    expect((await fetch(API)).status).toBe(200)
    if (i % 10 === 0) await turn() // for what goes on meanwhile
  }
}

describe.each(KINDS)('%s', (_, credentials) => {
  test('[77] asks once for a thousand callers whose token has expired', async () => {
    const { time, google, fetch } = simulation(credentials())
    await fetch(API)
    time.now += 3_600_000
    await Promise.all(Array.from({ length: 1_000 }, () => fetch(API)))
    expect(google).toMatchObject({ tokenRequests: 2, calls: 1_001, refused: 0 })
  })

  test('asks once for two hundred calls that are refused together', async () => {
    const { google, fetch } = simulation(credentials())
    await fetch(API)
    google.revoke()
    const answers = await Promise.all(Array.from({ length: 200 }, () => fetch(API)))
    expect(answers.every(({ status }) => status === 200)).toBe(true)
    expect(google).toMatchObject({ tokenRequests: 2, calls: 401, refused: 200 })
  })

  test('that calls every second asks 27 times a day at most, and sends no token that has expired', async () => {
    const { time, google, fetch } = simulation(credentials())
    await callFor(24, 1_000, time, fetch)
    expect(google).toMatchObject({ calls: 86_400, refused: 0 })
    expect(google.tokenRequests).toBeGreaterThanOrEqual(24)
    expect(google.tokenRequests).toBeLessThanOrEqual(27)
  })

  test.each([-300_000, 300_000])(
    'whose clock is wrong by %i ms asks as often, and its tokens hold',
    async (skewMs) => {
      const { time, google, fetch } = simulation(credentials(), { skewMs })
      await callFor(24, 10_000, time, fetch)
      expect(google.refused).toBe(0)
      expect(google.tokenRequests).toBeLessThanOrEqual(27)
    },
  )

  test.each([5, 60, 300])('with tokens of %i seconds renews them in time', async (lifetimeS) => {
    const { time, google, fetch } = simulation(credentials(), { lifetimeS, sameUntilS: lifetimeS / 4 })
    await callFor(1, Math.min(1_000, lifetimeS * 20), time, fetch)
    expect(google.refused).toBe(0)
    expect(google.tokenRequests).toBeLessThan((3_600 / lifetimeS) * 1.5)
  })
})

describe('a metadata server that gives the same token', () => {
  test.each([
    // Seconds before its end, and how many requests an hour may bring, the renewal included.
    [300, 2],
    [240, 2],
    [60, 4],
    [15, 6],
  ])('until %i seconds before its end is asked %i times an hour at most', async (sameUntilS, most) => {
    const { time, google, fetch } = simulation(metadataCredentials(), { sameUntilS })
    await callFor(1, 200, time, fetch)
    expect(google.tokenRequests).toBeLessThanOrEqual(most)
    expect(google.refused).toBe(0)
  })

  test('is asked once by a thousand callers who come within its last minutes', async () => {
    const { time, google, fetch } = simulation(metadataCredentials(), { sameUntilS: 60 })
    await fetch(API)
    time.now += 3_600_000 - 200_000
    for (let i = 0; i < 10; i++) {
      await Promise.all(Array.from({ length: 100 }, () => fetch(API)))
      await turn()
    }
    expect(google).toMatchObject({ tokenRequests: 2, refused: 0 })
  })
})

describe('a service account whose clock differs from that of the token endpoint', () => {
  test.each([-300_000, -60_000, 60_000])('by %i ms is let in', async (skewMs) => {
    const emulator = await createEmulator()
    const clock = { now: () => emulator.clock.now() + skewMs }
    const google = createClient({ ...emulator.connect(), auth: emulator.serviceAccount(), clock })
    const storage = await google.discover('storage:v1')
    expect(await storage['buckets'].list({ project: 'p' })).toMatchObject({ kind: 'storage#buckets' })
    await emulator.close()
  })
})
