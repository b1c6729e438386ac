import type { HttpResponse } from '../protocol/http.ts'
import type { Clock } from './clock.ts'
import { type FormRequest, formField, readForm } from './form.ts'
import { answerGrant } from './grant-failure.ts'
import type { Identity } from './identity.ts'

/** Answers `POST /v1/introspect` of the Security Token Service: what an access token stands for (RFC 7662). */
export function answerIntrospection(
  { identity }: { readonly identity: Identity; readonly clock: Clock },
  request: FormRequest,
): Promise<HttpResponse> {
  return answerGrant(async () => {
    const token = identity.tokens.find(formField(await readForm(request), 'token'))
    if (!token || identity.accounts.isDisabled(token.principal.email)) return { active: false }
    return {
      active: true,
      iss: 'https://sts.googleapis.com/',
      sub: token.principal.email,
      username: token.principal.email,
      scope: [...token.scopes].join(' '),
      exp: Math.floor(token.expiresAt / 1000),
    }
  })
}
