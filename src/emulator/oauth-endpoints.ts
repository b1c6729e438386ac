import type { RestDescription } from '../discovery/document.ts'
import type { HttpRequest, HttpResponse } from '../protocol/http.ts'
import { type Address, decodeSegment } from './address.ts'
import type { Clock } from './clock.ts'
import type { Identity } from './identity.ts'
import { isOfThisMachine } from './listening.ts'
import { answerMetadata } from './metadata-server.ts'
import { accountKeys, asCertificates, asJwks, type KeyForm } from './public-keys.ts'
import type { RequestBody } from './request-body.ts'
import { answerRevocation } from './revocation.ts'
import { SIGN_IN_ENDPOINTS } from './sign-in/endpoints.ts'
import { answerTokenInfo } from './token-info.ts'
import { answerIntrospection } from './token-introspection.ts'
import { answerExternalUser, answerTokenRequest } from './token-endpoint.ts'

/** A request to an address that no discovery document has. */
export interface EndpointCall {
  readonly documents: readonly RestDescription[]
  readonly identity: Identity
  readonly clock: Clock
  /** The addresses under which this emulator's keys name its token endpoint. */
  readonly tokenUris: () => readonly string[]
  readonly request: HttpRequest
  readonly address: Address
  readonly body: RequestBody
}

/** What answers there. */
export interface Endpoint {
  /** The host of Google's and the path, which may come with or without that host in front. */
  readonly host: string
  readonly path: RegExp
  /** Default: any, as some say themselves which one they take. */
  readonly httpMethod?: 'GET' | 'POST'
  /** The id by which faults and the journal call it. */
  readonly methodId?: string
  /** Whether people are shown it: pages of other origins may not read it then. */
  readonly isPage?: boolean
  answer(call: EndpointCall): HttpResponse | Promise<HttpResponse>
}

/** The endpoint of a path, its host taken off where it has one in front. */
export function findEndpoint(httpMethod: string, host: string, path: string): Endpoint | undefined {
  return ENDPOINTS.find((endpoint) => {
    if (endpoint.httpMethod !== undefined && endpoint.httpMethod !== httpMethod) return false
    const below = `/${endpoint.host}`
    if (path.startsWith(`${below}/`)) return endpoint.path.test(path.slice(below.length))
    // The emulator may be reached by any name; another host of Google's has addresses of its own.
    return (host === endpoint.host || !host.endsWith('.googleapis.com')) && endpoint.path.test(path)
  })
}

/** Whether an id is one of an endpoint's. */
export function isEndpointId(id: string): boolean {
  return ENDPOINTS.some(({ methodId }) => methodId === id)
}

const WWW = 'www.googleapis.com'
const SIGNER_OF_ID_TOKENS = 'federated-signon.system.gserviceaccount.com'

const ENDPOINTS: readonly Endpoint[] = [
  {
    host: 'oauth2.googleapis.com',
    path: /^\/token$/,
    methodId: 'oauth2.token',
    answer: ({ address, tokenUris, request, body, ...endpoint }) =>
      answerTokenRequest(endpoint, { ...request, body }, [
        ...tokenUris(),
        // A port of this machine has several names; any other name is the caller's word only.
        ...(isOfThisMachine(address.host) ? [`${address.origin}/token`] : []),
      ]),
  },
  {
    host: 'oauth2.googleapis.com',
    path: /^\/revoke$/,
    httpMethod: 'POST',
    methodId: 'oauth2.revoke',
    answer: ({ identity, address, request, body }) =>
      answerRevocation(identity, { ...request, body }, address.query),
  },
  {
    host: 'oauth2.googleapis.com',
    path: /^\/tokeninfo$/,
    answer: ({ address, request, body, ...endpoint }) =>
      answerTokenInfo(endpoint, { ...request, body }, address.query),
  },
  {
    host: 'sts.googleapis.com',
    path: /^\/v1\/oauthtoken$/,
    methodId: 'sts.oauthtoken',
    answer: ({ request, body, ...endpoint }) => answerExternalUser(endpoint, { ...request, body }),
  },
  {
    host: 'sts.googleapis.com',
    path: /^\/v1\/introspect$/,
    methodId: 'sts.introspect',
    answer: ({ request, body, ...endpoint }) => answerIntrospection(endpoint, { ...request, body }),
  },
  keysOfIdTokens(/^\/oauth2\/v3\/certs$/, asJwks),
  keysOfIdTokens(/^\/oauth2\/v1\/certs$/, asCertificates),
  keysOfAccounts(/^\/service_accounts\/v1\/jwk\/([^/]+)$/, asJwks),
  keysOfAccounts(/^\/service_accounts\/v1\/metadata\/x509\/([^/]+)$/, asCertificates),
  keysOfAccounts(/^\/robot\/v1\/metadata\/x509\/([^/]+)$/, asCertificates),
  ...SIGN_IN_ENDPOINTS,
  {
    host: 'metadata.google.internal',
    path: /^\/computeMetadata\/v1\//,
    httpMethod: 'GET',
    answer: ({ identity, address, request }) =>
      answerMetadata(
        identity,
        address.path.replace(/^(\/metadata\.google\.internal)?\/computeMetadata\/v1\//, ''),
        address.query,
        request.headers,
      ),
  },
]

function keysOfIdTokens(path: RegExp, form: KeyForm): Endpoint {
  return {
    host: WWW,
    path,
    httpMethod: 'GET',
    answer: async ({ identity, clock }) => form([await identity.idTokens.keys()], SIGNER_OF_ID_TOKENS, clock),
  }
}

function keysOfAccounts(path: RegExp, form: KeyForm): Endpoint {
  return {
    host: WWW,
    path,
    httpMethod: 'GET',
    async answer({ identity, clock, address }) {
      const email = decodeSegment(address.path.slice(address.path.lastIndexOf('/') + 1))
      return form(await accountKeys(identity, email), email, clock)
    },
  }
}
