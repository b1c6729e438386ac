import { type AskOptions, askAlone } from '../auth/user/ask-options.ts'
import { ValidationError } from '../errors.ts'
import { originOf } from '../transport/origin.ts'
import { askProvider } from './protocol/ask-provider.ts'
import { type OAuthProvider, providerProblems } from './provider.ts'

/**
 * Asks a provider what it says of itself (OpenID Connect Discovery). It must name itself as it was asked, letter by letter.
 *
 * ```ts
 * import { discoverProvider, oauthClient } from 'discokit/login'
 *
 * const provider = await discoverProvider('https://login.example.com')
 * const client = oauthClient({ clientId: 'my-client', provider })
 * ```
 *
 * @param issuer https, or http on this machine
 * @throws {ValidationError} for an address that cannot be asked. Nothing was sent then.
 * @throws {AuthError} when it does not say, or is another one.
 */
export async function discoverProvider(issuer: string, options: AskOptions = {}): Promise<OAuthProvider> {
  const { protocol, loopback } = (typeof issuer === 'string' && originOf(issuer)) || {}
  if (!(protocol === 'https:' || loopback) || /[?#\s]/.test(issuer))
    throw new ValidationError('the provider cannot be asked', [
      { path: 'issuer', message: 'must be an https address without a query, or http on this machine' },
    ])
  const { json, bad } = await askAlone('discoverProvider', options, (context) =>
    askProvider(
      {
        provider: { issuer, issuer_metadata: issuer },
        endpoint: 'issuer_metadata',
        what: 'what it says of itself',
        secrets: [],
        advice: (reason) => (reason === 'http_404' ? `. Is ${issuer} the issuer, letter by letter?` : ''),
        mayRepeat: () => true,
        send: (oauth, sending) => oauth.discoveryRequest(new URL(issuer), sending),
      },
      context,
    ),
  )
  if (json['issuer'] !== issuer) throw bad('it says that it is another issuer')
  const [problem] = providerProblems(json)
  if (problem) throw bad(`its ${problem.path.replace('provider.', '')} ${problem.message}`)
  return json as OAuthProvider
}
