import { ValidationError } from '../../errors.ts'
import { toBase64Url } from '../../protocol/base64.ts'
import { checkNames } from '../check-names.ts'
import { isLoopback } from '../listening.ts'

/** An application that asks people for consent. */
export interface OauthClientOptions {
  /** `web`: a server, at the addresses it names; `desktop`: a program that listens on this machine; `device`: one without a browser. Default `web`. */
  readonly type?: OauthClientType
  /** Where answers may go, compared letter by letter. A desktop client may also use any port and path of this machine. */
  readonly redirectUris?: readonly string[]
  /** What people read on the page of consent. Default `An application`. */
  readonly name?: string
  /** Whether each use of a refresh token gives another in its place. Default false. */
  readonly rotating?: boolean
}

/** How a client reaches people. */
export type OauthClientType = 'web' | 'desktop' | 'device'

/** What a client shows of itself to Google. */
export interface OauthClientKey {
  readonly clientId: string
  readonly clientSecret: string
}

/** A client that was registered. */
export interface OauthClient extends OauthClientKey, Required<OauthClientOptions> {}

/** The clients of one emulator. */
export interface OauthClients {
  /** The one that credentials belong to which were had without asking. */
  readonly own: OauthClient
  register(options: OauthClientOptions): OauthClient
  find(clientId: string): OauthClient | undefined
  /** Whether a client has that secret. */
  knows(clientId: string, clientSecret: string): boolean
}

export function createOauthClients(): OauthClients {
  const clients = new Map<string, OauthClient>()
  const register = (options: OauthClientOptions): OauthClient => {
    const { type = 'web', redirectUris = [], name = 'An application', rotating = false } = options
    const clientId = `${random(12).toLowerCase().replace(/\W/g, '0')}.apps.googleusercontent.com`
    const clientSecret = `GOCSPX-${random(21)}`
    const client = { type, redirectUris: [...redirectUris], name, rotating, clientId, clientSecret }
    clients.set(clientId, client)
    return client
  }
  return {
    own: register({ type: 'desktop', name: 'The emulator' }),
    register(options) {
      check(options)
      return register(options)
    },
    find: (clientId) => clients.get(clientId),
    knows: (clientId, clientSecret) => clients.get(clientId)?.clientSecret === clientSecret,
  }
}

/** Whether answers for a client may go to an address: one that it named or, of a desktop client, any of this machine (RFC 8252 section 7.3). */
export function mayRedirectTo({ type, redirectUris }: OauthClient, uri: string): boolean {
  if (redirectUris.includes(uri)) return true
  const address =
    /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(:\d{1,5})?(?=$|[/?])(?:(?![#\\])[\x21-\x7e])*$/.test(uri)
  return type === 'desktop' && address
}

function check(options: OauthClientOptions): void {
  const what = 'emulator.oauthClient'
  checkNames(what, options, ['type', 'redirectUris', 'name', 'rotating'])
  const { type = 'web', redirectUris = [] } = options
  const problems = [
    ...(['web', 'desktop', 'device'].includes(type)
      ? []
      : [{ path: 'type', message: `'${type}' is none; there are web, desktop, device` }]),
    ...redirectUris.flatMap((uri, i) =>
      isRedirectUri(uri)
        ? []
        : [
            {
              path: `redirectUris[${i}]`,
              message: `'${uri}' is not an https: address, or an http: one of this machine, without a fragment`,
            },
          ],
    ),
    ...(type === 'web' && redirectUris.length === 0
      ? [{ path: 'redirectUris', message: 'must name one at least for a web client' }]
      : []),
  ]
  if (problems.length > 0) throw new ValidationError(what, problems)
}

/** What Google lets one register: no fragment, no user, and plain HTTP on this machine only. */
function isRedirectUri(uri: string): boolean {
  if (!/^https?:\/\/(?:(?![\\#*])[\x21-\x7e])+$/.test(uri) || !URL.canParse(uri)) return false
  const { protocol, hostname, username, password } = new URL(uri)
  return username === '' && password === '' && (protocol === 'https:' || isLoopback(hostname))
}

function random(bytes: number): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(bytes)))
}
