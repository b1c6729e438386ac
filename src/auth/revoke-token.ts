import { AuthError, TransportError, ValidationError } from '../errors.ts'
import { parseOAuthError } from '../protocol/oauth-error.ts'
import { checkOptionNames } from '../request/option-names.ts'
import { DEFAULT_UNIVERSE } from '../transport/origin-policy.ts'
import { originOf } from '../transport/origin.ts'
import { isPassing } from '../transport/retry-decision.ts'
import { serverWords } from './tokens/server-words.ts'
import type { TokenRequest } from './tokens/token-endpoint.ts'
import { ASK_OPTIONS, askAlone, type AskOptions } from './user/ask-options.ts'
import { checkRevokeUri, GOOGLE_REVOKE_URI } from './user/revoke-uri.ts'
import { isTokenText } from './user/supplied-token.ts'

/** Where a token is taken back. */
export interface RevokeOptions extends AskOptions {
  /** Default `https://oauth2.googleapis.com/revoke`. */
  readonly revokeUri?: string | undefined
  /** The domain whose endpoints are trusted. Default `googleapis.com`. */
  readonly universeDomain?: string | undefined
}

/**
 * Takes a token back (RFC 7009): an access token or a refresh token. At Google a person's consent ends with it, and all tokens that
 * came of that. It is asked once.
 *
 * ```ts
 * import { revokeToken } from 'discokit/auth'
 *
 * await revokeToken(process.env.REFRESH_TOKEN ?? '')
 * ```
 *
 * @throws {ValidationError} when there is no token.
 * @throws {AuthError} with the endpoint's word as `reason`: `invalid_token` for one that is worth nothing already.
 */
export async function revokeToken(token: string, options: RevokeOptions = {}): Promise<void> {
  checkOptionNames(WHAT, options, [...ASK_OPTIONS, 'revokeUri', 'universeDomain'])
  const { revokeUri = GOOGLE_REVOKE_URI, universeDomain = DEFAULT_UNIVERSE, ...asking } = options
  if (!isTokenText(token))
    throw new ValidationError(WHAT, [{ path: 'token', message: 'must be the text of a token' }])
  checkRevokeUri(revokeUri, 'the request to revoke a token', universeDomain)
  await revokeAt(revokeUri, token, undefined, asking)
}

const WHAT = 'the token cannot be revoked'

/**
 * Takes a token back at an address that was checked.
 * @param login who the client is, where the endpoint asks for that
 */
export async function revokeAt(
  revokeUri: string,
  token: string,
  login: TokenRequest['login'],
  options: AskOptions,
): Promise<void> {
  const place = originOf(revokeUri)?.host ?? 'the endpoint'
  await askAlone('revoke', options, async ({ transport, call }) => {
    try {
      const { status, body } = await transport(
        {
          method: 'POST',
          url: revokeUri,
          headers: {
            'content-type': 'application/x-www-form-urlencoded',
            ...login?.headers,
          },
          body: new URLSearchParams({ token }).toString(),
        },
        call,
      )
      const text = await body.text(MAX_ANSWER_BYTES)
      if (status !== 200) throw refusal(status, text, [token, ...(login?.secrets ?? [])], place)
    } catch (error) {
      throw error instanceof TransportError ? unreachable(error, place) : error
    }
  })
}

const MAX_ANSWER_BYTES = 1_048_576

function refusal(status: number, text: string, secrets: readonly string[], place: string): AuthError {
  const { reason: word, message } = parseOAuthError(text)
  const { reason, said } = serverWords(status, word, message, secrets)
  return new AuthError(`${place} did not revoke the token: ${status} ${reason}${said}`, {
    reason,
    status,
    retryable: status === 408 || status === 429 || status >= 500,
  })
}

function unreachable(cause: TransportError, place: string): AuthError {
  return new AuthError(`${place} could not be asked to revoke a token: ${cause.message}`, {
    reason: cause.reason,
    retryable: isPassing(cause),
    cause,
  })
}
