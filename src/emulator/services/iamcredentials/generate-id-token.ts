import type { RestDescription } from '../../../discovery/document.ts'
import type { HttpResponse } from '../../../protocol/http.ts'
import { jsonAnswer } from '../../answers.ts'
import { invalid } from '../../api-failure.ts'
import { readRequestJson } from '../../request-json.ts'
import type { Call } from '../../service.ts'
import { actingAccount } from './acting-account.ts'

/** `iamcredentials.projects.serviceAccounts.generateIdToken` */
export async function generateIdToken(call: Call): Promise<HttpResponse> {
  const body = await readRequestJson({ ...call, document: asSent(call.document) })
  const { audience, delegates } = body
  const [includeEmail, useEmailAzp] = [readFlag(body, 'includeEmail'), readFlag(body, 'useEmailAzp')]
  if (typeof audience !== 'string' || audience === '')
    throw invalid('Request contains an invalid argument: audience is required.')
  const { email, key } = await actingAccount(call, delegates, 'getOpenIdToken')
  const token = await call.identity.idTokens.issue({
    audience,
    subject: key.client_id,
    ...(includeEmail && { email }),
    ...(useEmailAzp && { authorizedParty: email }),
  })
  return jsonAnswer({ token })
}

/** The document with a flag that it does not tell of, and with flags as texts: Google's clients send both. */
function asSent(document: RestDescription): RestDescription {
  const { GenerateIdTokenRequest: request, ...others } = document.schemas ?? {}
  const properties = { ...request?.properties, includeEmail: {}, useEmailAzp: {} }
  return { ...document, schemas: { ...others, GenerateIdTokenRequest: { ...request, properties } } }
}

/** True or false, or a text that says it. */
function readFlag(body: Readonly<Record<string, unknown>>, name: string): boolean {
  const value = body[name] ?? false
  if (value === true || value === 'true') return true
  if (value === false || value === 'false') return false
  throw invalid(`Invalid value at '${name}' (TYPE_BOOL)`)
}
