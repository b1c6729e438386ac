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
  const nameless = new Map<string, string>()
  const lines = text.split('\n').filter((line) => !COMMENT.test(line))
  for (let i = 0; i < lines.length; i++) {
    const [, keyword, name = '', rest = ''] = DECLARATION.exec(lines[i]!) ?? []
    if (keyword === undefined) continue
    const body: string[] = []
    for (let end = i + 1; end < lines.length && lines[end] !== '' && lines[i]!.endsWith('{'); end++)
      body.push(lines[end]!)
    if (keyword === 'type') nameless.set(name, rest.replace(/^= /, ''))
    else if (keyword === 'interface') nameless.set(name, ['{', ...body].map((line) => line.trim()).join(' '))
    else interfaces.set(name, readInterface(rest, body))
  }
  const named = [...interfaces].map(([name, declared]) => [name, spellOut(declared, nameless)] as const)
  return { api: API.exec(text)?.[1], interfaces: new Map(named) }
}

const COMMENT = /^\s*(\/\*\*|\*)/
/** Types that stand in several places are not exported: their names mean nothing. */
const DECLARATION = /^(export interface|export type|interface|type) ([\w$]+) (.*)$/
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

/** With types in place of names that mean nothing. One may stand in another, but not in itself. */
function spellOut({ base, members }: Declared, nameless: ReadonlyMap<string, string>): Declared {
  const spell = (type: string, depth = 0): string =>
    depth > DEEPEST
      ? type
      : type.replace(/'(?:[^'\\]|\\.)*'|[\w$]+/g, (word) => {
          const meant = nameless.get(word)
          return meant === undefined ? word : spell(meant, depth + 1)
        })

  const spelt = [...members].map(([name, type]) => [name, spell(type)] as const)
  return { base, members: new Map(spelt) }
}

const DEEPEST = 8
