import { ValidationError } from '../errors.ts'
import { toBase64Url } from '../protocol/base64.ts'

/**
 * Random bytes as a text of letters, digits, `-` and `_`: a `state`, a nonce, or the key of `webLogin`.
 *
 * ```ts
 * import { createSecret } from 'discokit/login'
 *
 * console.log(createSecret())
 * ```
 *
 * @param bytesLength from 16 to 65,536. Default 32: 43 characters.
 * @throws {ValidationError} for another length.
 */
export function createSecret(bytesLength: number = 32): string {
  if (!Number.isInteger(bytesLength) || bytesLength < 16 || bytesLength > 65_536)
    throw new ValidationError('no secret can be made', [
      { path: 'bytesLength', message: 'must be a whole number from 16 to 65536' },
    ])
  return toBase64Url(crypto.getRandomValues(new Uint8Array(bytesLength)))
}
