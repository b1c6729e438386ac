/** Stores that never do as they are asked, and providers that take their time: nothing waits without end. */
import { AuthError, TimeoutError, type Transport } from 'discokit'
import { authorizedFetch, type LoginStore, type SavedLogin, userCredentials } from 'discokit/auth'
import { memoryLoginStore } from 'discokit/login'
import { expect, test, vi } from 'vitest'
import { failureOf } from '../../media/connection.ts'
import { API, endpoint, type Scripted, token } from '../endpoint.ts'
import { withoutWaiting } from '../waits.ts'

const login: SavedLogin = { refreshToken: 'r0', client: { clientId: 'c' } }

async function storeOf(more: Partial<LoginStore> = {}): Promise<LoginStore> {
  const store = memoryLoginStore()
  await store.put('ada', login, undefined)
  return { ...store, ...more }
}

/** A store that says no so often, and then ends the test in place of the program. */
function refusals(most = 10_000) {
  let asked = 0
  return async (): Promise<boolean> => {
    if (++asked > most) throw new AuthError('it was asked without a pause', { reason: 'too_often' })
    return false
  }
}

test('a store that puts nothing is not asked without a pause', async () => {
  const store = await storeOf({ put: refusals() })
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const { fetch, forms } = endpoint()
    const call = failureOf(fetch(userCredentials({ store, account: 'ada' }))(API))
    await vi.advanceTimersByTimeAsync(40_000)
    expect(await call).toBeInstanceOf(TimeoutError)
    expect(forms).toEqual([])
  } finally {
    vi.useRealTimers()
  }
})

test('a store that deletes nothing is not asked without a pause', async () => {
  const store = await storeOf({ delete: refusals() })
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const { transport } = endpoint(() => ({ text: '{}' }))
    const revoking = failureOf(userCredentials({ store, account: 'ada' }).revoke({ transport }))
    await vi.advanceTimersByTimeAsync(40_000)
    expect(await revoking).toBeInstanceOf(TimeoutError)
  } finally {
    vi.useRealTimers()
  }
})

test('a renewal ends before others may begin one', async () => {
  const store = await storeOf()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
  try {
    // A provider that never answers.
    const ends: number[] = []
    const transport: Transport = (_, call) =>
      new Promise((_resolve, reject) =>
        call.onEnd((reason) => {
          ends.push(Date.now())
          reject(reason)
        }),
      )
    const calling = failureOf(authorizedFetch(userCredentials({ store, account: 'ada' }), { transport })(API))
    await vi.advanceTimersByTimeAsync(1)
    const { until } = (await store.get('ada'))!.login.refreshing!
    await vi.advanceTimersByTimeAsync(40_000)
    expect(await calling).toBeInstanceOf(TimeoutError)
    expect(ends).toHaveLength(1)
    expect(ends[0]).toBeLessThan(until)
    expect((await store.get('ada'))?.login).toEqual(login)
  } finally {
    vi.useRealTimers()
  }
})

/** A provider that replaces refresh tokens, and takes each back alone. */
function provider() {
  const alive = new Set(['r0'])
  let made = 0
  const asked: string[] = []
  let hold: Promise<void> | undefined
  const answer = async (_: number, { url, body }: { url: string; body?: unknown }): Promise<Scripted> => {
    const form = new URLSearchParams(body as string)
    if (url.endsWith('/revoke')) {
      asked.push(`revoke ${form.get('token')}`)
      alive.delete(form.get('token')!)
      return { text: '{}' }
    }
    asked.push(`renew ${form.get('refresh_token')}`)
    await hold
    if (!alive.delete(form.get('refresh_token')!))
      return { status: 400, text: JSON.stringify({ error: 'invalid_grant' }) }
    const refreshToken = `r${++made}`
    alive.add(refreshToken)
    return token(`t${made}`, { refresh_token: refreshToken })
  }
  return {
    ...endpoint(answer),
    alive,
    asked,
    holdUntil: (promise: Promise<void>): void => void (hold = promise),
  }
}

test('who logs out while a renewal is under way is logged out', async () => {
  const store = await storeOf()
  const { fetch, transport, alive, asked, holdUntil } = provider()
  const { result } = await withoutWaiting(async () => {
    let answer = (): void => {}
    holdUntil(new Promise((resolve) => (answer = resolve)))
    const calling = fetch(userCredentials({ store, account: 'ada' }))(API)
    await vi.waitUntil(() => asked.length > 0)
    const revoking = userCredentials({ store, account: 'ada' }).revoke({ transport })
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
    answer()
    return Promise.allSettled([calling, revoking])
  })
  expect(result[1]).toMatchObject({ status: 'fulfilled' })
  expect(asked).toEqual(['renew r0', 'revoke r1'])
  expect([...alive]).toEqual([])
  expect(await store.accounts()).toEqual([])
})

test('nobody renews what is being revoked', async () => {
  const store = await storeOf()
  const { fetch, transport, alive, asked } = provider()
  const { result } = await withoutWaiting(() =>
    Promise.allSettled([
      userCredentials({ store, account: 'ada' }).revoke({ transport }),
      fetch(userCredentials({ store, account: 'ada' }))(API),
    ]),
  )
  expect(result[0]).toMatchObject({ status: 'fulfilled' })
  expect(result[1]).toMatchObject({ reason: { reason: 'no_such_account' } })
  expect(asked).toEqual(['revoke r0'])
  expect([...alive]).toEqual([])
})

test('a login that could not be revoked can be renewed at once', async () => {
  const store = await storeOf()
  const { transport } = endpoint(() => ({ status: 400, text: JSON.stringify({ error: 'invalid_request' }) }))
  const revoking = userCredentials({ store, account: 'ada' }).revoke({ transport })
  expect(await failureOf(revoking)).toMatchObject({ reason: 'invalid_request' })
  expect((await store.get('ada'))?.login).toEqual(login)
})
