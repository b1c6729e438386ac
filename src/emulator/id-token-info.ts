import { decodeJwt, isSignedBy } from './jwt.ts'
import type { Clock } from './clock.ts'
import type { Identity } from './identity.ts'
import type { JsonObject } from './service.ts'

/** Header and claims of an ID token of this emulator's that is valid now; undefined for any other text. */
export async function readIdToken(
  { idTokens }: Pick<Identity, 'idTokens'>,
  clock: Clock,
  text: string,
): Promise<{ readonly header: JsonObject; readonly claims: JsonObject } | undefined> {
  const jwt = decodeJwt(text)
  const { header, claims } = jwt ?? {}
  if (!jwt || !header || !claims || header.alg !== 'RS256') return undefined
  if (!(await isSignedBy([await idTokens.keys()], jwt))) return undefined
  return typeof claims.exp === 'number' && claims.exp > clock.now() / 1000 ? { header, claims } : undefined
}
