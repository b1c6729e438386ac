import { ValidationError } from '../../errors.ts'
import type { HttpHeaders } from '../../protocol/http.ts'
import type { CredentialsContext } from '../../transport/credentials.ts'
import { readStoredToken, SHORTEST_LEFT_MS, SKEW_MS } from './read-stored-token.ts'
import type { AccessToken } from '../tokens/token-cache.ts'
import type { TokenRequest } from '../tokens/token-endpoint.ts'
import { tokenKey } from './token-key.ts'
import type { TokenStore } from './token-store.ts'

/** Tokens that programs share, as clients use them. */
export interface SharedTokens {
  /**
   * The token that another program got, or a new one, which others may have from then on where it is one to share.
   * @param request what the token is asked for with
   * @param fetchToken asks for a new one
   */
  load(
    request: Pick<TokenRequest, 'tokenUri' | 'identity' | 'signer'>,
    fetchToken: () => Promise<AccessToken>,
    context: CredentialsContext,
  ): Promise<AccessToken>
  /** A server refused these headers: the token in them is not taken from the store again. */
  refused(headers: HttpHeaders): void
}

/**
 * Lets several programs share tokens through a store: the processes of a fleet, a container and the one that takes its place.
 * Shared are the access tokens and ID tokens of service accounts, of people (`userCredentials`) and of `assertionCredentials`.
 * The others are free to make or cannot be told apart; each program gets its own, as do accounts whose keys sign differently
 * each time (PSS, ECDSA).
 *
 * Two programs share a token when they ask for it with the same account, claims, scopes and endpoint, and with the same key.
 * One has to sign what a token is kept under, so a signer of yours is asked for one more signature for each token.
 *
 * ```ts
 * import { createClient } from 'discokit'
 * import { memoryTokenStore, serviceAccount, sharedTokens } from 'discokit/auth'
 *
 * const tokenStore = sharedTokens(memoryTokenStore()) // or one of yours
 * const google = createClient({ auth: serviceAccount({ keyFile: 'key.json' }), tokenStore })
 * ```
 *
 * The clocks of programs may differ by five minutes: a token of the store is used as if it ended so much earlier. The program
 * that got it renews it a minute before the others would, so that they find the new one. A token is put there, and taken, while
 * more than ten minutes of its life are left. A store that fails or takes longer than two seconds is as none.
 *
 * @throws {ValidationError} for a store without the functions `get` and `put`.
 */
export function sharedTokens(store: TokenStore): SharedTokens {
  checkStore(store)
  const refused = new Set<string>()
  const isRefused = ({ value }: AccessToken): boolean => refused.has(`Bearer ${value}`)

  return {
    async load(request, fetchToken, context) {
      const usable = (stored: unknown): AccessToken | undefined => {
        const token = readStoredToken(stored, context.clock.now())
        return token && !isRefused(token) ? token : undefined
      }
      const found = await inTime(async () => {
        const key = await tokenKey(request, context)
        const stored = key === undefined ? undefined : await store.get(key)
        return { key, version: stored?.version ?? undefined, token: usable(stored) }
      })
      if (found?.token) return found.token

      const asked = context.clock.now()
      const own = await fetchToken()
      const key = found?.key
      if (key === undefined || own.lifetimeMs <= SHORTEST_LEFT_MS) return own
      const toStore = { value: own.value, expiresAt: Math.floor(asked + own.lifetimeMs) }
      const theirs = await inTime(async () =>
        (await store.put(key, toStore, found?.version)) ? undefined : usable(await store.get(key)),
      )
      return theirs ?? { value: own.value, lifetimeMs: own.lifetimeMs - SKEW_MS - HEAD_START_MS }
    },
    refused({ authorization }) {
      if (authorization !== undefined) refused.add(authorization)
      if (refused.size > MOST_REFUSED) refused.delete(refused.values().next().value!)
    },
  }
}

const TIMEOUT_MS = 2_000
/** So that its token is too old to be taken from the store by then. */
const HEAD_START_MS = 60_000
/** How many refused tokens are known: the store may give any of them until it ends. */
const MOST_REFUSED = 1_000

/** Gives undefined where something fails or takes too long; it goes on then, and nobody waits for it. */
async function inTime<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, TIMEOUT_MS, undefined)
  })
  try {
    return await Promise.race([work(), late])
  } catch {
    return undefined
  } finally {
    clearTimeout(timer)
  }
}

function checkStore(store: Partial<TokenStore> | undefined): void {
  if (typeof store?.get === 'function' && typeof store.put === 'function') return
  const message = 'must be an object with the functions get and put'
  throw new ValidationError('tokens cannot be shared', [{ path: 'store', message }])
}
