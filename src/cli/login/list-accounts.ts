import type { LoginStore, SavedLogin } from 'discokit/auth'
import { shortScope } from './login-scopes.ts'
import { dayOf } from './report-login.ts'

/** What may be shown of a login: no token, no secret. */
export interface AccountFacts {
  readonly account: string
  readonly sub?: string
  readonly email?: string
  readonly scopes?: readonly string[]
  /** When the login ends, where the provider said so: milliseconds since 1970. */
  readonly endsAt?: number
  readonly clientId?: string
}

/** Some logins of a store, by account. */
export async function listAccounts(
  store: LoginStore,
  accounts: readonly string[],
): Promise<readonly AccountFacts[]> {
  const all = await Promise.all(
    accounts.toSorted().map(async (account): Promise<AccountFacts | undefined> => {
      const login = (await store.get(account))?.login
      return login && factsOf(account, login)
    }),
  )
  return all.filter((facts) => facts !== undefined)
}

function factsOf(
  account: string,
  { claims, scopes, refreshTokenExpiresAt, client }: SavedLogin,
): AccountFacts {
  const email = claims?.['email']
  return {
    account,
    ...(claims && { sub: claims.sub }),
    ...(typeof email === 'string' && { email }),
    ...(scopes && { scopes }),
    ...(refreshTokenExpiresAt !== undefined && { endsAt: refreshTokenExpiresAt }),
    ...(client && { clientId: client.clientId }),
  }
}

/** The same as lines of a table. @param now milliseconds since 1970 */
export function accountTable(all: readonly AccountFacts[], now: number): readonly string[] {
  const rows = all.map(({ account, email, sub, scopes = [], endsAt, clientId }) => [
    account,
    email ?? sub ?? '-',
    endOf(endsAt, now),
    shortClient(clientId),
    scopes.map(shortScope).join(' '),
  ])
  const table = [['ACCOUNT', 'PERSON', 'ENDS', 'CLIENT', 'SCOPES'], ...rows]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]!.length)))
  return table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

function endOf(endsAt: number | undefined, now: number): string {
  if (endsAt === undefined) return '-'
  return endsAt <= now ? 'has ended' : dayOf(endsAt)
}

/** Enough to tell one from another: Google's ids begin with the number of the project. */
function shortClient(clientId = '-'): string {
  const id = clientId.replace(/\.apps\.googleusercontent\.com$/, '')
  return id.length > 14 ? `${id.slice(0, 13)}…` : id
}
