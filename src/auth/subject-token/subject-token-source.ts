import type { CredentialsContext } from '../../transport/credentials.ts'
import { type CredentialSource, parseCredentialSource } from './credential-source.ts'
import { fileSubjectToken } from './file-subject-token.ts'
import { urlSubjectToken } from './url-subject-token.ts'
import { awsSubjectToken } from './aws-subject-token.ts'
import { executableSubjectToken } from './executable-subject-token.ts'
import type { SubjectTokenRequest, SubjectTokenSource } from './subject-token.ts'

/** What is read of a credential configuration file: it is untrusted. */
export interface SubjectTokenFile {
  readonly credential_source?: unknown
  readonly subject_token_type?: unknown
}

/**
 * Where an external account's own token comes from, as its credential configuration file says it: a file, an address, Amazon
 * EC2 or a program. What can be checked without asking anybody is checked at once.
 * @param from what the file is, for errors: `the file external.json`
 * @throws {AuthError} reason `invalid_key_file`
 */
export function subjectTokenSource(file: SubjectTokenFile, from: string): SubjectTokenSource {
  const source = parseCredentialSource(file.credential_source, from)
  const own = source.kind === 'executable' ? { timeoutMs: source.timeoutMs } : {}
  return Object.assign(
    (request: SubjectTokenRequest, context: CredentialsContext) => subjectToken(source, request, context),
    own,
  )
}

function subjectToken(
  source: CredentialSource,
  request: SubjectTokenRequest,
  context: CredentialsContext,
): Promise<string> {
  switch (source.kind) {
    case 'file':
      return fileSubjectToken(source, context)
    case 'url':
      return urlSubjectToken(source, context)
    case 'aws':
      return awsSubjectToken(source, request, context)
    case 'executable':
      return executableSubjectToken(source, request, context)
    default:
      return source satisfies never
  }
}
