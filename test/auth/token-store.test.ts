import { memoryTokenStore, type TokenStore, type VersionedToken } from 'discokit/auth'
import { describe, expect, test } from 'vitest'
import { problemsOfTokenStore } from 'discokit/auth'

/** A store that looks and puts in two steps, so that others come between, or that is wrong in another way. */
function wrong(change: (tokens: Map<string, VersionedToken>) => Partial<TokenStore>): TokenStore {
  const tokens = new Map<string, VersionedToken>()
  let puts = 0
  const right: TokenStore = {
    get: async (key) => tokens.get(key),
    async put(key, token, ifVersion) {
      if (tokens.get(key)?.version !== ifVersion) return false
      tokens.set(key, { ...token, version: String(++puts) })
      return true
    },
  }
  return { ...right, ...change(tokens) }
}

describe('a store of tokens', () => {
  test('in memory is as stores should be', async () => {
    expect(await problemsOfTokenStore(memoryTokenStore())).toEqual([])
  })

  test('in memory keeps the last ten thousand tokens', async () => {
    const store = memoryTokenStore()
    const put = (i: number) => store.put(`key-${i}`, { value: `${i}`, expiresAt: i }, undefined)
    for (let i = 0; i < 10_000; i++) await put(i)
    await store.put('key-0', { value: 'again', expiresAt: 1 }, (await store.get('key-0'))!.version)
    await put(10_000)
    expect(await store.get('key-0')).toMatchObject({ value: 'again' })
    expect(await store.get('key-1')).toBeUndefined()
    expect(await store.get('key-2')).toMatchObject({ value: '2' })
  })

  test('in memory keeps a token and its end, and nothing else that it is given', async () => {
    const store = memoryTokenStore()
    await store.put('key', { value: 't', expiresAt: 1, email: 'ada@example.com' } as never, undefined)
    expect(await store.get('key')).toEqual({ value: 't', expiresAt: 1, version: '1' })
  })

  test.each<[string, TokenStore]>([
    [
      'it lets 20 of 20 put that come together',
      wrong((tokens) => ({
        async put(key, token, ifVersion) {
          const isThere = tokens.get(key)?.version === ifVersion
          await Promise.resolve()
          if (isThere) tokens.set(key, { ...token, version: crypto.randomUUID() })
          return isThere
        },
      })),
    ],
    [
      'it puts over an old version',
      wrong((tokens) => ({
        async put(key, token) {
          tokens.set(key, { ...token, version: crypto.randomUUID() })
          return true
        },
      })),
    ],
    [
      'it gives what was put again an old version',
      wrong((tokens) => ({
        async put(key, token, ifVersion) {
          if (tokens.get(key)?.version !== ifVersion) return false
          tokens.set(key, { ...token, version: token.value })
          return true
        },
      })),
    ],
    [
      'it does not keep long tokens and times whole',
      wrong((tokens) => ({
        async put(key, token, ifVersion) {
          if (tokens.get(key)?.version !== ifVersion) return false
          tokens.set(key, { ...token, value: token.value.slice(0, 255), version: crypto.randomUUID() })
          return true
        },
      })),
    ],
    ['it does not give what was put', wrong(() => ({ get: async () => undefined }))],
  ])('is found out when %s', async (problem, store) => {
    expect(await problemsOfTokenStore(store)).toContain(problem)
  })
})
