import { ValidationError } from '../errors.ts'

/**
 * A request body as JSON text. Members that are `undefined` are left out, `null` stays, a bigint becomes a decimal
 * string (as int64 is written), a Date its RFC 3339 form.
 * @throws {ValidationError} when the value has no JSON form.
 */
export function serializeBody(id: string, body: unknown): string {
  let text: string | undefined
  try {
    text = JSON.stringify(body, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
  } catch {
    // A cycle, or a toJSON that throws. The text of the error may repeat the content, so it is not kept.
  }
  if (text === undefined) {
    throw new ValidationError(id, [{ path: 'body', message: 'cannot be written as JSON' }])
  }
  return text
}
