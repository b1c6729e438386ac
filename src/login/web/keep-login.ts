import { askStore } from '../../auth/user/login-record.ts'
import type { LoginStore, SavedLogin } from '../../auth/user/login-store.ts'
import { readSavedLogin } from '../../auth/user/read-saved-login.ts'
import { AuthError, ValidationError } from '../../errors.ts'
import type { LoginTokens } from '../tokens.ts'

/**
 * Keeps what a login gave under an account. What is there already is merged: providers give a refresh token with the first consent
 * alone, and other programs may keep members of their own there.
 * @throws {AuthError} reason `login_not_kept` when others put something there again and again, `store_failed` when the store does.
 */
export async function keepLogin(
  store: LoginStore,
  account: string,
  tokens: LoginTokens,
  clientId: string,
): Promise<void> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const there = await askStore('read', account, () => store.get(account))
    const login = merged(readable(there?.login), tokens, clientId)
    if (await askStore('keep', account, () => store.put(account, login, there?.version))) return
  }
  throw new AuthError(
    `the login of the account ${account} was not kept: others changed it ${MAX_ATTEMPTS} times meanwhile. Begin the login anew`,
    { reason: 'login_not_kept', retryable: true },
  )
}

const MAX_ATTEMPTS = 5

/** The new tokens are the newer ones in any case, so whoever renews the old ones at the moment gives way. */
function merged(there: SavedLogin | undefined, tokens: LoginTokens, clientId: string): SavedLogin {
  const issuer = issuerOf(there)
  // Another issuer's people are others, whatever they are called.
  if (issuer !== undefined && issuer !== issuerOf(tokens)) return tokens
  const others: Record<string, unknown> = { ...there }
  const isOfAnother = !isOfClient(there, clientId)
  const replaced = ['refreshing', 'accessToken', 'expiresAt']
  if (isOfAnother) replaced.push('client')
  if (isOfAnother || tokens.refreshToken !== undefined) replaced.push('refreshToken', 'refreshTokenExpiresAt')
  for (const name of replaced) delete others[name]
  return { ...others, ...tokens }
}

/** Where neither the login nor its ID token names a client, it counts as this one. */
function isOfClient({ client, claims }: SavedLogin = {}, clientId: string): boolean {
  const named = client ? [client.clientId] : [claims?.azp, claims?.aud].flat()
  return named.every((name) => name === undefined) || named.includes(clientId)
}

/** Google goes by its name with and without the scheme. */
function issuerOf({ claims }: Pick<SavedLogin, 'claims'> = {}): string | undefined {
  return typeof claims?.iss === 'string' ? claims.iss.replace(/^https:\/\//, '') : undefined
}

/** What cannot be read is replaced. */
function readable(login: unknown): SavedLogin | undefined {
  try {
    return login === undefined ? undefined : readSavedLogin(login as object)
  } catch (error) {
    if (error instanceof ValidationError) return undefined
    throw error
  }
}
