import type { LoginStore } from '../../auth/user/login-store.ts'
import { newAccount, newLogin } from './basic-checks.ts'
import type { Expect } from './problems-of-login-store.ts'
import { isSameJson } from './same-json.ts'

/** What holds for stores that say that they are atomic: nobody comes between looking and putting. */
export async function atomicChecks(store: LoginStore, expect: Expect): Promise<void> {
  await comparing(store, expect)
  await versions(store, expect)
  await together([store], expect)
}

async function comparing(store: LoginStore, expect: Expect): Promise<void> {
  const account = newAccount()
  const isThere = async (i: number): Promise<boolean> =>
    isSameJson((await store.get(account))?.login, newLogin(i))
  expect(!(await store.put(account, newLogin(1), 'none')), 'it puts over a version where nothing is')
  expect((await store.get(account)) === undefined, 'it keeps what it said that it did not put')
  expect(!(await store.delete(account, 'none')), 'it says that it deleted a version where nothing is')

  await store.put(account, newLogin(1), undefined)
  const first = (await store.get(account))?.version
  expect(
    !(await store.put(account, newLogin(2), undefined)),
    'it puts where something is, as if nothing were',
  )
  expect(!(await store.put(account, newLogin(2), `${first}-`)), 'it puts over another version')
  expect(await isThere(1), 'it keeps what it said that it did not put')

  await store.put(account, newLogin(2), first)
  expect(!(await store.put(account, newLogin(3), first)), 'it puts over an old version')
  expect(!(await store.delete(account, first)), 'it deletes by an old version')
  expect(await isThere(2), 'it loses what is newer than the version that was named')
  await store.delete(account)
}

async function versions(store: LoginStore, expect: Expect): Promise<void> {
  const account = newAccount()
  const seen: string[] = []
  for (let round = 0; round < 4; round++) {
    await store.put(account, newLogin(1), undefined)
    seen.push((await store.get(account))?.version ?? '')
    // The same login again is something new all the same.
    await store.put(account, newLogin(1), seen.at(-1))
    seen.push((await store.get(account))?.version ?? '')
    await store.delete(account, seen.at(-1))
  }
  const again = new Set(seen.map((version, i) => seen.indexOf(version) !== i && i % 2 === 0))
  expect(!again.has(true), 'it gives an old version again after a delete')
  expect(
    seen.every((version, i) => i % 2 === 0 || version !== seen[i - 1]),
    'it gives what was put again an old version',
  )
  await store.delete(account)
}

/** @param stores objects for the same place, which take turns */
export async function together(stores: readonly LoginStore[], expect: Expect): Promise<void> {
  const store = stores[0]!
  const account = newAccount()
  for (const isNew of [true, false]) {
    const version = isNew ? undefined : (await store.get(account))?.version
    const puts = Array.from({ length: MANY }, (_, i) =>
      stores[i % stores.length]!.put(account, newLogin(i), version),
    )
    const won = (await Promise.all(puts)).flatMap((isPut, i) => (isPut ? [i] : []))
    const kept = (await store.get(account))?.login
    expect(won.length === 1, `it lets ${won.length} of ${MANY} put that come together`)
    expect(won.length !== 1 || isSameJson(kept, newLogin(won[0]!)), 'it keeps the login of one who lost')
  }

  const last = (await store.get(account))?.version
  const deletes = Array.from({ length: MANY }, (_, i) => stores[i % stores.length]!.delete(account, last))
  const deleted = (await Promise.all(deletes)).filter(Boolean).length
  expect(deleted === 1, `it lets ${deleted} of ${MANY} delete one login that come together`)

  await store.put(account, newLogin(0), undefined)
  const contested = (await store.get(account))?.version
  const other = stores.at(-1)!
  const won = await Promise.all([
    store.put(account, newLogin(1), contested),
    other.delete(account, contested),
  ])
  expect(won.filter(Boolean).length === 1, 'it lets one put and another delete the same version')
  expect(((await store.get(account)) === undefined) === won[1], 'it does not do what it said about a delete')
  await store.delete(account)
}

const MANY = 20
