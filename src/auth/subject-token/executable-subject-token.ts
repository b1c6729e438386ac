import { AuthError } from '../../errors.ts'
import type { CredentialsContext } from '../../transport/credentials.ts'
import type { ExecutableSource } from './credential-source.ts'
import { readExecutableAnswer } from './executable-answer.ts'
import type { SubjectTokenRequest } from './subject-token.ts'
import { MAX_TOKEN_BYTES, noToken } from './subject-token-format.ts'
import { machine, platform } from '#platform'

/**
 * Runs the program that a credential configuration file names, if the environment allows it, and reads what it prints. What
 * it left in its output file the last time is used as long as it holds. The program is not run through a shell.
 * @throws {AuthError} reason `executable_not_allowed` or `subject_token`
 */
export async function executableSubjectToken(
  source: ExecutableSource,
  request: SubjectTokenRequest,
  context: CredentialsContext,
): Promise<string> {
  if (platform.environment(ALLOW) !== '1')
    throw new AuthError(
      `the credential configuration names a program to run, which is not allowed: set ${ALLOW}=1 if you trust it`,
      { reason: 'executable_not_allowed' },
    )
  const { outputFile } = source
  const read = (text: string, place: string): string =>
    readExecutableAnswer(text, {
      place,
      subjectTokenType: request.subjectTokenType,
      isKept: outputFile !== undefined,
      now: context.clock.now(),
    })
  if (outputFile !== undefined) {
    const reading = platform.readTextFile(outputFile, MAX_TOKEN_BYTES)
    // Whatever is wrong with it, the program makes another.
    const kept = await context.call.wait(
      reading
        .then(
          (text) => read(text, `the file ${outputFile}`),
          () => undefined,
        )
        .catch(() => undefined),
      'token',
    )
    if (kept !== undefined) return kept
  }
  return read(await run(source, request, context), `the answer of the program ${source.command[0]}`)
}

const ALLOW = 'GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES'

async function run(
  { command: [file, ...args], timeoutMs, outputFile }: ExecutableSource,
  { audience, subjectTokenType, impersonatedEmail }: SubjectTokenRequest,
  { call }: CredentialsContext,
): Promise<string> {
  const env = {
    GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE: audience,
    GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE: subjectTokenType,
    GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE: '0',
    GOOGLE_EXTERNAL_ACCOUNT_REVOKE: '0',
    GOOGLE_EXTERNAL_ACCOUNT_IMPERSONATED_EMAIL: impersonatedEmail,
    GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE: outputFile,
  }
  const running = machine
    .runProgram(file, args, { env, timeoutMs, maxBytes: MAX_TOKEN_BYTES, call })
    .catch((error: Error) => {
      throw noToken(`the program ${file} that credential_source names ${error.message}`)
    })
  const { exitCode, stdout } = await call.wait(running, 'token')
  if (exitCode !== 0)
    throw noToken(
      `the program ${file} that credential_source names failed (${exitCode ?? 'killed'}); run it by hand to see why`,
    )
  return stdout
}
