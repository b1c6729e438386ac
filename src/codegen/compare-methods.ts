import type { RestDescription, RestMethod, RestParameter, RestResource } from '../discovery/document.ts'
import type { Change } from './compare-apis.ts'

/** What changed in how an API is called: addresses, verbs, scopes, what must be given. */
export function compareMethods(before: RestDescription, after: RestDescription): Change[] {
  const [old, now] = [methodsOf(before), methodsOf(after)]
  return [
    ...facts('API', 'API', apiFacts(before), apiFacts(after)),
    ...parameters('every method', before.parameters, after.parameters),
    ...[...now].flatMap(([name, method]) => {
      const was = old.get(name)
      if (!was) return []
      return [
        ...facts('method', name, methodFacts(was), methodFacts(method)),
        ...parameters(name, was.parameters, method.parameters),
      ]
    }),
  ]
}

type Facts = Readonly<Record<string, string>>

function apiFacts({ rootUrl, servicePath, batchPath = 'none' }: RestDescription): Facts {
  return { address: rootUrl + servicePath, batches: batchPath }
}

function methodFacts({ httpMethod, path, scopes = [], deprecated, mediaUpload }: RestMethod): Facts {
  return {
    address: `${httpMethod} ${path}`,
    scopes: scopes.join(' ') || 'none',
    deprecated: deprecated === true ? 'yes' : 'no',
    'upload address': mediaUpload?.protocols?.simple?.path ?? 'none',
  }
}

function parameterFacts({ location = 'query', pattern = 'any', deprecated }: RestParameter): Facts {
  return {
    place: location,
    form: pattern,
    deprecated: deprecated === true ? 'yes' : 'no',
  }
}

function parameters(
  method: string,
  old: RestMethod['parameters'] = {},
  now: RestMethod['parameters'] = {},
): Change[] {
  return Object.entries(now).flatMap(([name, parameter]) => {
    const was = Object.hasOwn(old, name) ? old[name] : undefined
    return was ? facts('parameter', `${method}(${name})`, parameterFacts(was), parameterFacts(parameter)) : []
  })
}

function facts(what: Change['what'], name: string, old: Facts, now: Facts): Change[] {
  return Object.entries(now).flatMap(([fact, value]) =>
    old[fact] === value
      ? []
      : [{ kind: 'changed', what, name, detail: `${fact}: ${old[fact] ?? 'none'} → ${value}` } as const],
  )
}

function methodsOf(node: RestResource, prefix = ''): Map<string, RestMethod> {
  const here = Object.entries(node.methods ?? {}).map(([name, method]) => [prefix + name, method] as const)
  const below = Object.entries(node.resources ?? {}).flatMap(([name, child]) => [
    ...methodsOf(child, `${prefix}${name}.`),
  ])
  return new Map([...here, ...below])
}
