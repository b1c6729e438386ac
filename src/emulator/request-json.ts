import { ApiFailure, required } from './api-failure.ts'
import { checkJson, missingProperties } from './check-json.ts'
import { type Call, type JsonObject, readJsonObject } from './service.ts'

/**
 * The JSON body of a call, checked by the schema that the document gives it.
 * @throws {ApiFailure} 400, in Google's words, with all that is wrong.
 */
export async function readRequestJson(
  call: Pick<Call, 'body' | 'document' | 'method' | 'errorForm'>,
): Promise<JsonObject> {
  const { body, document, method, errorForm } = call
  const value = await readJsonObject(body)
  // The older APIs pass over names that they do not know.
  const violations = checkJson(value, document, method, errorForm === 'status')
  if (violations.length > 0) {
    const message = violations.map(({ description }) => description).join('\n')
    throw new ApiFailure(400, 'invalid', message, { violations })
  }
  const [missing] = missingProperties(value, document, method)
  if (missing !== undefined) throw required(missing)
  return value
}

/** Whether the body of a call is JSON: the method takes a resource, and not bytes of any other kind. */
export function takesJson({ method, door }: Pick<Call, 'method' | 'door'>): boolean {
  return door === 'plain' && method.request?.$ref !== undefined && method.request.$ref !== 'HttpBody'
}
