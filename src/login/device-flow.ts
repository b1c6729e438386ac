import { AuthError } from '../errors.ts'
import type { CredentialsContext } from '../transport/credentials.ts'
import type { ClientSettings } from './client-options.ts'
import type { DeviceRequest } from './device-request.ts'
import { verifyLogin } from './id-token.ts'
import { type Answer, askProvider } from './protocol/ask-provider.ts'
import { clientAuthentication, clientSecrets } from './protocol/client-authentication.ts'
import { type LoginTokens, readTokens } from './tokens.ts'

/** Asks until the person has decided, as often as the provider allows (RFC 8628 section 3.5). */
export async function awaitDevice(
  request: DeviceRequest,
  client: ClientSettings,
  context: CredentialsContext,
): Promise<LoginTokens> {
  const { call, clock } = context
  let waitMs = request.intervalMs
  for (;;) {
    await call.sleep(waitMs, "the person's consent")
    if (clock.now() >= request.expiresAt) throw ended()
    const asked = clock.now()
    const answer = await askOnce(request, client, context)
    const word = answer.status === 200 ? undefined : answer.json['error']
    if (word === undefined) return tokensOf(answer, asked, request, client, context)
    if (word === 'slow_down') waitMs += 5_000
  }
}

function ended(): AuthError {
  return new AuthError('nobody entered the code in time. Begin the login anew', { reason: 'expired_token' })
}

function askOnce(
  { deviceCode }: DeviceRequest,
  client: ClientSettings,
  context: CredentialsContext,
): Promise<Answer> {
  const { provider, clientId } = client
  return askProvider(
    {
      provider,
      endpoint: 'token_endpoint',
      what: `the device's code of the client ${clientId}`,
      secrets: [deviceCode, ...clientSecrets(client)],
      mayRepeat: () => true,
      accepts: (reason) => reason === 'authorization_pending' || reason === 'slow_down',
      advice: (reason) => ADVICE[reason] ?? '',
      send: (oauth, options, server) =>
        oauth.deviceCodeGrantRequest(
          server,
          { client_id: clientId },
          clientAuthentication(client),
          deviceCode,
          options,
        ),
    },
    context,
  )
}

const ADVICE: Readonly<Record<string, string>> = {
  access_denied: '. The person said no',
  expired_token: '. Nobody entered the code in time. Begin the login anew',
}

async function tokensOf(
  answer: Answer,
  asked: number,
  { scopes }: DeviceRequest,
  client: ClientSettings,
  context: CredentialsContext,
): Promise<LoginTokens> {
  const tokens = readTokens(answer, asked, scopes)
  const { idToken, accessToken } = tokens
  if (idToken === undefined) {
    if (scopes.includes('openid')) throw answer.bad("it has no id_token, and 'openid' was asked for")
    return tokens
  }
  return { ...tokens, claims: await verifyLogin(idToken, client, { accessToken }, context) }
}
