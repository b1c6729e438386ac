import { compareMethods } from './compare-methods.ts'
import { readTable } from './read-table.ts'
import { type Declarations, type Declared, readDeclarations } from './read-declarations.ts'

/** A difference between two files for an API. */
export interface Change {
  readonly kind: 'added' | 'removed' | 'changed'
  readonly what: 'API' | 'method' | 'parameter' | 'type' | 'property'
  /** Such as `files.list`, `files.list(pageSize)`, `File`, `File.size`. */
  readonly name: string
  /** What it was and what it is. */
  readonly detail?: string
}

/** What became of an API between two files that were written for it. */
export function compareApis(before: string, after: string): Change[] {
  const [old, now] = [readApi(before), readApi(after)]
  const [table, newTable] = [readTable(before), readTable(after)]
  return [
    ...(table && newTable ? compareMethods(table, newTable) : []),
    ...compare('method', old.methods, now.methods),
    ...compare('parameter', old.parameters, now.parameters).filter(({ name, kind }) => {
      const [method = ''] = name.split('(', 1)
      return kind === 'changed' || method === EVERY || inBoth(method, old.methods, now.methods)
    }),
    ...compare('type', old.types, now.types),
    ...compare('property', old.properties, now.properties).filter(
      ({ name, kind }) => kind === 'changed' || inBoth(name.split('.', 1)[0]!, old.types, now.types),
    ),
  ]
}

/** What there is of each sort, by name, and of what type it is. */
interface ReadApi {
  readonly methods: Map<string, string>
  readonly parameters: Map<string, string>
  readonly types: Map<string, string>
  readonly properties: Map<string, string>
}

function readApi(text: string): ReadApi {
  const declarations = readDeclarations(text)
  const { interfaces, api } = declarations
  const read: ReadApi = {
    methods: new Map(),
    parameters: new Map(),
    types: new Map(),
    properties: new Map(),
  }
  const aside = new Set<string>()
  const standard = interfaces.get('StandardParameters')
  for (const [name, type] of standard?.members ?? []) read.parameters.set(`${EVERY}(${name})`, type)
  if (api !== undefined) readResource(api, '', declarations, read, aside)
  for (const { base } of interfaces.values()) if (base !== undefined) aside.add(base)
  for (const [name, declared] of interfaces) {
    if (aside.has(name)) continue
    const members = allMembers(declared, declarations)
    read.types.set(name, members.get('') ?? '')
    for (const [member, type] of members) if (member !== '') read.properties.set(`${name}.${member}`, type)
  }
  return read
}

/** Reads a resource and all below it; notes which interfaces are no types of values. */
function readResource(
  name: string,
  path: string,
  declarations: Declarations,
  read: ReadApi,
  aside: Set<string>,
): void {
  aside.add(name)
  for (const [member, type] of declarations.interfaces.get(name)?.members ?? []) {
    const here = `${path}${member}`
    const [, parameters] = METHOD.exec(type) ?? []
    if (parameters !== undefined) {
      aside.add(parameters)
      read.methods.set(here, withoutParameters(type, parameters))
      const declared = declarations.interfaces.get(parameters)
      for (const [each, itsType] of declared?.members ?? []) read.parameters.set(`${here}(${each})`, itsType)
    }
    const child = parameters === undefined ? RESOURCE.exec(type) : BOTH.exec(type)
    if (child && !aside.has(child[1]!)) readResource(child[1]!, `${here}.`, declarations, read, aside)
  }
}

/** What has a parameter of the whole API. */
const EVERY = 'every method'

/** `readonly ListMethod<FilesListParameters, FileList, File>`. */
const METHOD = /^readonly \w+Method\d*<([\w$]+), /
const RESOURCE = /^readonly ([\w$]+)$/
const BOTH = /& ([\w$]+Resource\d*)$/

/** `ListMethod<FileList, File>`: parameters are compared one by one. */
function withoutParameters(type: string, parameters: string): string {
  return type.replace('readonly ', '').replaceAll(`<${parameters}>`, '').replace(`<${parameters}, `, '<')
}

/** Those of the interface that it is built upon, and its own. */
function allMembers({ base, members }: Declared, { interfaces }: Declarations): Map<string, string> {
  const below = base === undefined ? undefined : interfaces.get(base)
  return new Map([...(below ? below.members : []), ...members])
}

function compare(what: Change['what'], old: Map<string, string>, now: Map<string, string>): Change[] {
  const names = [...new Set([...old.keys(), ...now.keys()])].toSorted()
  return names.flatMap((name): Change[] => {
    const [was, is] = [old.get(name), now.get(name)]
    if (was === is) return []
    if (was === undefined) return [{ kind: 'added', what, name }]
    if (is === undefined) return [{ kind: 'removed', what, name }]
    return [{ kind: 'changed', what, name, detail: difference(was, is) }]
  })
}

function inBoth(name: string, old: Map<string, string>, now: Map<string, string>): boolean {
  return old.has(name) && now.has(name)
}

function difference(was: string, is: string): string {
  const [before, after] = [valuesOf(was), valuesOf(is)]
  const added = after.filter((value) => !before.includes(value))
  const removed = before.filter((value) => !after.includes(value))
  if (before.length > 0 && after.length > 0 && added.length + removed.length > 0)
    return [...added.map((value) => `+${value}`), ...removed.map((value) => `-${value}`)].join(' ')
  const saysWhether = isOptional(was) !== isOptional(is)
  const [old, now] = [plain(was, saysWhether), plain(is, saysWhether)]
  const from = commonLength(old, now)
  return `${excerpt(old, from)} → ${excerpt(now, from)}`
}

/** The values of an enum. */
function valuesOf(type: string): string[] {
  return type.includes('(string & {})') && !type.includes('{ ')
    ? (type.match(/'(?:[^'\\]|\\.)*'/g) ?? [])
    : []
}

/** A type, and where that matters whether it must be there. */
function plain(type: string, saysWhether: boolean): string {
  const bare = type.replace(/^(readonly )?\?/, '$1').replace(/ \| undefined$/, '')
  return saysWhether ? `${isOptional(type) ? 'optional' : 'required'} ${bare}` : bare
}

function isOptional(type: string): boolean {
  return /^(readonly )?\?/.test(type)
}

function commonLength(one: string, other: string): number {
  let length = 0
  while (length < one.length && one[length] === other[length]) length++
  return length
}

/** A long type from a little before where it differs. */
function excerpt(type: string, from: number): string {
  const start = type.length <= LONGEST ? 0 : Math.max(0, Math.min(from - 15, type.length - LONGEST))
  const end = start + LONGEST
  return `${start > 0 ? '…' : ''}${type.slice(start, end)}${end < type.length ? '…' : ''}`
}

const LONGEST = 60
