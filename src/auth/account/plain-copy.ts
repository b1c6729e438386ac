import { ValidationError } from '../../errors.ts'

/**
 * A copy of data that is nobody else's to change.
 * @param what what cannot be done without, for errors
 * @param path where it stands in the options
 * @throws {ValidationError} for what is no data, such as a function.
 */
export function plainCopy<Data>(data: Data, what: string, path: string): Data {
  try {
    return structuredClone(data)
  } catch {
    throw new ValidationError(what, [{ path, message: 'must be plain data' }])
  }
}
