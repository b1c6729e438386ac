/**
 * The items of a page. Most answers have one list; where there are several, `items` wins, then the one named like
 * the resource (`files` for `drive.files.list`), then the only list of objects.
 */
export function itemsOf(page: unknown, resource: string): readonly unknown[] {
  if (typeof page !== 'object' || page === null) return []
  const lists = Object.entries(page).filter(
    (entry): entry is [string, unknown[]] => Array.isArray(entry[1]) && !ASIDE.test(entry[0]),
  )
  const named = lists.find(([name]) => name === 'items') ?? lists.find(([name]) => name === resource)
  if (named) return named[1]
  const ofObjects = lists.filter(([, list]) => typeof list[0] === 'object')
  return (ofObjects.length === 1 ? ofObjects[0]![1] : lists.length === 1 ? lists[0]![1] : undefined) ?? []
}

/** Lists that say something about the page. Servers leave out an empty list of items, and then these stand alone. */
const ASIDE = /^(unreachables?|prefixes|appliedControls)$/
