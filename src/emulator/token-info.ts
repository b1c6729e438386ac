import type { HttpResponse } from '../protocol/http.ts'
import type { Clock } from './clock.ts'
import { type FormRequest, mediaType, readForm } from './form.ts'
import { answerGrant, GrantFailure } from './grant-failure.ts'
import { readIdToken } from './id-token-info.ts'
import type { Identity } from './identity.ts'
import { tokenFacts } from './token-facts.ts'

/** Answers `/tokeninfo`: what a token stands for, be it in the address, in a form or, of an access token, in the header. */
export function answerTokenInfo(
  { identity, clock }: { readonly identity: Identity; readonly clock: Clock },
  request: FormRequest,
  query: URLSearchParams,
): Promise<HttpResponse> {
  return answerGrant(async () => {
    const isForm = mediaType(request.headers) === 'application/x-www-form-urlencoded'
    const fields = isForm && request.method === 'POST' ? await readForm(request) : new URLSearchParams()
    const idToken = query.get('id_token') ?? fields.get('id_token')
    if (idToken !== null) {
      const { header, claims } = (await readIdToken(identity, clock, idToken)) ?? refuse()
      // Everything is told as text here.
      return Object.fromEntries(
        Object.entries({ ...claims, ...header }).map(([name, value]) => [name, String(value)]),
      )
    }
    const shown = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
    const text = query.get('access_token') ?? fields.get('access_token') ?? shown
    const token = identity.tokens.find(text ?? '')
    if (!token) return refuse()
    const { client, userId, scope, expiresInSeconds, email } = tokenFacts(token, clock.now())
    return {
      azp: client,
      aud: client,
      sub: userId,
      scope,
      // Numbers are told as text here.
      exp: String(Math.floor(token.expiresAt / 1000)),
      expires_in: String(expiresInSeconds),
      ...(email !== undefined && { email, email_verified: 'true' }),
      access_type: token.consent?.offline ? 'offline' : 'online',
    }
  })
}

function refuse(): never {
  throw new GrantFailure('invalid_token', 'Invalid Value')
}
