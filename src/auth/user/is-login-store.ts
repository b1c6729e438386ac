import type { LoginStore } from './login-store.ts'

/** Whether something has what a store of logins has. */
export function isLoginStore(store: unknown): store is LoginStore {
  const members = Object(store) as Record<string, unknown>
  return (
    typeof members['atomic'] === 'boolean' && FUNCTIONS.every((name) => typeof members[name] === 'function')
  )
}

const FUNCTIONS = ['get', 'put', 'delete', 'accounts']

export const NO_STORE = 'must be a store of logins: atomic, and the functions get, put, delete and accounts'
