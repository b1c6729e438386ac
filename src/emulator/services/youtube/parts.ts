import type { HttpResponse } from '../../../protocol/http.ts'
import { jsonAnswer } from '../../answers.ts'
import { ApiFailure } from '../../api-failure.ts'
import { idOf } from '../../ids.ts'
import { takePage } from '../../pages.ts'
import type { Call, JsonObject } from '../../service.ts'

/**
 * The parts of a resource that a call asks for; names may come one by one or with commas between them.
 * @throws {ApiFailure} 400 for a part that the resource has not.
 */
export function readParts({ parameters }: Call, known: string): ReadonlySet<string> {
  const parts = listed(parameters.all('part'))
  const unknown = parts.find((part) => !` ${known} id `.includes(` ${part} `))
  if (unknown === undefined) return new Set(parts)
  throw parameterFailure('unknownPart', `'${unknown}'`, 'part')
}

/** The values of a parameter that may be repeated, and hold commas too. */
export function listed(values: readonly unknown[]): string[] {
  return values
    .flatMap((value) => String(value).split(','))
    .map((value) => value.trim())
    .filter(Boolean)
}

/** A resource with the parts asked for. */
export function partsOf(kind: string, id: string, parts: ReadonlySet<string>, all: JsonObject): JsonObject {
  const shown = Object.fromEntries(Object.entries(all).filter(([name]) => parts.has(name)))
  return { kind: `youtube#${kind}`, etag: etagOf([id, shown]), id, ...shown }
}

/** The one filter that a call has of those that choose what is listed. */
export function readFilter(call: Call, names: readonly string[]): string {
  const given = names.filter((name) => call.parameters.all(name).some(Boolean))
  const [filter] = given
  if (filter === undefined) {
    throw parameterFailure(
      'missingRequiredParameter',
      `No filter selected. Expected one of: ${names.join(', ')}`,
      'parameters.',
    )
  }
  if (given.length === 1) return filter
  throw parameterFailure(
    'incompatibleParameters',
    `Incompatible parameters specified in the request: ${given.join(', ')}`,
    filter,
  )
}

/** A page of a list, with what YouTube tells about the list. */
export function pageAnswer<Item>(
  call: Call,
  kind: string,
  found: readonly Item[],
  key: unknown,
  show: (item: Item) => JsonObject,
): HttpResponse {
  const { method, parameters } = call
  const size = parameters.number('maxResults') ?? 5
  const token = parameters.text('pageToken')
  const { items, nextPageToken } = takePage(found, { size, token, key: [method.id, key] })
  const shown = items.map(show)
  return jsonAnswer({
    kind: `youtube#${kind}`,
    etag: etagOf(shown),
    ...(nextPageToken !== undefined && { nextPageToken }),
    pageInfo: { totalResults: found.length, resultsPerPage: size },
    items: shown,
  })
}

export function etagOf(value: unknown): string {
  return idOf(JSON.stringify(value), 27)
}

export function parameterFailure(reason: string, message: string, location: string): ApiFailure {
  return new ApiFailure(400, reason, message, {
    domain: 'youtube.parameter',
    location,
    locationType: 'parameter',
  })
}
