import type { HttpResponse } from '../../../protocol/http.ts'
import { callerEmail } from '../../account-state.ts'
import { jsonAnswer } from '../../answers.ts'
import { readIdToken } from '../../id-token-info.ts'
import { userId } from '../../ids.ts'
import { type Call, defineService, type JsonObject, type Service } from '../../service.ts'
import { personClaims } from '../../sign-in/people.ts'
import { tokenFacts } from '../../token-facts.ts'

/** OAuth 2.0: what a token stands for, and for whom. */
export const oauth2Service: Service = defineService('oauth2:v2', {
  'oauth2.tokeninfo': getTokenInfo,
  'oauth2.userinfo.get': getUserInfo,
  'oauth2.userinfo.v2.me.get': getUserInfo,
})

/** `oauth2.tokeninfo`. It refuses in the form of RFC 6749. */
async function getTokenInfo({ parameters, identity, clock }: Call): Promise<HttpResponse> {
  const idToken = parameters.text('id_token')
  if (idToken !== undefined) {
    const claims = (await readIdToken(identity, clock, idToken))?.claims
    return claims ? jsonAnswer(idTokenFacts(claims, clock.now())) : refusal()
  }
  const token = identity.tokens.find(parameters.text('access_token') ?? '')
  if (!token) return refusal()
  const facts = tokenFacts(token, clock.now())
  const { client, email } = facts
  return jsonAnswer({
    issued_to: client,
    audience: client,
    user_id: facts.userId,
    scope: facts.scope,
    expires_in: facts.expiresInSeconds,
    ...(email !== undefined && { email, verified_email: true }),
    access_type: token.consent?.offline ? 'offline' : 'online',
  })
}

function refusal(): HttpResponse {
  return jsonAnswer({ error: 'invalid_token', error_description: 'Invalid Value' }, 400)
}

/** Undefined claims are left out of the answer. */
function idTokenFacts(claims: JsonObject, nowMs: number): JsonObject {
  const { iss, aud, azp, sub, iat, exp, nonce, email, email_verified } = claims
  return {
    issuer: iss,
    issued_to: azp,
    audience: aud,
    user_id: sub,
    issued_at: iat,
    expires_in: Number(exp) - Math.floor(nowMs / 1000),
    nonce,
    email,
    verified_email: email_verified,
  }
}

/** `oauth2.userinfo.get`, and the same under its other name. */
function getUserInfo(call: Call): HttpResponse {
  const { headers, parameters, identity } = call
  const shown = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
  const token = identity.tokens.find(
    shown ?? parameters.text('access_token') ?? parameters.text('oauth_token') ?? '',
  )
  const email = callerEmail(call)
  // In the words of this API, which are older than those of OpenID Connect.
  const { email_verified, ...claims } = personClaims(identity.signIn.people.find(email), token?.scopes ?? [])
  return jsonAnswer({
    id: userId(email),
    ...claims,
    ...(email_verified !== undefined && { verified_email: email_verified }),
  })
}
