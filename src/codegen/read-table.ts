import { isTable, tableSource } from '../discovery/api-table.ts'
import type { RestDescription } from '../discovery/document.ts'
import { unquote } from './names.ts'

/** The document for which the table of a generated file stands; undefined when there is none. Nothing is run. */
export function readTable(text: string): RestDescription | undefined {
  const table: Record<string, unknown> = {}
  const resources: Record<string, string> = Object.create(null) as Record<string, string>
  const [, body = ''] = /^const [\w$]+: ApiDefinition\d*<[\w$]+> = \{\n([^]*)/m.exec(text) ?? []
  for (const [, indent, name = '', literal = ''] of body.matchAll(MEMBER)) {
    const key = name.startsWith("'") ? unquote(name) : name.replace(/^\['(.*)'\]$/, '$1')
    if (indent === '  ') table[key] = unquote(literal)
    else resources[key] = unquote(literal)
  }
  try {
    return isTable(table) ? tableSource({ ...table, resources }, false).document : undefined
  } catch {
    return undefined // it says too little
  }
}

const LITERAL = String.raw`'(?:[^'\\\n]|\\.)*'`
const MEMBER = new RegExp(String.raw`^( {2}| {4})([\w$]+|\['__proto__'\]|${LITERAL}): (${LITERAL}),$`, 'gm')
