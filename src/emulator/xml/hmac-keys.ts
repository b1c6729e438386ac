import { toBase64 } from '../../protocol/base64.ts'

/** A key for programs that speak to Cloud Storage as to other stores of objects, as a caller gets it. */
export interface EmulatorHmacKey {
  readonly accessId: string
  readonly secret: string
}

/** What the emulator keeps of one. */
export interface StoredHmacKey extends EmulatorHmacKey {
  /** The service account that it signs for. */
  readonly email: string
}

/** The HMAC keys given out. They never expire. */
export interface HmacKeys {
  issue(email: string): EmulatorHmacKey
  find(accessId: string): StoredHmacKey | undefined
}

export function createHmacKeys(): HmacKeys {
  const keys = new Map<string, StoredHmacKey>()
  return {
    issue(email) {
      const random = crypto.getRandomValues(new Uint8Array(ID_LENGTH - PREFIX.length))
      const accessId = PREFIX + Array.from(random, (byte) => BASE32[byte & 31]).join('')
      const secret = toBase64(crypto.getRandomValues(new Uint8Array(30)))
      keys.set(accessId, { accessId, secret, email })
      return { accessId, secret }
    },
    find: (accessId) => keys.get(accessId),
  }
}

/** What the ids of service accounts' keys begin with, and how long they are. */
const PREFIX = 'GOOG1E'
const ID_LENGTH = 61
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
