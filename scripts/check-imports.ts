/**
 * Holds the import table of ARCHITECTURE.md against the sources: which folder may use which at run time, that a
 * program which imports the library never loads the emulator or the command line, that no modules go round in
 * circles, and that Node's modules and globals stay where they belong. The table is prose that people read, and
 * without this it would soon be wrong.
 */
import { readFileSync } from 'node:fs'
import { type Import, type Module, readModules } from './module-graph.ts'
import { report } from './run.ts'

const ENTRIES = ['index', 'auth/index', 'media/index', 'node/index', 'storage/index', 'login/index']
const LEAVES = ['platform/node', 'platform/web']
const NODE_ONLY = ['platform/node', 'node', 'cli', 'emulator/listen']
const EMULATOR_TYPES = [
  'emulator',
  'discovery/document',
  'protocol',
  'errors',
  'transport/transport',
  'web-types',
  'platform',
]

const modules = readModules('src')
const table = readTable(readFileSync(process.argv[2] ?? 'ARCHITECTURE.md', 'utf8'))
report(`${modules.size} modules, ${table.size} rows`, [
  ...enoughToLookAt(),
  ...unknownNames(),
  ...[...modules.values()].flatMap((module) => [
    ...(rowOf(module.name) ? [] : [`src/${module.name}.ts: ARCHITECTURE.md has no row for it`]),
    ...module.imports.flatMap((imported) => wrongImport(module, imported)),
    ...nodeOutOfPlace(module),
  ]),
  ...ENTRIES.flatMap(reachesTooFar),
  ...circles().slice(0, 5),
])

/** The rows of the table whose head is `| folder | may import |`, by name. What stands in parentheses is for people. */
function readTable(text: string): Map<string, readonly string[]> {
  const [, rows = ''] = /\| folder \| may import \|\n\|[-| ]+\n((?:\|.*\n)*)/.exec(text) ?? []
  const cells = rows
    .split('\n')
    .filter(Boolean)
    .map((row) => row.split('|').slice(1, 3).map(names))
  return new Map(cells.flatMap(([folders = [], allowed = []]) => folders.map((folder) => [folder, allowed])))
}

function names(cell: string): string[] {
  return cell
    .replaceAll(/\(.*?\)|`/g, '')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean)
}

/** A table or a folder that could not be read must not pass. */
function enoughToLookAt(): string[] {
  return [
    ...(modules.size < 60 ? [`src: only ${modules.size} modules were found`] : []),
    ...(table.size < 12 ? [`ARCHITECTURE.md: only ${table.size} rows were found`] : []),
  ]
}

function unknownNames(): string[] {
  const all = [...table].flatMap(([folder, allowed]) => [folder, ...allowed])
  const known = (name: string): boolean =>
    name === '#platform' || [...modules.keys()].some((module) => isIn(module, name))
  return [...new Set(all)]
    .filter((name) => !known(name))
    .map((name) => `ARCHITECTURE.md: there is no src/${name}`)
}

function wrongImport({ name: from }: Module, { to, ours, line, typeOnly }: Import): string[] {
  if (!ours || top(from) === top(to)) return []
  const at = `src/${from}.ts:${line}: imports ${to}`
  if ((top(to) === 'emulator' || top(to) === 'cli') && top(from) !== 'cli')
    return [`${at}: nothing but cli may`]
  if (typeOnly) {
    const free = top(from) !== 'emulator' || from === 'emulator/index' || to === '#platform'
    return free || EMULATOR_TYPES.some((name) => isIn(to, name))
      ? []
      : [`${at}: the emulator takes types only from ${EMULATOR_TYPES.join(', ')}`]
  }
  const [folder, allowed] = rowOf(from) ?? ['', []]
  return allowed.some((name) => isIn(to, name)) ? [] : [`${at}: the row of ${folder} does not allow it`]
}

/** The row of a module: of those that name it or a folder above it, the nearest. */
function rowOf(module: string): [string, readonly string[]] | undefined {
  const rows = [...table].filter(([folder]) => isIn(module, folder))
  return rows.sort(([a], [b]) => b.length - a.length)[0]
}

function nodeOutOfPlace({ name, imports, nodeGlobals }: Module): string[] {
  if (NODE_ONLY.some((place) => isIn(name, place))) return []
  const used = [
    ...imports.filter(({ to }) => to.startsWith('node:')).map(({ to, line }) => ({ name: to, line })),
    ...nodeGlobals,
  ]
  return used.map(
    (use) => `src/${name}.ts:${use.line}: uses ${use.name}, which only ${NODE_ONLY.join(', ')} may`,
  )
}

/** What a program loads with an entry, whichever runtime it is for, and with everything it may load later. */
function reachesTooFar(entry: string): string[] {
  const cameFrom = new Map<string, string>([[entry, '']])
  for (const name of cameFrom.keys()) {
    for (const next of runTimeImports(name)) if (!cameFrom.has(next)) cameFrom.set(next, name)
  }
  const path = (name: string): string => (name === entry ? name : `${path(cameFrom.get(name)!)} > ${name}`)
  const wrong = [...cameFrom.keys()].filter((name) => top(name) === 'emulator' || top(name) === 'cli')
  if (cameFrom.size < 5) return [`src/${entry}.ts: reaches only ${cameFrom.size} modules`]
  return wrong.slice(0, 1).map((name) => `src/${entry}.ts reaches ${top(name)}: ${path(name)}`)
}

function circles(): string[] {
  const done = new Set<string>()
  const found: string[] = []
  const walk = (name: string, path: readonly string[]): void => {
    if (path.includes(name)) found.push(`a circle: ${[...path.slice(path.indexOf(name)), name].join(' > ')}`)
    if (done.has(name) || path.includes(name)) return
    for (const next of runTimeImports(name)) walk(next, [...path, name])
    done.add(name)
  }
  for (const name of modules.keys()) walk(name, [])
  return found
}

function runTimeImports(name: string): string[] {
  const imports = modules.get(name)?.imports.filter(({ typeOnly }) => !typeOnly) ?? []
  return imports.flatMap(({ to }) => (to === '#platform' ? LEAVES : modules.has(to) ? [to] : []))
}

function isIn(name: string, folder: string): boolean {
  return name === folder || name.startsWith(`${folder}/`)
}

function top(name: string): string {
  return name.split('/', 1)[0]!
}
