/** The values of a query parameter in an address. */
export function queryValues(url: string, name: string): string[] {
  return queryOf(url)
    .items.filter((item) => nameOf(item) === name)
    .map((item) => decode(item.slice(item.indexOf('=') + 1 || item.length)))
}

/** The same address with one value of a parameter; everything else stays as it is written. */
export function withQuery(url: string, name: string, value: string, dropped?: string): string {
  const { before, items, after } = queryOf(url)
  const item = `${encodeURIComponent(name)}=${encodeURIComponent(value)}`
  const at = items.findIndex((one) => nameOf(one) === name)
  const others = items
    .map((one, i) => (i === at ? item : one))
    .filter((one) => one === item || ![name, dropped].includes(nameOf(one)))
  return `${before}?${[...others, ...(at < 0 ? [item] : [])].join('&')}${after}`
}

interface Query {
  readonly before: string
  readonly items: readonly string[]
  /** The fragment. */
  readonly after: string
}

function queryOf(url: string): Query {
  const [, before = '', query, after = ''] = /^([^?#]*)(?:\?([^#]*))?(.*)$/s.exec(url)!
  return { before, items: query ? query.split('&') : [], after }
}

function nameOf(item: string): string {
  return decode(item.split('=', 1)[0]!)
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}
