import type { Clock, HttpRequest, Transport } from 'discokit'
import type { CredentialsContext } from 'discokit/auth'
import { subjectTokenSource } from '../../src/auth/subject-token/subject-token-source.ts'
import type { SubjectTokenRequest } from '../../src/auth/subject-token/subject-token.ts'
import { responseBody } from '../../src/protocol/http-body.ts'
import { CallContext } from '../../src/transport/call-context.ts'
import type { Scripted } from './endpoint.ts'

export const NOW = 1_767_225_600_000
const JWT = 'urn:ietf:params:oauth:token-type:jwt'
export const AUDIENCE =
  '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/one'

/** Somebody else who gives out tokens, in this process; notes what it is asked. */
export function provider(answer: (request: HttpRequest, index: number) => Scripted | Promise<Scripted>) {
  const asked: HttpRequest[] = []
  const transport: Transport = async (request) => {
    const { status = 200, headers = {}, text = '' } = await answer(request, asked.push(request) - 1)
    return { status, headers, body: responseBody(text) }
  }
  return { asked, transport }
}

/** What a credential is told that asks for a token; nobody can be asked unless told otherwise. */
export function contextOf(transport: Transport = unreachable, clock: Clock = { now: () => NOW }) {
  return { transport, clock, call: new CallContext({ clock }) } satisfies CredentialsContext
}

async function unreachable(request: HttpRequest): Promise<never> {
  throw new Error(`${request.url} must not be asked`)
}

/** The subject token of a credential configuration file with this source. */
export function subjectToken(
  credential_source: unknown,
  context: CredentialsContext = contextOf(),
  request: Partial<SubjectTokenRequest> = {},
): Promise<string> {
  const source = subjectTokenSource({ credential_source, subject_token_type: JWT }, 'the file external.json')
  return source({ audience: AUDIENCE, subjectTokenType: JWT, ...request }, context)
}
