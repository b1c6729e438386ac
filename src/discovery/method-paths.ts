import type { RestResource } from './document.ts'

/** The dotted paths of all methods at or below a node, such as `objects.get`. */
export function methodPaths(node: RestResource, prefix = ''): string[] {
  const here = Object.keys(node.methods ?? {}).map((name) => prefix + name)
  const below = Object.entries(node.resources ?? {}).flatMap(([name, child]) =>
    methodPaths(child, `${prefix}${name}.`),
  )
  return [...here, ...below]
}
