import type { LoginStore, SavedLogin } from 'discokit/auth'
import type { FixedRedirect } from './answer-listener.ts'
import type { LoginClient } from './client-file.ts'
import type { LoginProvider } from './login-provider.ts'

/** The client that a login was made with. */
export function savedClient(login: SavedLogin | undefined): LoginClient | undefined {
  if (login?.client === undefined) return undefined
  const { redirect } = login as { readonly redirect?: unknown }
  return { ...login.client, ...(isRedirect(redirect) && { redirect }) }
}

/** A client as logins have it. */
export function clientMembers({ redirect, ...client }: LoginClient): SavedLogin {
  return { client, ...(redirect && { redirect }) }
}

/**
 * Keeps a client for logins to come, sealed as these are, apart from them: it is there before the first and after the last. There
 * is one for each provider.
 */
export async function keepClient(clients: LoginStore, to: LoginProvider, client: LoginClient): Promise<void> {
  const entry = { ...clientMembers(client), refreshToken: NO_TOKEN }
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const there = await clients.get(to.name)
    if (await clients.put(to.name, entry, there?.version)) return
  }
}

/** The client that was kept for a provider. */
export async function keptClient(clients: LoginStore, to: LoginProvider): Promise<LoginClient | undefined> {
  return savedClient((await clients.get(to.name))?.login)
}

/** A store keeps logins, which have a token. This one is nobody's. */
const NO_TOKEN = 'none'
const ATTEMPTS = 5

function isRedirect(value: unknown): value is FixedRedirect {
  const { hostname, port, path } = (value ?? {}) as Partial<Record<keyof FixedRedirect, unknown>>
  return (
    (hostname === '127.0.0.1' || hostname === 'localhost') &&
    Number.isInteger(port) &&
    typeof path === 'string' &&
    path.startsWith('/')
  )
}
