import type { HttpResponse } from '../../../protocol/http.ts'
import { callerEmail } from '../../account-state.ts'
import { jsonAnswer } from '../../answers.ts'
import { notModelled } from '../../api-failure.ts'
import { userId } from '../../ids.ts'
import { type Call, defineService, type Service } from '../../service.ts'
import { showsEmail, tokenFacts } from '../../token-facts.ts'

/** OAuth 2.0: what a token stands for, and for whom. */
export const oauth2Service: Service = defineService('oauth2:v2', {
  'oauth2.tokeninfo': getTokenInfo,
  'oauth2.userinfo.get': getUserInfo,
  'oauth2.userinfo.v2.me.get': getUserInfo,
})

/** `oauth2.tokeninfo`. It refuses in the form of RFC 6749. */
function getTokenInfo({ parameters, identity, clock }: Call): HttpResponse {
  if (parameters.text('id_token') !== undefined) throw notModelled('ID tokens')
  const token = identity.tokens.find(parameters.text('access_token') ?? '')
  if (!token) return jsonAnswer({ error: 'invalid_token', error_description: 'Invalid Value' }, 400)
  const facts = tokenFacts(token, clock.now())
  const { client, email } = facts
  return jsonAnswer({
    issued_to: client,
    audience: client,
    user_id: facts.userId,
    scope: facts.scope,
    expires_in: facts.expiresInSeconds,
    ...(email !== undefined && { email, verified_email: true }),
    access_type: 'online',
  })
}

/** `oauth2.userinfo.get`, and the same under its other name. */
function getUserInfo(call: Call): HttpResponse {
  const { headers, parameters, identity } = call
  const shown = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
  const token = identity.tokens.find(
    shown ?? parameters.text('access_token') ?? parameters.text('oauth_token') ?? '',
  )
  const email = callerEmail(call)
  const name = email.split('@', 1)[0]
  return jsonAnswer({
    id: userId(email),
    ...(token && showsEmail(token.scopes) && { email, verified_email: true }),
    ...(token?.scopes.has(`${SCOPE}profile`) && { name, given_name: name }),
  })
}

const SCOPE = 'https://www.googleapis.com/auth/userinfo.'
