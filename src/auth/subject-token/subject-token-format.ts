import { AuthError } from '../../errors.ts'
import type { TokenFormat } from './credential-source.ts'
import { membersOf } from './credential-source-members.ts'

/**
 * Takes the token out of what was read. Space around it, such as the line end that editors leave, is no part of it.
 * @param place what it was read from, for errors
 * @throws {AuthError} reason `subject_token`. Nothing of the text is in the message.
 */
export function readSubjectToken(text: string, format: TokenFormat, place: string): string {
  if (format === 'text') return tokenOf(text, `${place} is empty`)
  const answer = membersOf(parseJson(text, place))
  // The name is the file's and may be anything.
  const isThere = answer !== undefined && Object.hasOwn(answer, format.field)
  if (!isThere) throw noToken(`${place} lacks the field that subject_token_field_name names`)
  return tokenOf(
    answer[format.field],
    `${place} has no text in the field that subject_token_field_name names`,
  )
}

/** The error of a subject token that cannot be had. */
export function noToken(what: string, more: { status?: number; retryable?: boolean } = {}): AuthError {
  return new AuthError(what, { reason: 'subject_token', ...more })
}

/** The most that is read of a file, an answer or an output, in bytes. */
export const MAX_TOKEN_BYTES = 1_048_576

function tokenOf(value: unknown, otherwise: string): string {
  const token = typeof value === 'string' ? value.trim() : ''
  if (token === '') throw noToken(`${otherwise}; it should hold a token for Google`)
  return token
}

function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    // The error's own text repeats a piece of what was read.
    throw noToken(`${place} is not JSON, which the format of its credential_source says`)
  }
}
