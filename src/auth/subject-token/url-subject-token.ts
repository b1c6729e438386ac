import type { CredentialsContext } from '../../transport/credentials.ts'
import { originOf } from '../../transport/origin.ts'
import { askProvider } from './ask-provider.ts'
import type { UrlSource } from './credential-source.ts'
import { readSubjectToken } from './subject-token-format.ts'

/**
 * Asks an address for the token of an external account.
 * @throws {AuthError} reason `subject_token`, or that of the connection
 */
export async function urlSubjectToken(
  { url, headers, format }: UrlSource,
  context: CredentialsContext,
): Promise<string> {
  const text = await askProvider({ method: 'GET', url, headers, what: 'the subject token' }, context)
  return readSubjectToken(text, format, `the answer of ${originOf(url)!.host} with the subject token`)
}
