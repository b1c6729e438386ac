import { mediaType, readForm, readText } from '../../form.ts'
import { ApiFailure } from '../../api-failure.ts'
import { GrantFailure } from '../../grant-failure.ts'
import { type Call, type JsonObject, parseJsonObject } from '../../service.ts'

/**
 * The fields of a token exchange: a form, or JSON with the names of the document.
 * @throws {GrantFailure}
 */
export async function readFields({ method, headers, body }: Call): Promise<URLSearchParams> {
  if (mediaType(headers) !== 'application/json') return readForm({ method: method.httpMethod, headers, body })
  const fields = Object.entries(readJson(await readText(body), 'The body')).map(([name, value]) => {
    if (typeof value !== 'string') throw new GrantFailure('invalid_request', `${name} must be text.`)
    return [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]
  })
  return new URLSearchParams(fields)
}

/** What the field `options` can say. */
export interface ExchangeOptions {
  readonly accessBoundary?: unknown
  readonly userProject?: unknown
}

/**
 * The options of a token exchange, which are JSON in a field. Google's client for Python percent-encodes it once more.
 * @throws {GrantFailure}
 */
export function readOptions(fields: URLSearchParams): ExchangeOptions {
  const text = fields.get('options') || '{}'
  const options = readJson(text.startsWith('%') ? decode(text) : text, 'options')
  const unknown = Object.keys(options).find((name) => name !== 'accessBoundary' && name !== 'userProject')
  if (unknown === undefined) return options
  throw new GrantFailure('invalid_request', `The emulator does not model the option ${unknown}.`)
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function readJson(text: string, what: string): JsonObject {
  try {
    return parseJsonObject(text)
  } catch (error) {
    if (error instanceof ApiFailure)
      throw new GrantFailure('invalid_request', `${what} must be a JSON object.`)
    throw error
  }
}
