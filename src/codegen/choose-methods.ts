import type { RestDescription, RestMethod, RestResource } from '../discovery/document.ts'

/** Some methods of a document. */
export interface Choice {
  readonly document: RestDescription
  /** The patterns that fit a method of it. */
  readonly fitting: readonly string[]
}

/**
 * A document with those methods alone that one of the patterns fits: `files.list`, or with `*` for any names, as in
 * `files.*`. A method is called by the names that lead to it, or by its id.
 */
export function chooseMethods(document: RestDescription, patterns: readonly string[]): Choice {
  const tests = patterns.map((pattern) => ({ pattern, test: expression(pattern) }))
  const fitting = new Set<string>()
  const isChosen: IsChosen = (path, id) => {
    const found = tests.filter(({ test }) => test.test(path) || test.test(id))
    for (const { pattern } of found) fitting.add(pattern)
    return found.length > 0
  }
  const chosen = chooseIn(document, '', isChosen)
  const { methods: _, resources: __, ...facts } = document
  return { document: { ...facts, ...chosen }, fitting: patterns.filter((pattern) => fitting.has(pattern)) }
}

type IsChosen = (path: string, id: string) => boolean

function chooseIn(node: RestResource, prefix: string, isChosen: IsChosen): RestResource {
  const methods = Object.entries(node.methods ?? {}).filter(([name, { id }]) => isChosen(prefix + name, id))
  const resources = Object.entries(node.resources ?? {})
    .map(([name, child]) => [name, chooseIn(child, `${prefix}${name}.`, isChosen)] as const)
    .filter(([, { methods: own, resources: below }]) => own ?? below)
  return {
    ...(node.deprecated === true && { deprecated: true }),
    ...(methods.length > 0 && { methods: Object.fromEntries<RestMethod>(methods) }),
    ...(resources.length > 0 && { resources: Object.fromEntries<RestResource>(resources) }),
  }
}

function expression(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`)
}
