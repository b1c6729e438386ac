import type { CredentialsContext } from '../../transport/credentials.ts'
import type { FileSource } from './credential-source.ts'
import { MAX_TOKEN_BYTES, noToken, readSubjectToken } from './subject-token-format.ts'
import { platform } from '#platform'

/**
 * Reads the token of an external account from a file, anew each time: whatever writes it renews it.
 * @throws {AuthError} reason `subject_token`
 */
export async function fileSubjectToken(
  { path, format }: FileSource,
  { call }: CredentialsContext,
): Promise<string> {
  const place = `the subject token file ${path}`
  const reading = platform.readTextFile(path, MAX_TOKEN_BYTES).catch((error: Error) => {
    throw noToken(`${place} ${error.message}`)
  })
  return readSubjectToken(await call.wait(reading, 'token'), format, place)
}
