import type { RestMethod, RestParameter, RestResource } from './document.ts'
import { mapValues } from './map-values.ts'
import type { SlimMethod, SlimResource } from './slim-resource.ts'

/** A part by its number. */
export type PartOf = (number: number) => unknown

/** A resource and all below it, as a document has them. */
export function restoreResource({ methods, resources, ...rest }: SlimResource, part: PartOf): RestResource {
  return {
    ...rest,
    ...(methods && { methods: mapValues(methods, (each) => restoreMethod(each, part)) }),
    ...(resources && { resources: mapValues(resources, (each) => restoreResource(each, part)) }),
  }
}

export function restoreMethod(
  { parameters, scopes, paging, ...method }: SlimMethod,
  part: PartOf,
): RestMethod {
  return {
    ...method,
    ...(parameters && { parameters: mapValues(parameters, (number) => part(number) as RestParameter) }),
    ...(scopes !== undefined && { scopes: part(scopes) as readonly string[] }),
    ...(paging !== undefined && { paging: part(paging) }),
  }
}
