import type { RestDescription } from '../../discovery/document.ts'
import { GrantFailure } from '../grant-failure.ts'
import type { CodeChallenge } from './codes.ts'
import { mayRedirectTo, type OauthClient, type OauthClients } from './oauth-clients.ts'
import { isScope, readScopes } from './scopes.ts'

/** What a client asks a person for (RFC 6749 section 4.1.1, OpenID Connect Core section 3.1.2.1). */
export interface AuthorizationRequest {
  readonly client: OauthClient
  readonly redirectUri: string
  readonly scopes: readonly string[]
  readonly state?: string | undefined
  readonly nonce?: string | undefined
  readonly challenge?: CodeChallenge | undefined
  readonly offline: boolean
  readonly includeGrantedScopes: boolean
  readonly prompts: ReadonlySet<string>
  readonly loginHint?: string | undefined
  /** The domain whose accounts are asked for, `*` for any domain's. */
  readonly hostedDomain?: string | undefined
}

/** A request whose error the client is told (RFC 6749 section 4.1.2.1). */
export class RefusedRequest extends Error {
  override name = 'RefusedRequest'
  readonly error: string
  readonly answerTo: AnswerTo

  constructor(answerTo: AnswerTo, error: string, description: string) {
    super(description)
    this.error = error
    this.answerTo = answerTo
  }
}

/** Where an answer goes, and what it belongs to. */
export type AnswerTo = Pick<AuthorizationRequest, 'redirectUri' | 'state'>

/**
 * Reads the query of a request.
 * @throws {GrantFailure} for an unknown client, or an address that is not the client's
 * @throws {RefusedRequest} for whatever else is wrong
 */
export function readAuthorizationRequest(
  query: URLSearchParams,
  clients: Pick<OauthClients, 'find'>,
  documents: readonly RestDescription[],
): AuthorizationRequest {
  const { client, redirectUri } = readClient(query, clients)
  const state = query.get('state') ?? undefined
  const refuse = (error: string, description: string): never => {
    throw new RefusedRequest({ redirectUri, state }, error, description)
  }
  const responseType = query.get('response_type')
  if (!responseType) refuse('invalid_request', 'Required parameter is missing: response_type')
  if (responseType !== 'code') refuse('unsupported_response_type', 'The emulator answers with codes only.')
  if ((query.get('response_mode') ?? 'query') !== 'query')
    refuse('invalid_request', 'The emulator answers in the query only.')
  const scopes = readScopes(query.get('scope') ?? '')
  if (scopes.length === 0) refuse('invalid_request', 'Required parameter is missing: scope')
  const none = scopes.filter((scope) => !isScope(scope, documents))
  if (none.length > 0) refuse('invalid_scope', 'Some requested scopes were invalid.')
  const prompts = new Set((query.get('prompt') ?? '').split(' ').filter(Boolean))
  if ([...prompts].some((each) => !PROMPTS.includes(each)) || (prompts.has('none') && prompts.size > 1))
    refuse('invalid_request', 'Invalid parameter value for prompt.')
  const accessType = query.get('access_type') || 'online'
  if (accessType !== 'online' && accessType !== 'offline')
    refuse('invalid_request', 'Invalid parameter value for access_type.')
  const challenge = readChallenge(query, client, (why) => refuse('invalid_request', why))
  return {
    client,
    redirectUri,
    scopes,
    state,
    nonce: query.get('nonce') || undefined,
    challenge,
    offline: accessType === 'offline',
    includeGrantedScopes: query.get('include_granted_scopes') === 'true',
    prompts,
    loginHint: query.get('login_hint') || undefined,
    hostedDomain: query.get('hd') || undefined,
  }
}

const PROMPTS = ['none', 'consent', 'select_account']

function readClient(
  query: URLSearchParams,
  clients: Pick<OauthClients, 'find'>,
): { readonly client: OauthClient; readonly redirectUri: string } {
  const repeated = [...query.keys()].find((name) => query.getAll(name).length > 1)
  if (repeated !== undefined)
    throw new GrantFailure('invalid_request', `The parameter is there more than once: ${repeated}`)
  const [clientId, redirectUri] = [query.get('client_id'), query.get('redirect_uri')]
  if (!clientId) throw new GrantFailure('invalid_request', 'Required parameter is missing: client_id')
  const client = clients.find(clientId)
  if (!client) throw new GrantFailure('invalid_client', 'The OAuth client was not found.', 401)
  if (client.type === 'device')
    throw new GrantFailure('invalid_request', 'Clients of devices ask for a code that people type.')
  if (!redirectUri) throw new GrantFailure('invalid_request', 'Required parameter is missing: redirect_uri')
  if (!mayRedirectTo(client, redirectUri))
    throw new GrantFailure(
      'redirect_uri_mismatch',
      `The redirect URI is none that the client was registered with: ${redirectUri}`,
    )
  return { client, redirectUri }
}

/** PKCE. Clients that cannot keep a secret must use it (RFC 8252 section 8.1), and the method is never guessed. */
function readChallenge(
  query: URLSearchParams,
  { type }: OauthClient,
  refuse: (why: string) => never,
): CodeChallenge | undefined {
  const [value, method] = [query.get('code_challenge'), query.get('code_challenge_method')]
  if (!value) {
    if (method || type !== 'web') return refuse('Required parameter is missing: code_challenge')
    return undefined
  }
  if (!method) return refuse('Required parameter is missing: code_challenge_method')
  if (method !== 'S256' && method !== 'plain')
    return refuse('Invalid parameter value for code_challenge_method.')
  if (!(method === 'S256' ? /^[\w-]{43}$/ : /^[\w.~-]{43,128}$/).test(value))
    return refuse('Invalid parameter value for code_challenge.')
  return { value, method }
}
