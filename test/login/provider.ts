import type { HttpRequest, Transport } from 'discokit'
import { type OAuthClientOptions, oauthClient } from 'discokit/login'
import { responseBody } from '../../src/protocol/http-body.ts'
import type { Scripted } from '../auth/endpoint.ts'
import { type IssuerKey, makeKey, sign } from '../auth/issuer.ts'

export const NOW = 1_767_225_600_000
export const ISSUER = 'https://login.example.com'
export const PROVIDER = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
  revocation_endpoint: `${ISSUER}/revoke`,
  userinfo_endpoint: `${ISSUER}/userinfo`,
  device_authorization_endpoint: `${ISSUER}/device`,
  jwks_uri: `${ISSUER}/keys`,
  tokeninfo_endpoint: `${ISSUER}/tokeninfo`,
  meinfo_endpoint: `${ISSUER}/me`,
}
export const REDIRECT = 'https://app.example.com/back'
export const SECRET = 'client-secret-canary'

/** An answer, or what makes one of a request. */
type Answer = Scripted | ((request: HttpRequest, form: URLSearchParams) => Scripted | Promise<Scripted>)

/** A provider in this process: says at each path what the test tells it, and notes what it is asked. */
export class ScriptedProvider {
  now = NOW
  readonly clock = { now: () => this.now }
  readonly asked: HttpRequest[] = []
  readonly answers = new Map<string, Answer>()
  keys: readonly IssuerKey[]
  nonce: string | undefined

  constructor(keys: readonly IssuerKey[]) {
    this.keys = keys
  }

  static async create(): Promise<ScriptedProvider> {
    return new ScriptedProvider([await makeKey('RS256', 'one')])
  }

  readonly transport: Transport = async (request) => {
    this.asked.push(request)
    const path = new URL(request.url).pathname
    const given = this.answers.get(path) ?? this.usual(path)
    const form = new URLSearchParams(typeof request.body === 'string' ? request.body : '')
    const {
      status = 200,
      headers = {},
      text = '',
    } = typeof given === 'function' ? await given(request, form) : given
    return { status, headers, body: responseBody(text) }
  }

  usual(path: string): Scripted {
    if (path !== '/keys') throw new Error(`${path} must not be asked`)
    return json({ keys: this.keys.map(({ jwk }) => jwk) })
  }

  client(more: Partial<OAuthClientOptions> = {}) {
    return oauthClient({
      clientId: 'my-client',
      clientSecret: SECRET,
      redirectUri: REDIRECT,
      scopes: ['openid', 'email'],
      provider: PROVIDER,
      transport: this.transport,
      clock: this.clock,
      ...more,
    })
  }

  /** The claims of a good ID token, changed as asked; undefined takes one away. */
  claims(more: Record<string, unknown> = {}): Record<string, unknown> {
    const seconds = Math.floor(this.now / 1_000)
    const claims = {
      iss: ISSUER,
      sub: 'ada-1',
      aud: 'my-client',
      iat: seconds,
      exp: seconds + 3_600,
      email: 'ada@example.com',
      email_verified: true,
      nonce: this.nonce,
      ...more,
    }
    return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined))
  }

  idToken(more: Record<string, unknown> = {}, header: Record<string, unknown> = {}): Promise<string> {
    return sign(this.keys[0]!, this.claims(more), header)
  }

  /** Asks for consent and comes back with a code; `change` may alter the address. */
  async login(
    options: {
      readonly client?: Partial<OAuthClientOptions>
      readonly ask?: Parameters<ReturnType<typeof oauthClient>['authorizationUrl']>[0]
      readonly change?: (parameters: URLSearchParams) => void
      readonly answer?: Record<string, unknown>
      readonly idToken?: () => Promise<string | undefined> | string
    } = {},
  ) {
    const client = this.client(options.client)
    const { url, request } = await client.authorizationUrl(options.ask)
    this.nonce = request.nonce
    if (!this.answers.has('/token')) {
      const idToken = await (options.idToken ?? (() => this.idToken()))()
      const tokens = {
        access_token: 'access-canary',
        token_type: 'Bearer',
        expires_in: 3_600,
        scope: 'openid email',
      }
      this.answers.set('/token', json({ ...tokens, id_token: idToken, ...options.answer }))
    }
    const back = new URL(REDIRECT)
    back.search = new URLSearchParams({ state: request.state, code: 'code-canary-0123456789' }).toString()
    options.change?.(back.searchParams)
    return { url: new URL(url), request, tokens: () => client.finish(back, request), back, client }
  }
}

export const json = (content: unknown, status = 200): Scripted => ({
  status,
  text: JSON.stringify(content),
  headers: { 'content-type': 'application/json' },
})
