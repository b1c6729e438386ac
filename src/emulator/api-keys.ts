import { toBase64Url } from '../protocol/base64.ts'

/** The API keys given out. They name a project and no person, and never expire. */
export interface ApiKeys {
  issue(): string
  has(key: string): boolean
}

export function createApiKeys(): ApiKeys {
  const keys = new Set<string>()
  return {
    issue() {
      const random = toBase64Url(crypto.getRandomValues(new Uint8Array(27)))
      const key = `AIza${random}`.slice(0, KEY_LENGTH)
      keys.add(key)
      return key
    },
    has: (key) => keys.has(key),
  }
}

/** As long as Google's are. */
const KEY_LENGTH = 39
