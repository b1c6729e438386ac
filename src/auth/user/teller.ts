import type { LoginSettings } from './login-source.ts'
import type { SavedLogin } from './login-store.ts'

/**
 * Tells the program of new tokens. When it throws, those who wait for the tokens fail, and it is told again before the next are asked
 * for.
 * @param login what is new; without it, that of which it was not told yet
 */
export type Tell = (login?: SavedLogin, isRotated?: boolean) => Promise<void>

export function teller({ onTokens, onRefreshToken }: LoginSettings): Tell {
  let news: { readonly login: SavedLogin; readonly isRotated: boolean } | undefined
  return async (login, isRotated = false) => {
    if (login) news = { login, isRotated: isRotated || news?.isRotated === true }
    const told = news
    if (!told) return
    await onTokens?.(told.login)
    if (told.isRotated) await onRefreshToken?.(told.login.refreshToken!)
    if (news === told) news = undefined
  }
}
