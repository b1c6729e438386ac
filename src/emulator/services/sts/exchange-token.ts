import type { HttpResponse } from '../../../protocol/http.ts'
import { readAccessBoundary } from '../../access-boundary.ts'
import { TOKEN_LIFETIME_SECONDS } from '../../access-tokens.ts'
import { formField } from '../../form.ts'
import { answerGrant, GrantFailure } from '../../grant-failure.ts'
import type { Call } from '../../service.ts'
import { readFields, readOptions } from './exchange-fields.ts'

/** `sts.token`: a token exchange (RFC 8693), refused in the form of RFC 6749. */
export function exchangeToken(call: Call): Promise<HttpResponse> {
  return answerGrant(async () => {
    const fields = await readFields(call)
    if (formField(fields, 'grant_type') !== 'urn:ietf:params:oauth:grant-type:token-exchange')
      throw new GrantFailure('unsupported_grant_type', 'The grant_type must be the one of token exchange.')
    if (formField(fields, 'requested_token_type') !== ACCESS_TOKEN)
      throw new GrantFailure('invalid_request', 'The requested_token_type must be the one of access tokens.')
    const given =
      formField(fields, 'subject_token_type') === ACCESS_TOKEN
        ? downscope(call, fields)
        : await federate(call, fields)
    return { issued_token_type: ACCESS_TOKEN, token_type: 'Bearer', ...given }
  })
}

const TYPE = 'urn:ietf:params:oauth:token-type:'
const ACCESS_TOKEN = `${TYPE}access_token`

/** A token of a provider, for one of the program that it vouches for. */
async function federate({ identity }: Call, fields: URLSearchParams): Promise<object> {
  const { provider, tokens } = identity
  const type = formField(fields, 'subject_token_type')
  if (type !== `${TYPE}jwt` && type !== `${TYPE}id_token`)
    throw new GrantFailure(
      'invalid_request',
      `The emulator does not model subject tokens of the type ${type}.`,
    )
  if (formField(fields, 'audience') !== provider.audience) {
    throw new GrantFailure(
      'invalid_target',
      'The audience names no provider: it is disabled or deleted, or there is none.',
    )
  }
  const scopes = formField(fields, 'scope').split(' ').filter(Boolean)
  const { accessBoundary } = readOptions(fields)
  if (accessBoundary !== undefined)
    throw new GrantFailure('invalid_request', 'An access boundary is for access tokens only.')
  const subject = await provider.verify(formField(fields, 'subject_token'))
  const access_token = tokens.issue({ email: provider.principal(subject) }, scopes)
  return { access_token, expires_in: TOKEN_LIFETIME_SECONDS }
}

/** An access token, for one that ends with it and reaches less. */
function downscope({ identity, clock }: Call, fields: URLSearchParams): object {
  const { accounts, tokens } = identity
  const boundary = readAccessBoundary(readOptions(fields).accessBoundary)
  const source = tokens.find(formField(fields, 'subject_token'))
  if (!source || accounts.isDisabled(source.principal.email))
    throw new GrantFailure('invalid_grant', 'The subject token is no access token, or none any more.')
  const { principal, scopes, expiresAt, consent } = source
  if (principal.boundary)
    throw new GrantFailure('invalid_request', 'The subject token has an access boundary already.')
  const isPerson = !/\.gserviceaccount\.com$|^principal:/.test(principal.email)
  return {
    access_token: tokens.issue({ ...principal, boundary }, [...scopes], { expiresAt, consent }),
    // Of people's tokens it is not told.
    ...(!isPerson && { expires_in: Math.floor((expiresAt - clock.now()) / 1000) }),
  }
}
