import type { StoredToken, TokenStore } from './token-store.ts'

/**
 * Holds a store against what {@link TokenStore} says of it: gives what is wrong with it, or nothing. Any store can be tried,
 * by whatever runs tests. It leaves a few tokens there, under keys that nobody else has.
 *
 * ```ts
 * import { memoryTokenStore, problemsOfTokenStore } from 'discokit/auth'
 *
 * console.log(await problemsOfTokenStore(memoryTokenStore())) // []
 * ```
 */
export async function problemsOfTokenStore(store: TokenStore): Promise<string[]> {
  const problems: string[] = []
  const expect = (isTrue: boolean, problem: string): void => void (isTrue || problems.push(problem))
  const key = newKey()
  const [first, second, third] = [0, 1, 2].map(newToken) as [StoredToken, StoredToken, StoredToken]

  expect((await store.get(key)) === undefined, 'it has something where nothing was put')
  expect(!(await store.put(key, second, 'none')), 'it puts over a version where nothing is')
  expect((await store.get(key)) === undefined, 'it keeps what it said that it did not put')

  expect(await store.put(key, first, undefined), 'it does not put where nothing is')
  const before = await store.get(key)
  expect(isSame(before, first), 'it does not give what was put')
  expect(typeof before?.version === 'string', 'it gives no version')
  expect(!(await store.put(key, second, undefined)), 'it puts where something is, as if nothing were')
  expect(!(await store.put(key, second, `${before?.version}-`)), 'it puts over another version')
  expect(isSame(await store.get(key), first), 'it keeps what it said that it did not put')

  expect(await store.put(key, second, before?.version), 'it does not put over the version that is there')
  const after = await store.get(key)
  expect(isSame(after, second), 'it does not give what was put last')
  expect(after?.version !== before?.version, 'it gives a new token an old version')
  expect(!(await store.put(key, third, before?.version)), 'it puts over an old version')
  // The same token again is something new all the same.
  await store.put(key, second, after?.version)
  expect((await store.get(key))?.version !== after?.version, 'it gives what was put again an old version')

  const other = newKey()
  expect(await store.put(other, third, undefined), 'it takes one key for another')
  expect(isSame(await store.get(key), second), 'it takes one key for another')

  for (const version of [undefined, (await store.get(other))?.version]) {
    const contested = version === undefined ? newKey() : other
    const puts = Array.from({ length: 20 }, (_, i) => store.put(contested, newToken(i), version))
    const won = (await Promise.all(puts)).flatMap((isPut, i) => (isPut ? [i] : []))
    const kept = (await store.get(contested))?.value
    expect(won.length === 1, `it lets ${won.length} of 20 put that come together`)
    expect(won.length !== 1 || kept === newToken(won[0]!).value, 'it keeps the token of one who lost')
  }
  const long = { value: `ya29.${'x'.repeat(8_000)}`, expiresAt: END + 123 }
  const last = newKey()
  await store.put(last, long, undefined)
  expect(isSame(await store.get(last), long), 'it does not keep long tokens and times whole')
  return problems
}

const newKey = (): string => (crypto.randomUUID() + crypto.randomUUID()).replaceAll('-', '')

/** What has ended may be gone. */
const END = Date.now() + 3_600_000

const newToken = (i: number): StoredToken => ({ value: `token-${i}`, expiresAt: END + i })

function isSame(found: StoredToken | undefined, token: StoredToken): boolean {
  return found?.value === token.value && found.expiresAt === token.expiresAt
}
