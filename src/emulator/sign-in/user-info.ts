import type { HttpResponse } from '../../protocol/http.ts'
import { callerEmail } from '../account-state.ts'
import { jsonAnswer } from '../answers.ts'
import type { Identity } from '../identity.ts'
import { personClaims } from './people.ts'
import { EMAIL, PROFILE } from './scopes.ts'

/** Answers a request for what may be told of whom a token stands for (OpenID Connect Core section 5.3). */
export function answerUserInfo(
  { tokens, accounts, signIn }: Identity,
  authorization: string | undefined,
): HttpResponse {
  const shown = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1]
  const token = shown === undefined ? undefined : tokens.find(shown)
  if (!token || accounts.isDisabled(token.principal.email))
    return refusal(401, 'invalid_request', 'Invalid Credentials', shown === undefined ? '' : 'invalid_token')
  const scopes = [...token.scopes]
  if (!scopes.some((scope) => TELLING.includes(scope)))
    return refusal(
      403,
      'insufficient_scope',
      'The token has no scope of who somebody is.',
      'insufficient_scope',
    )
  const person = signIn.people.find(callerEmail(token))
  return jsonAnswer({ sub: person.sub, ...personClaims(person, scopes) })
}

const TELLING = ['openid', 'email', 'profile', EMAIL, PROFILE]

function refusal(status: number, error: string, description: string, challenge: string): HttpResponse {
  const realm = 'Bearer realm="https://accounts.google.com/"'
  return jsonAnswer({ error, error_description: description }, status, {
    'www-authenticate': challenge === '' ? realm : `${realm}, error="${challenge}"`,
  })
}
