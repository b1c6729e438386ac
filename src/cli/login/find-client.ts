import type { LoginStore, SavedLogin } from 'discokit/auth'
import { type LoginClient, readClientFile } from './client-file.ts'
import type { LoginProvider } from './login-provider.ts'
import { keepClient, keptClient, savedClient } from './saved-client.ts'

/** Where a client may be found. */
export interface ClientPlaces {
  /** The file that the command line names. */
  readonly file: string | undefined
  /** The login that is added to. */
  readonly before: SavedLogin | undefined
  readonly clients: LoginStore
  /** The last resort. */
  setUp(): Promise<LoginClient>
}

/** The OAuth client of a login: from a file, of the login that there is, the one used last, or one that is made now. */
export async function findClient(to: LoginProvider, places: ClientPlaces): Promise<LoginClient> {
  const { file, before, clients, setUp } = places
  const known = file === undefined ? (savedClient(before) ?? (await keptClient(clients, to))) : undefined
  if (known) return known
  const client = file === undefined ? await setUp() : await readClientFile(file, to)
  const { token_endpoint: tokenUri, revocation_endpoint: revokeUri } = to.provider
  const own = to.isEmulator ? { ...client, tokenUri, revokeUri } : client
  await keepClient(clients, to, own)
  return own
}
