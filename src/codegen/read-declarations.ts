/** What a generated file declares, read again. Its form is ours, so lines suffice. */
export interface Declarations {
  /** The interface of the API. */
  readonly api: string | undefined
  readonly interfaces: ReadonlyMap<string, Declared>
}

/** An interface, or a type by another name, which then has one member without a name. */
export interface Declared {
  readonly base: string | undefined
  /** The type of each member, with `readonly` and `?` before it where they are. */
  readonly members: ReadonlyMap<string, string>
}

export function readDeclarations(text: string): Declarations {
  const interfaces = new Map<string, Declared>()
  const enums = new Map<string, string>()
  const lines = text.split('\n').filter((line) => !COMMENT.test(line))
  for (let i = 0; i < lines.length; i++) {
    const [, keyword, name = '', rest = ''] = DECLARATION.exec(lines[i]!) ?? []
    if (keyword === undefined) continue
    const body: string[] = []
    for (let end = i + 1; end < lines.length && lines[end] !== '' && lines[i]!.endsWith('{'); end++)
      body.push(lines[end]!)
    if (keyword === 'type') enums.set(name, rest.replace(/^= /, ''))
    else interfaces.set(name, readInterface(rest, body))
  }
  const named = [...interfaces].map(([name, declared]) => [name, spellOut(declared, enums)] as const)
  return { api: API.exec(text)?.[1], interfaces: new Map(named) }
}

const COMMENT = /^\s*(\/\*\*|\*)/
/** Enums that stand in several places are not exported: their names mean nothing. */
const DECLARATION = /^(export interface|export type|type) ([\w$]+) (.*)$/
const API = /^const [\w$]+: ApiDefinition\d*<([\w$]+)>/m
const MEMBER = /^ {2}(readonly )?('(?:[^'\\]|\\.)*'|[\w$]+)(\??): (.*)$/

function readInterface(rest: string, body: readonly string[]): Declared {
  const [, base, opening = ''] = /^(?:extends ([\w$]+) )?(.*)$/.exec(rest) ?? []
  const members = new Map<string, string>()
  let last = ''
  for (const line of body) {
    const [, readOnly = '', name = '', optional = '', type = ''] = MEMBER.exec(line) ?? []
    if (name !== '') {
      last = name
      members.set(name, `${readOnly}${optional}${type}`)
    } else if (line !== '}') members.set(last, `${members.get(last) ?? ''} ${line.trim()}`.trim())
  }
  if (opening !== '{' && opening !== '{}') members.set('', [opening.replace(/^= /, ''), ...body].join(' '))
  return { base, members }
}

/** With the values of enums in place of their names. */
function spellOut({ base, members }: Declared, enums: ReadonlyMap<string, string>): Declared {
  const spelt = [...members].map(
    ([name, type]) => [name, type.replace(/[\w$]+/g, (word) => enums.get(word) ?? word)] as const,
  )
  return { base, members: new Map(spelt) }
}
