import type { RestResource } from '../discovery/document.ts'
import { docComment } from './comments.ts'
import { emitMethod } from './emit-method.ts'
import { emitParameters } from './emit-parameters.ts'
import type { FileContext } from './file-context.ts'
import { memberName, pascalCase } from './names.ts'

/** The declarations of a resource, or of the API itself, and of all below it. */
export interface EmittedResource {
  /** What its interface is called. */
  readonly name: string
  readonly text: string
}

/** What stays the same all the way down. */
export interface ResourceScope {
  readonly file: FileContext
  /** The interface of the parameters of the whole API; undefined for an API that has none. */
  readonly standard: string | undefined
}

/**
 * @param path the names that lead to it, none for the API
 * @param name what its interface is called
 */
export function emitResource(
  resource: RestResource,
  path: readonly string[],
  name: string,
  scope: ResourceScope,
): EmittedResource {
  const { file, standard } = scope
  const { methods = {}, resources = {} } = resource
  const members: string[] = []
  const below: string[] = []
  const names = [...new Set([...Object.keys(methods), ...Object.keys(resources)])]
  for (const each of names.filter(isReachable)) {
    const method = own(methods, each)
    const child = own(resources, each)
    const childName = child && file.take(`${pascalCase(...path, each)}Resource`)
    if (child) below.push(emitResource(child, [...path, each], childName!, scope).text)
    if (!method) {
      members.push(`${deprecation(child!)}  readonly ${memberName(each)}: ${childName!}\n`)
      continue
    }
    const parameters = file.take(`${pascalCase(...path, each)}Parameters`)
    below.push(emitParameters(parameters, method, standard, file))
    members.push(emitMethod(each, method, parameters, childName, file))
  }
  const base = file.use(path.length === 0 ? 'ApiMembers' : 'ResourceMembers')
  const text = `${comment(path, file)}export interface ${name} extends ${base} {\n${members.join('')}}\n\n`
  return { name, text: text + below.join('') }
}

/** What an API object has: `then` would make it a promise, and `$` begins the names that are ours. */
function isReachable(name: string): boolean {
  return name !== 'then' && !name.startsWith('$')
}

function comment(path: readonly string[], { document }: FileContext): string {
  if (path.length > 0) return ''
  const { title = '', description = '' } = document
  return docComment(`${title}\n${description}`, '')
}

function deprecation({ deprecated }: RestResource): string {
  return deprecated === true ? docComment('', '  ', ['@deprecated']) : ''
}

function own<T>(members: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(members, name) ? members[name] : undefined
}
