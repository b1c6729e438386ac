import type { HttpHeaders, HttpResponse } from '../protocol/http.ts'
import { TOKEN_LIFETIME_SECONDS } from './access-tokens.ts'
import { jsonAnswer, textAnswer } from './answers.ts'
import type { Identity } from './identity.ts'

const FLAVOR: HttpHeaders = { 'metadata-flavor': 'Google' }
const TEXT: HttpHeaders = { ...FLAVOR, 'content-type': 'application/text' }
const ALL_OF_CLOUD = 'https://www.googleapis.com/auth/cloud-platform'

/** Answers as the metadata server of a machine does that has the emulator's own service account. */
export async function answerMetadata(
  { accounts, tokens, idTokens }: Identity,
  path: string,
  query: URLSearchParams,
  headers: HttpHeaders,
): Promise<HttpResponse> {
  if (headers['metadata-flavor'] !== 'Google')
    return textAnswer('Missing Metadata-Flavor:Google header.', 403, TEXT)
  const { email, key } = await accounts.open()
  const [, who, what] = /^instance\/service-accounts\/([^/]+)\/([\w-]*)$/.exec(path) ?? []
  const isOurs = who !== undefined && !accounts.isDisabled(email)
  if (isOurs && ['default', email, encodeURIComponent(email)].includes(who)) {
    if (what === 'email') return textAnswer(email, 200, TEXT)
    if (what === 'token') {
      const scopes = query.get('scopes')?.split(',').filter(Boolean) ?? [ALL_OF_CLOUD]
      const access_token = tokens.issue({ email }, scopes)
      return jsonAnswer(
        { access_token, expires_in: TOKEN_LIFETIME_SECONDS, token_type: 'Bearer' },
        200,
        FLAVOR,
      )
    }
    const audience = query.get('audience')
    if (what === 'identity' && audience)
      return textAnswer(await idTokens.issue({ audience, subject: key.client_id, email }), 200, TEXT)
    if (what === '') return jsonAnswer({ aliases: ['default'], email, scopes: [ALL_OF_CLOUD] }, 200, FLAVOR)
  }
  if (path === 'project/project-id') return textAnswer(key.project_id, 200, TEXT)
  if (path === 'universe/universe-domain') return textAnswer('googleapis.com', 200, TEXT)
  return path === '' ? textAnswer('computeMetadata/', 200, TEXT) : textAnswer('Not Found', 404, TEXT)
}
