import { ValidationError } from '../errors.ts'
import { toBase64 } from '../protocol/base64.ts'

/**
 * A request body as JSON text. Members that are `undefined` are left out, `null` stays, a bigint becomes a decimal
 * string (as int64 is written), bytes become base64, a Date its RFC 3339 form.
 * @throws {ValidationError} when the value has no JSON form: a cycle, a Map, a number that is not finite.
 */
export function serializeBody(id: string, body: unknown): string {
  let problem = 'cannot be written as JSON'
  let text: string | undefined
  try {
    text = JSON.stringify(body, function (this: Record<string, unknown>, name, value: unknown) {
      const refuse = (what: string): never => {
        problem = name === '' ? `is ${what}` : `has ${what} as '${name}'`
        throw new TypeError(problem)
      }
      if (typeof value === 'bigint') return String(value)
      if (typeof value === 'number' && !Number.isFinite(value)) return refuse('a number that is not finite')
      const original = this[name] // Buffers have been turned into something else by now
      if (original instanceof Uint8Array) return toBase64(original)
      if (original instanceof Map || original instanceof Set) return refuse('a Map or a Set')
      return value
    })
  } catch {
    // A cycle, or a toJSON that throws. The text of the error may repeat the content, so it is not kept.
  }
  if (text === undefined) throw new ValidationError(id, [{ path: 'body', message: problem }])
  return text
}
