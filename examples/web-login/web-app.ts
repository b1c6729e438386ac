/** What the same web application has in every framework: an OAuth client, the login, a store of logins, and sessions. */
import type { ClientOptions } from 'discokit'
import { createEmulator, type Emulator } from 'discokit/emulator'
import {
  createSecret,
  GOOGLE_PROVIDER,
  type LoginStore,
  memoryLoginStore,
  type OAuthClient,
  type OAuthProvider,
  oauthClient,
  type WebLogin,
  webLogin,
} from 'discokit/login'
import { createSessions, type Sessions } from './sessions.ts'

export interface WebApp {
  /** The origin that browsers know the application by. */
  readonly site: string
  readonly client: OAuthClient
  readonly login: WebLogin
  readonly store: LoginStore
  readonly sessions: Sessions
  /** For `createClient`: where Google is. */
  readonly google: Pick<ClientOptions, 'endpoint' | 'transport' | 'clock'>
  /** In place of Google, where there is no client of your own. */
  readonly emulator?: Emulator
}

/** Begins with the client that `CLIENT_ID` and `CLIENT_SECRET` name, or with an emulator where they are not set. */
export async function openWebApp(site: string): Promise<WebApp> {
  const redirectUri = `${site}/back` // as it is entered with the client, letter by letter
  const scopes = ['openid', 'email'] // no more than the first page needs
  const sessions = createSessions(site.startsWith('https:'))
  const store = memoryLoginStore() // in real life redisLoginStore() or sqlLoginStore()
  const {
    CLIENT_ID: clientId,
    CLIENT_SECRET: clientSecret,
    LOGIN_SECRET: secret = createSecret(),
  } = process.env
  if (clientId !== undefined) {
    const client = oauthClient({ clientId, clientSecret, redirectUri, scopes })
    return { site, client, login: webLogin({ client, secret, store }), store, sessions, google: {} }
  }
  const emulator = await createEmulator()
  const { url } = await emulator.listen()
  emulator.user({ email: 'ada@example.com', name: 'Ada' })
  const registered = emulator.oauthClient({ name: 'Notes', redirectUris: [redirectUri] })
  const client = oauthClient({
    ...registered,
    redirectUri,
    scopes,
    provider: googleAt(url),
    clock: emulator.clock,
  })
  const login = webLogin({ client, secret, store })
  return { site, client, login, store, sessions, google: emulator.connect(), emulator }
}

/** Google, with everything below the address of an emulator. */
function googleAt(url: string): OAuthProvider {
  const { issuer, ...addresses } = GOOGLE_PROVIDER
  const moved = Object.entries(addresses).map(([name, address]) => [
    name,
    String(address).replace('https:/', url),
  ])
  return { ...Object.fromEntries(moved), issuer }
}
