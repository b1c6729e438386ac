import type { RestDescription } from 'discokit'
import type { PlacedMethod } from './documents.ts'

/** An address as it must come out, worked out without the product's code. */
export interface ExpectedAddress {
  /** Everything before the query. */
  readonly base: string
  /** Each query parameter, decoded, once per value, in the order given. */
  readonly query: readonly (readonly [name: string, value: string])[]
}

/** The address for a method with these URL parameters. */
export function expectedAddress(
  document: RestDescription,
  { method, parameters }: PlacedMethod,
  given: Readonly<Record<string, unknown>>,
): ExpectedAddress {
  const path = method.path
    .split(/(\{[^}]*\})/)
    .map((part) => {
      if (!part.startsWith('{')) return part
      const multi = part.startsWith('{+')
      return encode(String(given[part.slice(multi ? 2 : 1, -1)]), multi)
    })
    .join('')
  const query = Object.entries(given)
    .filter(([name]) => parameters[name]!.location === 'query')
    .flatMap(([name, value]) =>
      [value].flat().map((item) => [name, typeof item === 'string' ? item : JSON.stringify(item)] as const),
    )
  return { base: document.rootUrl + document.servicePath + path, query }
}

/** Percent-encodes each byte of the UTF-8 form that is not an unreserved character. */
function encode(value: string, slashesStay: boolean): string {
  return [...Buffer.from(value, 'utf8')]
    .map((byte) => {
      const character = String.fromCharCode(byte)
      return /[A-Za-z0-9_.~-]/.test(character) || (slashesStay && character === '/')
        ? character
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')
}
