/** What a metadata server knows: values by name, in folders. */
export interface MetadataFolder {
  readonly [name: string]: MetadataFolder | MetadataValue
}

/** A text, a number, or a list of texts. */
export type MetadataValue = string | number | bigint | readonly string[]

/** What lies at a path, if anything does. */
export function findMetadata(
  root: MetadataFolder,
  path: readonly string[],
): MetadataFolder | MetadataValue | undefined {
  let found: MetadataFolder | MetadataValue | undefined = root
  for (const name of path) found = isFolder(found) && Object.hasOwn(found, name) ? found[name] : undefined
  return found
}

/** The form without `recursive`: a value itself, of folders and lists a name or an entry to a line. */
export function metadataText(found: MetadataFolder | MetadataValue): string {
  if (!isFolder(found)) return isList(found) ? lines(found) : String(found)
  return lines(Object.keys(found).map((name) => (isFolder(found[name]) ? `${name}/` : name)))
}

/** The form with `recursive=true`: everything below, names in camel case. */
export function metadataJson(found: MetadataFolder | MetadataValue): string {
  // Ids of machines are numbers that no double holds.
  if (!isFolder(found)) return typeof found === 'bigint' ? String(found) : JSON.stringify(found)
  const members = Object.entries(found).map(
    ([name, value]) => `${JSON.stringify(toCamelCase(name))}:${metadataJson(value)}`,
  )
  return `{${members.join(',')}}`
}

function isFolder(found: MetadataFolder | MetadataValue | undefined): found is MetadataFolder {
  return typeof found === 'object' && !isList(found)
}

function isList(found: MetadataFolder | MetadataValue): found is readonly string[] {
  return Array.isArray(found)
}

function lines(entries: readonly string[]): string {
  return entries.map((entry) => `${entry}\n`).join('')
}

/** `project-id` is `projectId`; addresses stay as they are. */
function toCamelCase(name: string): string {
  return name.includes('@') ? name : name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}
