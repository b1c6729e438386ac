/**
 * The certified server `oidc-provider` on a port of this machine: prints its address, and ends with whoever reads that. Who is
 * asked there says yes as `ada`; with the hint `deny`, no. Its clients are named as they show who they are.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import type { Provider as ProviderType, Configuration } from 'oidc-provider'

// What it advises those who would run it for people.
Object.assign(console, { warn() {}, info() {} })
const { Provider } = await import('oidc-provider')

const [redirectUri = ''] = process.argv.slice(2)
const grants = ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code']
const client = (client_id: string, method: 'client_secret_basic' | 'client_secret_post' | 'none') => ({
  client_id,
  ...(method !== 'none' && { client_secret: 'a secret: & more/+%' }),
  token_endpoint_auth_method: method,
  grant_types: grants,
  redirect_uris: [redirectUri],
  scope: 'openid email offline_access',
})
const key = generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey.export({ format: 'jwk' })
const configuration: Configuration = {
  clients: [
    client('basic', 'client_secret_basic'),
    client('post', 'client_secret_post'),
    client('none', 'none'),
  ],
  jwks: { keys: [{ ...key, kty: 'RSA', kid: 'one', alg: 'RS256', use: 'sig' }] },
  cookies: { keys: [randomBytes(16).toString('hex')] },
  claims: { openid: ['sub'], email: ['email', 'email_verified'] },
  pkce: { required: () => true },
  rotateRefreshToken: true,
  features: {
    devInteractions: { enabled: false },
    deviceFlow: { enabled: true },
    revocation: { enabled: true },
  },
  interactions: { url: (_, { uid }) => `/interaction/${uid}` },
  findAccount: (_, accountId) => ({
    accountId,
    claims: async () => ({ sub: accountId, email: `${accountId}@example.com`, email_verified: true }),
  }),
}

const server = createServer().listen(0, '127.0.0.1')
await once(server, 'listening')
const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const provider: ProviderType = new Provider(issuer, configuration)
const answer = provider.callback()
server.on('request', (request, response) => {
  if (request.url?.startsWith('/interaction/')) void decide().catch((error) => response.destroy(error))
  else void answer(request, response)

  /** The person's answer. */
  async function decide(): Promise<void> {
    const { prompt, params, session } = await provider.interactionDetails(request, response)
    const accountId = session?.accountId ?? 'ada'
    if (params['login_hint'] === 'deny')
      return provider.interactionFinished(request, response, { error: 'access_denied' })
    if (prompt.name === 'login')
      return provider.interactionFinished(request, response, { login: { accountId } })
    const grant = new provider.Grant({ accountId, clientId: String(params['client_id']) })
    grant.addOIDCScope(String(params['scope']))
    return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } })
  }
})
// It leaves the pause between two questions of a device at five seconds.
provider.use(async (context, next) => {
  await next()
  if (context.path === '/device/auth') Object.assign(Object(context.body), { interval: 0.02 })
})
process.stdout.write(issuer)
process.stdin.on('end', () => process.exit()).resume()
