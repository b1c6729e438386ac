import type { DirectoryItem, RestDescription } from '../discovery/document.ts'
import { methodsOf } from './methods-of.ts'

/**
 * A document as this emulator gives it out: every address in it leads back here. The API's host goes in front of its
 * paths where an API of another host has paths that begin alike.
 */
export function servedDocument(
  document: RestDescription,
  served: readonly RestDescription[],
  origin: string,
): RestDescription {
  // Regional endpoints would lead away, and the type does not know them.
  const { endpoints: _, ...rest } = document as RestDescription & { endpoints?: unknown }
  const others = served.filter((each) => hostOf(each) !== hostOf(document)).flatMap(firstSegments)
  const isAlike = firstSegments(document).some((segment) => segment.includes('{') || others.includes(segment))
  const needsHost = isAlike || others.some((segment) => segment.includes('{'))
  const root = (needsHost ? `${origin}/${hostOf(document)}` : origin) + new URL(document.rootUrl).pathname
  return {
    kind: 'discovery#restDescription',
    ...rest,
    id: apiId(document),
    rootUrl: root,
    baseUrl: root + document.servicePath,
    ...('mtlsRootUrl' in document && { mtlsRootUrl: root }),
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

/** `storage.googleapis.com`. */
export function hostOf({ rootUrl }: Pick<RestDescription, 'rootUrl'>): string {
  return new URL(rootUrl).hostname
}

/** What the paths of an API begin with. */
function firstSegments(document: RestDescription): string[] {
  const prefix = new URL(document.rootUrl).pathname.slice(1) + document.servicePath
  const paths = prefix === '' ? methodsOf(document).map(({ path }) => path) : [prefix]
  return [...new Set(paths.map((path) => path.split('/', 1)[0]!))]
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
