import { invalidKey } from '../account/service-account-key.ts'

/** What a file of Google's tools holds. It is untrusted. */
export interface CredentialFile {
  readonly content: Readonly<Record<string, unknown>>
  /** A member that is a text; undefined where there is none. */
  text(name: string): string | undefined
  /** A member that must be there. */
  needed(name: string): string
}

/**
 * Reads a file of credentials.
 * @param content an object, or its JSON text
 * @param from what the file is, for errors
 * @param type the type that it must have. Default: any
 * @throws {AuthError} reason `invalid_key_file`. Nothing of the content is in the message but the type.
 */
export function parseCredentialFile(content: unknown, from: string, type?: string): CredentialFile {
  const file = (typeof content === 'string' ? parse(content, from) : content) as Record<
    string,
    unknown
  > | null
  if (typeof file !== 'object' || file === null || Array.isArray(file))
    throw invalidKey(from, 'is not a JSON object')
  if (type !== undefined && file['type'] !== type) throw invalidKey(from, `has not the type '${type}'`)
  const text = (name: string): string | undefined => {
    const value = Object.hasOwn(file, name) ? file[name] : undefined
    if (value === undefined || value === null || value === '') return undefined
    if (typeof value !== 'string') throw invalidKey(from, `has a ${name} that is no text`)
    return value
  }
  return {
    content: file,
    text,
    needed(name) {
      const value = text(name)
      if (value === undefined) throw invalidKey(from, `lacks ${name}`)
      return value
    },
  }
}

function parse(text: string, from: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '')) // some editors begin a file with a mark
  } catch {
    throw invalidKey(from, 'is not JSON') // the error's own text repeats a piece of the file
  }
}
