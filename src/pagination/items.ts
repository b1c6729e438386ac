import type { JsonSchema } from '../discovery/document.ts'

/** The member of an answer that holds its items: a list, or a map whose entries they are. */
export interface ItemsPlace {
  readonly kind: 'list' | 'map'
  readonly name: string
}

/**
 * Where the answers of a method have their items, by their schema; undefined when they have none or it could be two.
 * `items` wins, then the only list, then the one named like the resource or the method (`files` for
 * `drive.files.list`, `deployedModels` for `queryDeployedModels`), then `rows` or `results`, then the only one of
 * more than plain values; without any list, the only map of objects.
 */
export function itemsPlace(id: string, schema: JsonSchema): ItemsPlace | undefined {
  const members: Member[] = []
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const inner = property.items ?? property.additionalProperties
    if (!inner) continue
    const structured = inner.$ref !== undefined || inner.type === 'object' || inner.type === 'array'
    const kind = property.items ? 'list' : 'map'
    if (kind === 'list' || structured) members.push({ kind, name, structured })
  }
  return choose(id, members)
}

/** The items of an answer. Without a schema its members are looked at in the same way. */
export function itemsIn(page: unknown, id: string, place?: ItemsPlace | null): readonly unknown[] {
  if (!isObject(page) || place === null) return []
  const found = place ?? choose(id, membersOf(page))
  const value = found && page[found.name]
  if (Array.isArray(value)) return value
  return found?.kind === 'map' && isObject(value) ? Object.entries(value) : []
}

interface Member extends ItemsPlace {
  /** Whether it holds more than plain values. */
  readonly structured: boolean
}

/** Of maps only one called `items`: any other object may be a part of the answer. */
function membersOf(page: Readonly<Record<string, unknown>>): Member[] {
  const members: Member[] = []
  for (const name in page) {
    const value = page[name]
    if (Array.isArray(value)) members.push({ kind: 'list', name, structured: typeof value[0] === 'object' })
    else if (name === 'items' && isObject(value) && Object.values(value).every(isObject)) {
      members.push({ kind: 'map', name, structured: true })
    }
  }
  return members
}

function choose(id: string, members: readonly Member[]): ItemsPlace | undefined {
  const lists = members.filter(({ kind, name }) => kind === 'list' && !ASIDE.test(name))
  const candidates = lists.length > 0 ? lists : members.filter(({ kind }) => kind === 'map')
  const [resource = '', method = ''] = id.split('.').slice(-2)
  const nouns = [resource, method.replace(/^[a-z]+/, '')].map(singular)
  const chosen =
    members.find(({ name }) => name === 'items') ??
    only(candidates) ??
    lists.find(({ name }) => nouns.includes(singular(name))) ??
    lists.find(({ name }) => /^(rows|results)$/.test(name)) ??
    only(lists.filter(({ structured }) => structured))
  return chosen && { kind: chosen.kind, name: chosen.name }
}

/** Lists that say something about the page. Servers leave out an empty list of items, and then these stand alone. */
const ASIDE = /^(unreachables?|prefixes|appliedControls|warnings|errors|columnHeaders|link)$/

function only<T>(things: readonly T[]): T | undefined {
  return things.length === 1 ? things[0] : undefined
}

function singular(noun: string): string {
  return noun.toLowerCase().replace(/s$/, '')
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
