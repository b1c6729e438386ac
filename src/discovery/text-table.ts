/** Gives the value of a name, read from its text and changed at the first time; undefined for a name that is not there. */
export type TextTable<Stored> = <Value>(name: string, change: (stored: Stored) => Value) => Value | undefined

/** Values by name, kept as one JSON text: a fraction of what the objects themselves would take. */
export function textTable<Value, Stored>(
  members: Readonly<Record<string, Value>> = {},
  slim: (value: Value) => Stored,
): TextTable<Stored> {
  return reader(writeTexts(members, slim))
}

/** Apart from the reader, which would hold on to all that a function around it has. */
function writeTexts<Value>(
  members: Readonly<Record<string, Value>>,
  slim: (value: Value) => unknown,
): Map<string, string> {
  const names = Object.keys(members)
  const texts = names.map((name) => JSON.stringify(slim(members[name]!)))
  const all = texts.join('')
  let end = 0
  // Slices of the one text: they have no characters of their own.
  return new Map(names.map((name, i) => [name, all.slice(end, (end += texts[i]!.length))]))
}

function reader<Stored>(texts: Map<string, string>): TextTable<Stored> {
  const read = new Map<string, unknown>()
  return (name, change) => {
    const text = texts.get(name)
    if (text === undefined) return undefined
    if (!read.has(name)) read.set(name, change(JSON.parse(text) as Stored))
    return read.get(name) as ReturnType<typeof change>
  }
}
