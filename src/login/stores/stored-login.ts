import type { SavedLogin, VersionedLogin } from '../../auth/user/login-store.ts'
import { readSavedLogin } from '../../auth/user/read-saved-login.ts'

/** What stands in stores that keep one text for each account: the version, a blank, the login as JSON. */
export function writeStored(login: SavedLogin): string {
  return `${crypto.randomUUID()} ${loginText(login)}`
}

/**
 * A login as JSON, as it can be read again.
 * @throws {ValidationError} for what could not be, such as one that is too large: it would be lost.
 */
export function loginText(login: SavedLogin): string {
  return JSON.stringify(readSavedLogin(login))
}

/** Reads such a text; undefined for what has no version. */
export function readStored(stored: unknown): VersionedLogin | undefined {
  if (typeof stored !== 'string' || !/^[\da-f-]{36} /.test(stored)) return undefined
  return { login: readLogin(stored.slice(VERSION_LENGTH + 1)), version: stored.slice(0, VERSION_LENGTH) }
}

/** The login of a JSON text that anybody may have written. What is none counts as one with nothing in it: log in again. */
export function readLogin(json: unknown): SavedLogin {
  try {
    return readSavedLogin(String(json))
  } catch {
    return {}
  }
}

const VERSION_LENGTH = 36
