import type { RestDescription } from '../discovery/document.ts'
import { mapValues } from '../discovery/map-values.ts'
import { SharedParts } from '../discovery/shared-parts.ts'
import {
  type SlimEach,
  type SlimMethod,
  slimMethod,
  slimParameter,
  slimResource,
} from '../discovery/slim-resource.ts'
import { listingOf } from './method-plan.ts'
import { memberName, quote } from './names.ts'

/** The table of methods: facts, and JSON texts, of which each resource has a line of its own. */
export function emitTable(document: RestDescription): string {
  const shared = new SharedParts()
  const slim: SlimEach = (method, name, path) => {
    const paging = listingOf(method, name, document)
    const {
      id,
      path: address,
      request,
      response,
      parameters: own = {},
      ...others
    } = slimMethod(method, shared)
    const rest = {
      ...others,
      ...(Object.keys(own).length > 0 && { parameters: own }),
      ...(paging && { paging: shared.add(paging) }),
    }
    return {
      ...(id !== path && { id }),
      path: address,
      ...(request && { request: schemaName(request) }),
      ...(response && { response: schemaName(response) }),
      rest: shared.add(rest),
    } as SlimMethod // with the rest, which other methods have too
  }
  const parameters = mapValues(document.parameters ?? {}, (each) => shared.add(slimParameter(each)))
  const methods = mapValues(document.methods ?? {}, (each, name) =>
    slim(each, name, `${document.name}.${name}`),
  )
  const resources = Object.entries(document.resources ?? {}).map(
    ([name, resource]) =>
      `    ${propertyName(name)}: ${json(slimResource(resource, slim, `${document.name}.${name}`))},\n`,
  )
  const isDefault = document.id === `${document.name}:${document.version}`
  const facts = FACTS.filter((name) => document[name] !== undefined && !(name === 'id' && isDefault))
  return (
    `{\n${facts.map((name) => `  ${name}: ${quote(document[name]!)},\n`).join('')}` +
    `  parts: ${json(shared.all)},\n` +
    `  parameters: ${json(parameters)},\n` +
    (Object.keys(methods).length > 0 ? `  methods: ${json(methods)},\n` : '') +
    `  resources: {\n${resources.join('')}  },\n}`
  )
}

const FACTS = [
  'id',
  'name',
  'version',
  'revision',
  'title',
  'documentationLink',
  'rootUrl',
  'servicePath',
  'batchPath',
] as const

/** What only names a schema as that name. */
function schemaName<Schema extends object>(schema: Schema | string): Schema | string {
  const [name, ...others] = Object.entries(schema)
  return name?.[0] === '$ref' && others.length === 0 ? String(name[1]) : schema
}

function json(value: unknown): string {
  return quote(JSON.stringify(value))
}

/** In an object a plain `__proto__` is no member. */
function propertyName(name: string): string {
  return name === '__proto__' ? `['__proto__']` : memberName(name)
}
