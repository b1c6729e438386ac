import { AuthError, ValidationError } from '../errors.ts'
import type { CredentialsContext } from '../transport/credentials.ts'
import type { ClientSettings } from './client-options.ts'
import { askProvider } from './protocol/ask-provider.ts'
import { type HeldTokens, heldToken } from './tokens.ts'

/** What a provider tells of a person, under its own names (OpenID Connect Core section 5.1). */
export interface UserInfo {
  /** The lasting id of the person. */
  readonly sub: string
  readonly email?: string
  readonly email_verified?: boolean
  readonly name?: string
  readonly given_name?: string
  readonly family_name?: string
  readonly picture?: string
  readonly hd?: string
  readonly [claim: string]: unknown
}

/** What Google tells of a token. Which members there are depends on the token; numbers may be texts. */
export interface TokenInfo {
  readonly aud?: string
  readonly sub?: string
  readonly scope?: string
  readonly [name: string]: unknown
}

/** Asks who a token's person is. What is told of somebody else than the one expected is not believed (section 5.3.2). */
export async function userInfo(
  tokens: HeldTokens,
  expectedSub: string | undefined,
  client: ClientSettings,
  context: CredentialsContext,
): Promise<UserInfo> {
  const what = 'the user info cannot be asked for'
  const accessToken = heldToken(tokens, 'accessToken', what)
  if (typeof expectedSub !== 'string' || expectedSub === '')
    throw new ValidationError(what, [
      { path: 'expectedSub', message: "must be the person's sub: that of the claims of a verified ID token" },
    ])
  const { json, bad } = await ask('userinfo_endpoint', 'the user info', accessToken, client, context)
  if (typeof json['sub'] !== 'string' || json['sub'] === '') throw bad('it has no sub')
  if (json['sub'] !== expectedSub)
    throw new AuthError('the user info was not accepted: it is about another person than expected', {
      reason: 'wrong_subject',
    })
  return json as UserInfo
}

/** Asks for the profile in the form of `userinfo.v2.me.get`, which names the person `id`. */
export async function meInfo(
  tokens: HeldTokens,
  client: ClientSettings,
  context: CredentialsContext,
): Promise<Readonly<Record<string, unknown>>> {
  const accessToken = heldToken(tokens, 'accessToken', 'the profile cannot be asked for')
  return (await ask('meinfo_endpoint', 'the profile', accessToken, client, context)).json
}

function ask(
  endpoint: 'userinfo_endpoint' | 'meinfo_endpoint',
  what: string,
  accessToken: string,
  { provider, clientId }: ClientSettings,
  context: CredentialsContext,
): ReturnType<typeof askProvider> {
  return askProvider(
    {
      provider,
      endpoint,
      what,
      secrets: [accessToken],
      mayRepeat: () => true,
      send: (oauth, options) =>
        oauth.userInfoRequest(
          { ...provider, userinfo_endpoint: provider[endpoint] as string },
          { client_id: clientId },
          accessToken,
          options,
        ),
    },
    context,
  )
}

/**
 * Asks what a token stands for: the ID token where there is no access token. It goes in a form: what stands in an address is
 * written down on the way.
 */
export async function tokenInfo(
  tokens: HeldTokens,
  { provider }: ClientSettings,
  context: CredentialsContext,
): Promise<TokenInfo> {
  const byIdToken = tokens?.accessToken === undefined && tokens?.idToken !== undefined
  const token = heldToken(tokens, byIdToken ? 'idToken' : 'accessToken', 'the token info cannot be asked for')
  const { json } = await askProvider(
    {
      provider,
      endpoint: 'tokeninfo_endpoint',
      what: 'the token info',
      secrets: [token],
      mayRepeat: () => true,
      send: (oauth, options) =>
        oauth.revocationRequest(
          { ...provider, revocation_endpoint: provider.tokeninfo_endpoint! },
          { client_id: '-' },
          (_as, _client, body) => {
            body.delete('token')
            body.set(byIdToken ? 'id_token' : 'access_token', token)
          },
          token,
          options,
        ),
    },
    context,
  )
  return json
}
