import type { CredentialsContext } from '../transport/credentials.ts'
import { type CredentialSource, parseCredentialSource } from './credential-source.ts'
import type { SubjectTokenRequest, SubjectTokenSource } from './subject-token.ts'

/** What is read of a credential configuration file: it is untrusted. */
export interface SubjectTokenFile {
  readonly credential_source?: unknown
  readonly subject_token_type?: unknown
}

/**
 * Where an external account's own token comes from, as its credential configuration file says it: a file, an address, Amazon
 * EC2 or a program. What can be checked without asking anybody is checked at once; what asks is loaded with the first token.
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

async function subjectToken(
  source: CredentialSource,
  request: SubjectTokenRequest,
  context: CredentialsContext,
): Promise<string> {
  switch (source.kind) {
    case 'file':
      return (await import('./file-subject-token.ts')).fileSubjectToken(source, context)
    case 'url':
      return (await import('./url-subject-token.ts')).urlSubjectToken(source, context)
    case 'aws':
      return (await import('./aws-subject-token.ts')).awsSubjectToken(source, request, context)
    case 'executable':
      return (await import('./executable-subject-token.ts')).executableSubjectToken(source, request, context)
    default:
      return source satisfies never
  }
}
