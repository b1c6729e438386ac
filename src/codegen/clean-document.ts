import { checkDocument } from '../discovery/check-document.ts'
import type { JsonSchema, RestDescription, RestMethod, RestResource } from '../discovery/document.ts'
import { mapValues } from '../discovery/map-values.ts'
import { ParseError } from '../errors.ts'
import { correctedSchemas } from './read-only.ts'

/**
 * A document of which every member that the generator reads is of the kind it should be. What is not is left out:
 * documents are untrusted.
 * @throws {ParseError} for what is no document at all, and for one nested deeper than any has a reason to be.
 */
export function cleanDocument(value: unknown): RestDescription {
  const document = checkDocument(value)
  const { parameters } = document
  const schemas = document.schemas && correctedSchemas(document)
  return {
    ...document,
    ...texts(document, ['id', 'revision', 'title', 'description', 'documentationLink', 'batchPath']),
    ...(parameters && { parameters: mapValues(parameters, (each) => cleanSchema(each)) }),
    ...(schemas && { schemas: mapValues(schemas, (each) => cleanSchema(each)) }),
    ...cleanResource(document),
  }
}

function cleanResource({ methods, resources, deprecated }: RestResource): RestResource {
  return {
    ...(methods && { methods: mapValues(methods, cleanMethod) }),
    ...(resources && { resources: mapValues(resources, cleanResource) }),
    ...(deprecated === true && { deprecated }),
  }
}

function cleanMethod(method: RestMethod): RestMethod {
  const { parameters, request, response, scopes, mediaUpload, ...rest } = method
  return {
    ...rest,
    id: text(method.id),
    path: text(method.path),
    httpMethod: text(method.httpMethod),
    ...texts(method, ['description']),
    ...(parameters && { parameters: mapValues(parameters, (each) => cleanSchema(each)) }),
    ...(isObject(request) && { request: cleanSchema(request) }),
    ...(isObject(response) && { response: cleanSchema(response) }),
    ...(Array.isArray(scopes) && { scopes: scopes.filter(isText) }),
    ...(isObject(mediaUpload) && { mediaUpload }),
  }
}

/** Google's deepest is 8. */
const DEEPEST = 100

function cleanSchema(schema: JsonSchema, depth = 0): JsonSchema {
  if (depth > DEEPEST) {
    const answer = { status: 200, contentType: 'application/json' }
    throw new ParseError(`a schema of the document is nested more than ${DEEPEST} levels deep`, answer)
  }
  const { properties, additionalProperties, items, annotations, enumDeprecated } = schema
  const clean = (each: JsonSchema): JsonSchema => cleanSchema(isObject(each) ? each : {}, depth + 1)
  return {
    ...texts(schema, TEXTS),
    ...flags(schema, FLAGS),
    ...lists(schema, LISTS),
    ...(Array.isArray(enumDeprecated) && { enumDeprecated }),
    ...(isObject(properties) && { properties: mapValues(properties, clean) }),
    ...(isObject(additionalProperties) && { additionalProperties: clean(additionalProperties) }),
    ...(isObject(items) && { items: clean(items) }),
    ...(isObject(annotations) && { annotations: lists(annotations, ['required']) }),
  }
}

const TEXTS = [
  'type',
  'format',
  'description',
  '$ref',
  'default',
  'pattern',
  'minimum',
  'maximum',
  'location',
]
const FLAGS = ['required', 'readOnly', 'deprecated', 'repeated']
const LISTS = ['enum', 'enumDescriptions']

function text(value: unknown): string {
  return isText(value) ? value : ''
}

function texts(source: object, names: readonly string[]): object {
  return chosen(source, names, (value) => (isText(value) ? value : undefined))
}

function flags(source: object, names: readonly string[]): object {
  return chosen(source, names, (value) => (value === true ? value : undefined))
}

function lists(source: object, names: readonly string[]): object {
  return chosen(source, names, (value) => (Array.isArray(value) ? value.filter(isText) : undefined))
}

function chosen(source: object, names: readonly string[], read: (value: unknown) => unknown): object {
  const found = names.map((name) => [name, read((source as Record<string, unknown>)[name])] as const)
  return Object.fromEntries(found.filter(([, value]) => value !== undefined))
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
