import type { RestMethod, RestParameter, RestResource } from './document.ts'
import { mapValues } from './map-values.ts'
import type { SlimMethod, SlimResource } from './slim-resource.ts'

/** A part by its number. */
export type PartOf = (number: number) => unknown

/**
 * A resource and all below it, as a document has them.
 * @param path the id of what it is in, for methods that do not say theirs
 */
export function restoreResource(
  { methods, resources, ...rest }: SlimResource,
  part: PartOf,
  path = '',
): RestResource {
  return {
    ...rest,
    ...(methods && {
      methods: mapValues(methods, (each, name) => restoreMethod(each, part, `${path}.${name}`)),
    }),
    ...(resources && {
      resources: mapValues(resources, (each, name) => restoreResource(each, part, `${path}.${name}`)),
    }),
  }
}

/** @param id where the method does not say it */
export function restoreMethod({ rest, ...own }: SlimMethod, part: PartOf, id = ''): RestMethod {
  const slim = rest === undefined ? own : { ...(part(rest) as Partial<SlimMethod>), ...own }
  const { parameters, scopes, paging, request, response, ...method } = slim
  return {
    id,
    ...method,
    ...(request !== undefined && { request: schema(request) }),
    ...(response !== undefined && { response: schema(response) }),
    ...(parameters && { parameters: mapValues(parameters, (number) => part(number) as RestParameter) }),
    ...(scopes !== undefined && { scopes: part(scopes) as readonly string[] }),
    ...(paging !== undefined && { paging: part(paging) }),
  }
}

function schema<Schema>(given: Schema | string): Schema | { $ref: string } {
  return typeof given === 'string' ? { $ref: given } : given
}
