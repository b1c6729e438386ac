import type { DirectoryItem, RestDescription } from '../discovery/document.ts'

/** A document as this emulator gives it out: every address in it leads back here. */
export function servedDocument(document: RestDescription, origin: string): RestDescription {
  // Regional endpoints would lead away, and the type does not know them.
  const { endpoints: _, ...rest } = document as RestDescription & { endpoints?: unknown }
  return {
    kind: 'discovery#restDescription',
    ...rest,
    id: apiId(document),
    rootUrl: `${origin}/`,
    baseUrl: `${origin}/${document.servicePath}`,
    ...('mtlsRootUrl' in document && { mtlsRootUrl: `${origin}/` }),
    ...('discoveryRestUrl' in document && { discoveryRestUrl: restUrl(document, origin) }),
    ...(document.batchPath?.includes('://') && {
      batchPath: new URL(document.batchPath).pathname.slice(1),
    }),
  }
}

/** One API of the directory. */
export function directoryItem(
  document: RestDescription,
  preferred: boolean,
  origin: string,
): DirectoryItem & { readonly kind: string } {
  const { name, version, title, description, documentationLink } = document
  return {
    kind: 'discovery#directoryItem',
    id: apiId(document),
    name,
    version,
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    discoveryRestUrl: restUrl(document, origin),
    ...(documentationLink !== undefined && { documentationLink }),
    preferred,
  }
}

/** `storage:v1`. */
export function apiId({ name, version }: Pick<RestDescription, 'name' | 'version'>): string {
  return `${name}:${version}`
}

/** The version of an API to take when none is named: stable before beta before alpha, then the highest. */
export function preferredVersion(versions: readonly string[]): string | undefined {
  return versions.toSorted((a, b) => stability(b) - stability(a) || compareNumbers(b, a))[0]
}

function stability(version: string): number {
  return version.includes('alpha') ? 0 : version.includes('beta') ? 1 : 2
}

function compareNumbers(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true })
}

function restUrl({ name, version }: RestDescription, origin: string): string {
  return `${origin}/discovery/v1/apis/${name}/${version}/rest`
}
