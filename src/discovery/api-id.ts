import { ValidationError } from '../errors.ts'

/** An API and a version of it, as in `storage:v1`. */
export interface ApiId {
  readonly name: string
  readonly version: string | undefined
}

/**
 * Reads `storage:v1`, or `storage` alone.
 * @throws {ValidationError} when the text could not be the id of an API.
 */
export function parseApiId(id: string): ApiId {
  const match = /^([A-Za-z][\w-]*)(?::([\w.-]+))?$/.exec(id)
  if (!match) {
    throw new ValidationError('no such API', [
      { path: 'id', message: `'${id}' is not of the form name:version` },
    ])
  }
  return { name: match[1]!, version: match[2] }
}
