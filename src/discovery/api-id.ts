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
  // Not every caller has a type checker, and undefined would be the name of an API.
  const match = typeof id === 'string' ? /^([A-Za-z][\w-]*)(?::([\w.-]+))?$/.exec(id) : null
  if (!match) {
    const near = /^([A-Za-z][\w-]*)[/@ .-]+(v[\w.-]+)$/.exec(id)
    const message = `'${id}' is neither a name nor of the form name:version`
    throw new ValidationError('no such API', [
      { path: 'id', message, ...(near && { suggestion: `${near[1]!}:${near[2]!}` }) },
    ])
  }
  return { name: match[1]!, version: match[2] }
}
