import type { HttpHeaders, HttpResponse } from '../protocol/http.ts'
import { TOKEN_LIFETIME_SECONDS } from './access-tokens.ts'
import type { Account } from './accounts.ts'
import { decodeSegment } from './address.ts'
import { jsonAnswer, textAnswer } from './answers.ts'
import type { Identity } from './identity.ts'
import { findMetadata, metadataJson, metadataText, type MetadataFolder } from './metadata-tree.ts'

type AccountKey = Account['key']

const FLAVOR: HttpHeaders = { 'metadata-flavor': 'Google', server: 'Metadata Server for VM' }
const TEXT: HttpHeaders = { ...FLAVOR, 'content-type': 'application/text' }
const JSON_TYPE: HttpHeaders = { ...FLAVOR, 'content-type': 'application/json; charset=utf-8' }
const ALL_OF_CLOUD = 'https://www.googleapis.com/auth/cloud-platform'
const PROJECT_NUMBER = 123_456
const INSTANCE = 4_520_031_799_277_581_759n
const ZONE = `projects/${PROJECT_NUMBER}/zones/europe-west1-b`

/** Answers as the metadata server of a machine does that has the emulator's own service account. */
export async function answerMetadata(
  identity: Identity,
  path: string,
  query: URLSearchParams,
  headers: HttpHeaders,
): Promise<HttpResponse> {
  if (headers['metadata-flavor'] !== 'Google')
    return textAnswer('Missing Metadata-Flavor:Google header.', 403, TEXT)
  // Nobody may ask on behalf of others, be it by a proxy that was tricked into it.
  if (headers['x-forwarded-for'] !== undefined) return textAnswer('Forbidden', 403, TEXT)
  const { key } = await identity.accounts.open()
  const isThere = !identity.accounts.isDisabled(key.client_email)
  const [, account, what] = /^instance\/service-accounts\/([^/]+)\/(token|identity)$/.exec(path) ?? []
  if (isThere && account !== undefined && ['default', key.client_email].includes(decodeSegment(account)))
    return what === 'token' ? answerToken(identity, key, query) : answerIdToken(identity, key, query)
  const found = findMetadata(machine(key, isThere), path.split('/').filter(Boolean).map(decodeSegment))
  if (found === undefined) return textAnswer('Not Found', 404, TEXT)
  const isJson = query.get('recursive')?.toLowerCase() === 'true' || query.get('alt') === 'json'
  return isJson && query.get('alt') !== 'text'
    ? textAnswer(metadataJson(found), 200, JSON_TYPE)
    : textAnswer(metadataText(found), 200, TEXT)
}

/** All that is known of the machine but for its tokens. */
function machine({ client_email: email, project_id: project }: AccountKey, isThere: boolean): MetadataFolder {
  const account = { aliases: ['default'], email, scopes: [ALL_OF_CLOUD] }
  return {
    instance: {
      id: INSTANCE,
      'service-accounts': isThere ? { default: account, [email]: account } : {},
      zone: ZONE,
    },
    project: { 'numeric-project-id': PROJECT_NUMBER, 'project-id': project },
    universe: { 'universe-domain': 'googleapis.com' },
  }
}

function answerToken(
  { tokens }: Identity,
  { client_email: email }: AccountKey,
  query: URLSearchParams,
): HttpResponse {
  const named = query.get('scopes')?.split(',').filter(Boolean) ?? []
  const access_token = tokens.issue({ email }, named.length > 0 ? named : [ALL_OF_CLOUD])
  const answer = { access_token, expires_in: TOKEN_LIFETIME_SECONDS, token_type: 'Bearer' }
  return jsonAnswer(answer, 200, JSON_TYPE)
}

/** In its full form an ID token tells of the machine too. */
async function answerIdToken(
  { idTokens }: Identity,
  key: AccountKey,
  query: URLSearchParams,
): Promise<HttpResponse> {
  const audience = query.get('audience')
  if (!audience) return textAnswer('non-empty audience parameter required', 400, TEXT)
  const { client_id: subject, client_email: email, project_id } = key
  const instance = { instance_id: String(INSTANCE), instance_name: 'emulator', zone: ZONE.split('/').at(-1)! }
  const compute_engine = { project_id, project_number: PROJECT_NUMBER, ...instance }
  const claims = query.get('format') === 'full' ? { google: { compute_engine } } : {}
  return textAnswer(await idTokens.issue({ audience, subject, email, claims }), 200, TEXT)
}
