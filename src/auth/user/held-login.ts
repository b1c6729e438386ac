import {
  type LoginSettings,
  type LoginSource,
  RefusedTokens,
  tokenAtHand,
  withoutAccessToken,
} from './login-source.ts'
import type { SavedLogin } from './login-store.ts'
import { renewLogin } from './renew-login.ts'
import { teller } from './teller.ts'

/** A login that this credential alone has. */
export function heldLogin(first: SavedLogin, settings: LoginSettings): LoginSource {
  const refused = new RefusedTokens()
  const tell = teller(settings)
  let held = first
  return {
    isShared: false,
    async token(context) {
      await tell() // before it may be replaced by yet another
      const atHand = tokenAtHand(held, context.clock.now(), refused)
      if (atHand) return atHand
      const asked = context.clock.now()
      const { login, isRotated, failure } = await renewLogin(held, settings, context, true)
      held = withoutAccessToken(login) // which is used when the program knows it
      await tell(login, isRotated)
      if (failure !== undefined) throw failure
      held = login
      return { value: login.accessToken!, lifetimeMs: login.expiresAt! - asked }
    },
    login: async () => held,
    refused: (accessToken) => refused.add(accessToken),
    async end(_, takeBack) {
      const login = held
      await takeBack(login)
      held = withoutAccessToken(held)
      return login
    },
  }
}
