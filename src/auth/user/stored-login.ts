import { AuthError } from '../../errors.ts'
import type { CredentialsContext } from '../../transport/credentials.ts'
import type { AccessToken } from '../tokens/token-cache.ts'
import { retryPassing } from '../tokens/retry-passing.ts'
import { inLease, takeLease, unleased } from './login-lease.ts'
import { loginRecord } from './login-record.ts'
import {
  type LoginSettings,
  type LoginSource,
  RefusedTokens,
  refreshTokenOf,
  tokenAtHand,
} from './login-source.ts'
import type { LoginStore, SavedLogin } from './login-store.ts'
import { newerLogin } from './newer-login.ts'
import { type Renewal, renewLogin } from './renew-login.ts'
import { teller } from './teller.ts'

/**
 * A login in a store that others have too. Where the store is atomic one of them renews it at a time: who puts a lease into the record
 * first. The others wait for what comes of it. New tokens are kept before they are used; what somebody put there meanwhile is never
 * overwritten, and what was deleted stays deleted.
 */
export function storedLogin(store: LoginStore, account: string, settings: LoginSettings): LoginSource {
  const record = loginRecord(store, account)
  const refused = new RefusedTokens()
  const tell = teller(settings)
  /** The refresh token that was used last. */
  let used: string | undefined
  /** What came of a renewal and could not be kept: tried again before all else. */
  let unkept: Unkept | undefined

  /** The access token there, where it holds; else a new one, of a renewal by this program or another. */
  async function holding(context: CredentialsContext): Promise<AccessToken> {
    for (;;) {
      const found = await record.get()
      const { login } = found
      const atHand = tokenAtHand(login, context.clock.now(), refused)
      if (atHand) return atHand
      used = refreshTokenOf(login, settings.what)
      settings.clientOf(login) // nobody need wait for what cannot be done
      if (!store.atomic) return renew(login, context)
      const by = await takeLease(found, record, context)
      if (by === undefined) continue
      return renew(login, context).catch(async (error: unknown) => {
        // Others wait while there is something to be kept, lest they use what was replaced. It ends by itself.
        if (!unkept) await release(by).catch(() => {})
        throw error
      })
    }
  }

  async function renew(before: SavedLogin, context: CredentialsContext): Promise<AccessToken> {
    const ask = (own: CredentialsContext): Promise<Renewal> => renewLogin(before, settings, own, false)
    const renewal = await (store.atomic ? inLease(context, ask) : ask(context))
    const news = (unkept = { before, renewed: renewal.login })
    const kept = await retryPassing(MAX_ATTEMPTS, context.call, () => keep(news))
    await tell(kept, kept.refreshToken !== before.refreshToken)
    return tokenOf(kept, renewal, context)
  }

  /** Puts there what came of a renewal, and gives what is there then. */
  async function keep(news: Unkept): Promise<SavedLogin> {
    for (let attempt = 1; attempt <= MAX_CHANGES; attempt++) {
      const there = await record.find()
      if (!there) break
      const login = newerLogin(there.login, news.before, news.renewed)
      if (login !== there.login && !(await record.put(login, there.version))) continue
      if (unkept === news) unkept = undefined
      return login
    }
    if (unkept === news) unkept = undefined
    await record.get() // says that it was deleted
    throw new AuthError(`${settings.what} was renewed and not kept: others change it all the time`, {
      reason: 'login_not_kept',
    })
  }

  /** What is there, which nobody renews while this program has it. */
  async function alone(context: CredentialsContext): Promise<{ login: SavedLogin; by?: string }> {
    for (;;) {
      const found = await record.get()
      if (!store.atomic) return found
      const by = await takeLease(found, record, context)
      if (by !== undefined) return { login: found.login, by }
    }
  }

  /** Takes the lease away again after a failure, where it is still this one. */
  async function release(by: string): Promise<void> {
    const there = await record.find()
    if (there?.login.refreshing?.by === by) await record.put(unleased(there.login), there.version)
  }

  function tokenOf(
    kept: SavedLogin,
    { login, failure }: Renewal,
    { clock }: CredentialsContext,
  ): AccessToken {
    const atHand = tokenAtHand(kept, clock.now(), refused)
    if (atHand) return atHand
    if (failure !== undefined) throw failure
    return { value: login.accessToken!, lifetimeMs: login.expiresAt! - clock.now() }
  }

  return {
    isShared: true,
    async token(context) {
      await tell()
      if (unkept) await keep(unkept)
      try {
        return await holding(context)
      } catch (error) {
        if (!(error instanceof AuthError) || error.reason !== 'invalid_grant') throw error
        // Another program may have got another refresh token since.
        const { login } = await record.get()
        if (login.refreshToken === used) throw error
        return holding(context)
      }
    },
    login: async () => (await record.get()).login,
    refused: (accessToken) => refused.add(accessToken),
    async end(context, takeBack) {
      const { login, by } = await alone(context)
      try {
        await takeBack(login)
      } catch (error) {
        if (by !== undefined) await release(by).catch(() => {})
        throw error
      }
      for (;;) {
        const there = await record.find()
        // Who logged in anew meanwhile stays.
        if (!there || lasting(there.login) !== lasting(login)) return login
        if (await record.delete(there.version)) return login
        await context.call.sleep(100, 'delete')
      }
    },
  }
}

/** What came of a renewal, and of what. */
interface Unkept {
  readonly before: SavedLogin
  readonly renewed: SavedLogin
}

/** What stays of a login when its access token is renewed. */
const lasting = ({ refreshToken, accessToken }: SavedLogin): string | undefined => refreshToken ?? accessToken

const MAX_ATTEMPTS = 3
const MAX_CHANGES = 10
