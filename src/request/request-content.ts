import type { ApiSource } from '../discovery/api-source.ts'
import type { RestMethod } from '../discovery/document.ts'
import type { Problem } from '../errors.ts'
import { checkValue } from '../validation/check-value.ts'
import type { CallParameters } from './compile-method.ts'
import type { MediaInput } from './media-input.ts'
import { rawBody } from './raw-body.ts'
import { serializeBody } from './serialize-body.ts'

/** What a request carries besides its address. */
export interface RequestContent {
  /** JSON. */
  readonly body?: string
  /** Bytes: with JSON beside them for an upload, alone otherwise. */
  readonly media?: MediaInput
}

/**
 * The content of a request from `body` and `media`. What is wrong with it is added to the problems. A method that
 * takes no upload can still be sent bytes, as they are; then there is no JSON beside them.
 */
export function requestContent(
  source: ApiSource,
  method: RestMethod,
  { body, media }: CallParameters,
  validate: boolean,
  problems: Problem[],
): RequestContent {
  const { id, request, mediaUpload, httpMethod } = method
  const isHttpBody = request?.$ref?.endsWith('HttpBody') ?? false
  // What changes a part of something need not have all of it: the marks of documents mean the whole.
  const context = { schema: source.schemaOf, ...(httpMethod === 'POST' && { methodId: id }) }
  const check = (value: unknown): void => checkValue(value, request!, 'body', context, problems)
  if (body === undefined && media === undefined) {
    // A member of it may be required. What is misspelt elsewhere may be the body.
    if (validate && request !== undefined && !isHttpBody && problems.length === 0) check({})
    return NOTHING
  }
  const refuse = (path: string, message: string): RequestContent => {
    problems.push({ path, message })
    return NOTHING
  }
  const raw = rawBody(body, isHttpBody)
  if (validate && request === undefined && body !== undefined)
    refuse('body', 'the method takes no request body')
  if (mediaUpload?.protocols?.simple) {
    if (raw !== undefined) return refuse('body', 'must be the metadata as an object: bytes go under media')
  } else if (media !== undefined || raw !== undefined) {
    if (validate && request === undefined && media !== undefined) refuse('media', 'the method takes no media')
    else if (body !== undefined && media !== undefined) {
      refuse('media', 'cannot be sent beside a body: the method takes the one or the other')
    }
    return { media: (media ?? raw) as MediaInput }
  }
  if (body === undefined) return { media: media as MediaInput }
  if (validate && request !== undefined && !isHttpBody) check(body ?? {})
  if (problems.length > 0) return NOTHING
  const text = serializeBody(id, body)
  return media === undefined ? { body: text } : { body: text, media: media as MediaInput }
}

const NOTHING: RequestContent = {}
