import { ValidationError } from '../errors.ts'
import { isMediaType } from '../protocol/header-value.ts'

/** The media type of bytes about which nothing is known. */
export const OCTET_STREAM = 'application/octet-stream'

/**
 * Checks a media type.
 * @throws {ValidationError} when it could not stand in a header, such as one with a line end.
 */
export function checkContentType(contentType: string, path: string): string {
  if (isMediaType(contentType)) return contentType
  throw new ValidationError('the content cannot be sent', [
    { path, message: 'must be a media type such as image/png' },
  ])
}

/** The media type that the ending of a name stands for, or undefined. */
export async function contentTypeOf(name: string | undefined): Promise<string | undefined> {
  if (name === undefined || !/\.\w+$/.test(name)) return undefined
  const { lookup } = await import('mrmime') // only uploads need the table
  const type: unknown = lookup(name)
  return typeof type === 'string' ? type : undefined // `constructor` finds what every object has
}
