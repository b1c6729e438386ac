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

/** The media type that the ending of the first name with a known one stands for, or undefined. */
export async function contentTypeOf(names: readonly (string | undefined)[]): Promise<string | undefined> {
  const withEnding = names.filter((name) => name !== undefined && /\.\w+$/.test(name))
  if (withEnding.length === 0) return undefined
  const { lookup } = await import('mrmime') // only uploads need the table
  const types: unknown[] = withEnding.map((name) => lookup(name!))
  return types.find((type) => typeof type === 'string') // `constructor` finds what every object has
}
